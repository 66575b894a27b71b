//! Taking note: one conditional put and one message.

use jiff::SignedDuration;
use roadstead_domain::{message::Message, trigger::Trigger};
use roadstead_steps::{
    context::Context,
    nouns::{
        Queue, State, Time,
        state::{Condition, Row, StateError, Write},
    },
    rows,
};
use std::sync::Arc;

/// When the clock sends a trigger's message again, if nothing came of the first.
pub const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(60);

/// What a door writes with.
#[derive(Clone)]
pub struct Notebook {
    /// Where the row goes.
    pub state: Arc<dyn State>,
    /// Where the message goes.
    pub queue: Arc<dyn Queue>,
    /// When it came in.
    pub time: Arc<dyn Time>,
}

impl From<Context> for Notebook {
    fn from(Context { state, queue, time, .. }: Context) -> Self {
        Self { state, queue, time }
    }
}

/// What became of a trigger at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// It was written just now.
    Taken,
    /// It was there already, and says the same.
    Known,
    /// Another one is there under its key, and says something else.
    Conflict,
    /// It is not certain that it was written. The sender may send it again.
    Unavailable,
}

impl Notebook {
    /// Writes the trigger once, and sends its message. A message that is lost costs a minute: the clock sends it again.
    pub async fn take_note(&self, trigger: &Trigger) -> Note {
        let note = self.write(trigger).await;
        if note == Note::Taken {
            self.send(trigger).await;
        }
        note
    }

    /// Writes the trigger once. Its message is to be sent if it was taken.
    pub(super) async fn write(&self, trigger: &Trigger) -> Note {
        let due_at = trigger.received_at + FIRST_LOOK;
        let Ok(row) = rows::row(rows::trigger(&trigger.key), trigger, Some(due_at)) else {
            tracing::error!(trigger = trigger.key, "a trigger has no form as a row");
            return Note::Unavailable;
        };
        match self.state.commit(&[Write::Put(row, Condition::RowMissing)]).await {
            Ok(()) => Note::Taken,
            Err(StateError::Refused { row: Some(row), .. }) => compare(trigger, &row),
            Err(error) => {
                tracing::warn!(trigger = trigger.key, %error, "a trigger was not written");
                Note::Unavailable
            }
        }
    }

    pub(super) async fn send(&self, trigger: &Trigger) {
        let message = Message::Trigger { key: trigger.key.clone() };
        if let Err(error) = self.queue.send(&message, SignedDuration::ZERO).await {
            tracing::warn!(trigger = trigger.key, %error, "a trigger waits for the clock");
        }
    }
}

/// What a refusal means. A row that is ours to the millisecond was written by this very put, whose answer was lost; or by
/// a twin within the same millisecond, after which a second message changes nothing.
fn compare(ours: &Trigger, row: &Row) -> Note {
    match rows::read::<Trigger>(row) {
        Ok(there) if there == *ours => Note::Taken,
        Ok(there) if there.actor == ours.actor && there.sighting == ours.sighting => Note::Known,
        Ok(_) => Note::Conflict,
        Err(error) => {
            tracing::error!(row = row.key.partition, %error, "a row is not a trigger");
            Note::Unavailable
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
