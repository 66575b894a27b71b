//! The normal form of everything that comes in.

use jiff::Timestamp;
use roadstead_domain::{
    actor::Actor,
    trigger::{Sighting, Trigger},
};
use std::collections::BTreeMap;

/// What a verified request turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// Something to look at.
    Trigger(Box<Trigger>),
    /// Genuine, and of no concern to us.
    NoEffect {
        /// Why.
        reason: &'static str,
    },
}

impl Received {
    /// A trigger that nobody has begun.
    pub(crate) fn trigger(key: String, actor: Actor, received_at: Timestamp, sighting: Sighting) -> Self {
        Received::Trigger(Box::new(trigger(key, actor, received_at, sighting)))
    }
}

/// A trigger that nobody has begun. Its time is cut to whole milliseconds, as its row holds it.
pub(crate) fn trigger(key: String, actor: Actor, received_at: Timestamp, sighting: Sighting) -> Trigger {
    let received_at = Timestamp::from_millisecond(received_at.as_millisecond()).unwrap_or(received_at);
    Trigger { key, actor, received_at, sighting, reply: None, outcomes: BTreeMap::new(), closed: None }
}
