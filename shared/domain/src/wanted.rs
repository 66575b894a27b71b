//! What is wanted of an environment now: an intent, and what goes with it from one generation to the next.

use crate::{
    actor::Actor,
    intent::{Cause, Intent},
    lifetime::Extension,
    repository::Commit,
};
use serde::{Deserialize, Serialize};

/// What an environment should be now, counted by generations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Counts the intents of an environment, from 1.
    pub generation: u64,
    /// Counts the reasons to look at the source again within one generation.
    pub looks: u64,
    /// The intent itself.
    pub intent: Intent,
    /// Where it comes from.
    pub cause: Cause,
    /// How long people want it to live at least, where they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// Whether what failed before may be deployed again: it is forgotten when this is begun.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forgets_tried: bool,
    /// A head that somebody without the right pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
}

/// A head of a pull request that somebody without the right pushed, or brought back: nothing automatic is bound to it. Whoever
/// has the right may still ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The head.
    pub commit: Commit,
    /// What people are told of it.
    pub why: String,
}

impl Wanted {
    /// The next generation. What nobody has begun to forget is forgotten with it, and what is held stays so.
    #[must_use]
    pub fn raised(&self, intent: Intent, cause: Cause) -> Self {
        Self { generation: self.generation + 1, looks: 0, intent, cause, ..self.clone() }
    }

    /// Whether nothing automatic may be bound to a head.
    pub fn holds(&self, head: &Commit) -> bool {
        self.held.as_ref().is_some_and(|held| held.commit == *head)
    }

    /// Whether somebody with the right stands behind a commit: a trigger of theirs named it.
    pub fn vouches_for(&self, commit: &Commit) -> bool {
        self.cause.actor != Actor::Roadstead && self.intent.names() == Some(commit)
    }
}
