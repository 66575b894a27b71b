//! A table and a queue that can fail in every way, and what the door makes of it.

use super::*;
use jiff::Timestamp;
use roadstead_domain::{
    actor::Actor,
    repository::{Host, Repository},
    trigger::{HowClosed, Sighting},
};
use roadstead_steps::nouns::{
    CallError,
    state::{Change, Consistency, DUE_AT, Due, Key, Query},
};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Fault {
    #[default]
    Never,
    /// It does not arrive.
    Lost,
    /// It is done, and the answer does not arrive; the caller's next attempt of the same call does.
    AnswerLost,
    /// Another write is under way.
    Busy,
    /// It is done, and there is no answer, ever.
    Hangs,
}

/// One table and one queue. A table that refuses shows the row, as DynamoDB does when it is asked to.
#[derive(Default)]
pub(crate) struct Outside {
    pub(crate) rows: Mutex<BTreeMap<Key, Row>>,
    pub(crate) sent: Mutex<Vec<Message>>,
    pub(crate) writes: Mutex<usize>,
    /// How often the time was asked for; a millisecond passes each time.
    pub(crate) asked: AtomicI64,
    /// Whether rows may be read by their keys.
    pub(crate) may_read: bool,
    pub(crate) state_fault: Fault,
    pub(crate) queue_fault: Fault,
}

fn unavailable(maybe_done: bool) -> CallError {
    CallError::Unavailable { reason: "no answer".to_owned(), maybe_done }
}

impl Outside {
    fn put(&self, row: &Row) -> Result<(), StateError> {
        let mut rows = self.rows.lock().unwrap();
        if let Some(there) = rows.get(&row.key) {
            return Err(StateError::Refused { write: 0, row: Some(there.clone()) });
        }
        rows.insert(row.key.clone(), row.clone());
        Ok(())
    }
}

#[async_trait::async_trait]
impl State for Outside {
    async fn get(&self, key: &Key, _: Consistency) -> Result<Option<Row>, StateError> {
        assert!(self.may_read, "a door that takes notes reads nothing");
        match self.state_fault {
            Fault::Never => Ok(self.rows.lock().unwrap().get(key).cloned()),
            _ => Err(unavailable(false).into()),
        }
    }

    async fn query(&self, _: &Query) -> Result<Vec<Row>, StateError> {
        panic!("a door reads nothing")
    }

    async fn due(&self, _: u32, _: Timestamp, _: usize) -> Result<Vec<Due>, StateError> {
        panic!("a door reads nothing")
    }

    async fn update(&self, _: &Key, _: &[Change], _: &Condition) -> Result<Row, StateError> {
        panic!("a door changes nothing")
    }

    async fn commit(&self, writes: &[Write]) -> Result<(), StateError> {
        let [Write::Put(row, Condition::RowMissing)] = writes else { panic!("one conditional put") };
        *self.writes.lock().unwrap() += 1;
        match self.state_fault {
            Fault::Never => self.put(row),
            Fault::Lost => Err(unavailable(false).into()),
            Fault::AnswerLost => self.put(row).and_then(|()| self.put(row)),
            Fault::Busy => Err(StateError::Busy),
            Fault::Hangs => {
                self.put(row)?;
                std::future::pending().await
            }
        }
    }
}

#[async_trait::async_trait]
impl Queue for Outside {
    async fn send(&self, message: &Message, delay: SignedDuration) -> Result<(), CallError> {
        assert_eq!(delay, SignedDuration::ZERO);
        if self.queue_fault == Fault::Hangs {
            std::future::pending::<()>().await;
        }
        if self.queue_fault != Fault::Never {
            return Err(unavailable(true));
        }
        self.sent.lock().unwrap().push(message.clone());
        Ok(())
    }
}

#[async_trait::async_trait]
impl Time for Outside {
    fn now(&self) -> Timestamp {
        let passed = self.asked.fetch_add(1, Ordering::Relaxed);
        Timestamp::from_millisecond(1_790_000_000_000 + passed).unwrap()
    }

    async fn sleep(&self, _: SignedDuration) {
        panic!("a door does not wait")
    }
}

impl Outside {
    pub(crate) fn notebook(self: &Arc<Self>) -> Notebook {
        Notebook { state: self.clone(), queue: self.clone(), time: self.clone() }
    }

