//! Watches: what happens to the objects of a kind after a version.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Cluster;
use super::kinds::Kind;
use super::object;
use super::refusal::Refusal;
use super::request::Call;
use super::selectors::Selection;
use super::shown::Form;
use super::store::{Change, Store};

/// How long a watch stays open where its caller does not say.
const DEFAULT_LENGTH: SignedDuration = SignedDuration::from_mins(30);

/// An open watch. [`Cluster::events`] reads what happened since it was last asked.
pub struct Watch {
    kind: &'static Kind,
    namespace: String,
    selection: Selection,
    form: Form,
    start: Start,
    ends_at: Timestamp,
}

#[derive(Clone, Copy)]
enum Start {
    /// With everything that is there.
    Present,
    /// After a version.
    After(u64),
    /// Nothing more comes.
    Expired,
}

impl Watch {
    /// Opens the watch that a request asks for.
    pub(super) fn open(call: &Call<'_>, now: Timestamp) -> Result<Watch, Refusal> {
        if !call.query("sendInitialEvents").is_empty() {
            return Err(Refusal::no_initial_events());
        }
        let start = match call.number("resourceVersion")? {
            0 => Start::Present,
            version => Start::After(version),
        };
        let seconds = i64::try_from(call.number("timeoutSeconds")?).unwrap_or_default();
        let length = if seconds == 0 { DEFAULT_LENGTH } else { SignedDuration::from_secs(seconds) };
        Ok(Watch {
            kind: call.kind,
            namespace: call.namespace.to_owned(),
            selection: Selection::parse(call.query("labelSelector"), call.query("fieldSelector"))?,
            form: Form::asked(call),
            start,
            ends_at: now.checked_add(length).unwrap_or(Timestamp::MAX),
        })
    }

    /// When the server closes it.
    pub fn ends_at(&self) -> Timestamp {
        self.ends_at
    }

    /// Whether nothing more comes: its version is no longer known, and it has said so.
    pub fn is_over(&self) -> bool {
        matches!(self.start, Start::Expired)
    }

    fn concerns(&self, object: &Value) -> bool {
        (self.namespace.is_empty() || self.namespace == object::namespace(object))
            && self.selection.matches(object)
    }

    fn event(&self, kind: &str, object: &Value, now: Timestamp) -> Value {
        json!({ "type": kind, "object": self.form.object(self.kind, object, now) })
    }

    fn present(&self, store: &Store, now: Timestamp) -> Vec<Value> {
        let there = store.list(self.kind, None).filter(|object| self.concerns(object));
        there.map(|object| self.event("ADDED", object, now)).collect()
    }

    /// The event of one change: an object enters, changes within, or leaves what is watched.
    fn of_change(&self, change: &Change, now: Timestamp) -> Option<Value> {
        if change.kind.resource() != self.kind.resource() {
            return None;
        }
        let was = change.before.as_ref().is_some_and(|before| self.concerns(before));
        let is = !change.deleted && self.concerns(&change.object);
        let kind = match (was, is) {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            (false, false) => return None,
        };
        Some(self.event(kind, &change.object, now))
    }
}

impl Cluster {
    /// The events (`{"type", "object"}`, one line of a watch each) since this watch was opened or last asked.
    ///
    /// A watch from a version that is no longer known gets one `ERROR` (410 Expired) and is over.
    pub fn events(&self, watch: &mut Watch) -> Vec<Value> {
        let events = match watch.start {
            Start::Expired => return Vec::new(),
            Start::Present => watch.present(&self.store, self.now),
            Start::After(version) => match self.store.since(version) {
                Some(changes) => changes.filter_map(|change| watch.of_change(change, self.now)).collect(),
                None => {
                    watch.start = Start::Expired;
                    let refusal = Refusal::gone(format!("too old resource version: {version}"));
                    return vec![json!({ "type": "ERROR", "object": refusal.to_value() })];
                }
            },
        };
        watch.start = Start::After(self.store.version());
        events
    }
}
