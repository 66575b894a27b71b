//! Why something cannot be done, in one of three classes, decided where it arises.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The user must act: the text says what and where, in their words.
    Rejected,
    /// Nobody need act: it is tried again until the row's deadline.
    Unavailable,
    /// We must act: the row says so, and an alarm tells us.
    Broken,
}

/// Why a step did not succeed. The text has one level; the chain is printed once, at the edge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Who must act.
    pub class: Class,
    /// What is wrong, in one or two sentences that a person understands. Never holds a secret.
    pub text: String,
    /// Whether the effect may have happened, or may still happen, although no answer came.
    #[serde(default)]
    pub maybe_done: bool,
    /// How long the other side asked us to wait, where it said so. Not kept.
    #[serde(skip)]
    pub after: Option<SignedDuration>,
}

impl Refusal {
    /// The user must act.
    pub fn rejected(text: impl Into<String>) -> Self {
        Self { class: Class::Rejected, text: text.into(), maybe_done: false, after: None }
    }

    /// It is worth another try.
    pub fn unavailable(text: impl Into<String>) -> Self {
        Self { class: Class::Unavailable, text: text.into(), maybe_done: false, after: None }
    }

    /// We must act.
    pub fn broken(text: impl Into<String>) -> Self {
        Self { class: Class::Broken, text: text.into(), maybe_done: false, after: None }
    }

    /// The same, of a call whose effect may have happened.
    #[must_use]
    pub fn maybe_done(mut self) -> Self {
        self.maybe_done = true;
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Refusal {}