    /// How many rows there are, how many messages were sent, how many writes were tried.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let rows = self.rows.lock().unwrap().len();
        (rows, self.sent.lock().unwrap().len(), *self.writes.lock().unwrap())
    }
}

fn outside(state_fault: Fault, queue_fault: Fault) -> Arc<Outside> {
    Arc::new(Outside { state_fault, queue_fault, ..Outside::default() })
}

fn trigger(branch: &str, milliseconds: i64) -> Trigger {
    let repository = Repository { host: Host::Github, id: 1, full_name: "acme/shop".to_owned() };
    Trigger {
        key: "test#1".to_owned(),
        actor: Actor::Roadstead,
        received_at: Timestamp::from_millisecond(milliseconds).unwrap(),
        sighting: Sighting::Push { repository, branch: branch.to_owned(), head: None },
        reply: None,
        outcomes: BTreeMap::new(),
        closed: None,
    }
}

#[tokio::test]
async fn a_new_trigger_is_one_put_and_one_message() {
    let outside = outside(Fault::Never, Fault::Never);
    assert_eq!(outside.notebook().take_note(&trigger("main", 5000)).await, Note::Taken);
    assert_eq!(outside.counts(), (1, 1, 1));
    let row = outside.rows.lock().unwrap().remove(&Key::new("trigger#test#1", "trigger")).unwrap();
    assert_eq!(row.attributes.get(DUE_AT), Some(&65_000.into()));
    assert_eq!(rows::read::<Trigger>(&row), Ok(trigger("main", 5000)));
}

#[tokio::test]
async fn the_same_again_is_known_and_sends_nothing() {
    let outside = outside(Fault::Never, Fault::Never);
    outside.notebook().take_note(&trigger("main", 5000)).await;
    assert_eq!(outside.notebook().take_note(&trigger("main", 5001)).await, Note::Known);
    assert_eq!(outside.counts(), (1, 1, 2));
}

#[tokio::test]
async fn it_is_known_also_after_it_was_carried_out() {
    let outside = outside(Fault::Never, Fault::Never);
    let done = Trigger { closed: Some(HowClosed::Told.because("done")), ..trigger("main", 5000) };
    let row = rows::row(rows::trigger(&done.key), &done, None).unwrap();
    outside.rows.lock().unwrap().insert(row.key.clone(), row);
    assert_eq!(outside.notebook().take_note(&trigger("main", 5000)).await, Note::Known);
    assert_eq!(outside.counts(), (1, 0, 1));
}

#[tokio::test]
async fn something_else_under_the_same_key_is_a_conflict() {
    let outside = outside(Fault::Never, Fault::Never);
    outside.notebook().take_note(&trigger("main", 5000)).await;
    assert_eq!(outside.notebook().take_note(&trigger("other", 5001)).await, Note::Conflict);
    assert_eq!(outside.counts(), (1, 1, 2));
}

#[tokio::test]
async fn a_refusal_that_shows_our_own_row_is_success() {
    let outside = outside(Fault::AnswerLost, Fault::Never);
    assert_eq!(outside.notebook().take_note(&trigger("main", 5000)).await, Note::Taken);
    assert_eq!(outside.counts(), (1, 1, 1));
}

#[tokio::test]
async fn what_was_not_written_is_not_taken() {
    for fault in [Fault::Lost, Fault::Busy] {
        let outside = outside(fault, Fault::Never);
        assert_eq!(outside.notebook().take_note(&trigger("main", 5000)).await, Note::Unavailable);
        assert_eq!(outside.counts(), (0, 0, 1));
    }
}

#[tokio::test]
async fn a_message_that_is_lost_changes_nothing() {
    let outside = outside(Fault::Never, Fault::Lost);
    assert_eq!(outside.notebook().take_note(&trigger("main", 5000)).await, Note::Taken);
    assert_eq!(outside.counts(), (1, 0, 1));
}

#[tokio::test]
async fn a_row_that_is_no_trigger_is_left_as_it_is() {
    let outside = outside(Fault::Never, Fault::Never);
    let row = Row { key: rows::trigger("test#1"), attributes: serde_json::Map::new() };
    outside.rows.lock().unwrap().insert(row.key.clone(), row);
    assert_eq!(outside.notebook().take_note(&trigger("main", 5000)).await, Note::Unavailable);
    assert_eq!(outside.counts(), (1, 0, 1));
}
