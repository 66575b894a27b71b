//! The nouns: everything outside that a step may talk to.
//!
//! A call through a noun is one attempt on the wire and ends before its caller does: retrying belongs to the step.

pub mod chat;
pub mod cluster;
pub mod credentials;
pub mod denial;
pub mod dns;
pub mod git_host;
pub mod queue;
mod refuse;
pub mod registry;
pub mod secret;
pub mod state;
pub mod time;

pub use chat::Chat;
pub use cluster::{Cluster, Clusters};
pub use credentials::ClusterCredentials;
pub use dns::Dns;
pub use git_host::GitHost;
pub use queue::Queue;
pub use registry::Registry;
pub use secret::Secrets;
pub use state::State;
pub use time::Time;

use jiff::SignedDuration;

/// Why a call through a noun did not answer what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The other side understood and said no; the text is its reason, free of secrets.
    #[error("{reason}")]
    Refused {
        /// Its own words.
        reason: String,
    },
    /// The other side does not let us do this.
    #[error("{reason}")]
    Forbidden {
        /// Its own words.
        reason: String,
    },
    /// The other side does not know us.
    #[error("{reason}")]
    Unauthorized {
        /// Its own words.
        reason: String,
    },
    /// Something changed since it was read, or belongs to somebody else.
    #[error("{reason}")]
    Conflict {
        /// Its own words.
        reason: String,
    },
    /// What the call is about does not exist.
    #[error("not found: {reason}")]
    Missing {
        /// What is missing.
        reason: String,
    },
    /// Too many calls.
    #[error("too many requests: {reason}")]
    Throttled {
        /// Its own words.
        reason: String,
        /// How long the other side asks us to wait, where it says so.
        after: Option<SignedDuration>,
    },
    /// No clear answer. Where `maybe_done` is set the effect may have happened, or may still happen.
    #[error("{reason}")]
    Unavailable {
        /// What went wrong.
        reason: String,
        /// Whether the request may have reached the other side.
        maybe_done: bool,
    },
    /// The answer makes no sense to us.
    #[error("{reason}")]
    Broken {
        /// What was odd.
        reason: String,
    },
}

impl CallError {
    /// Whether the effect of the call may have happened, or may still happen.
    pub fn maybe_done(&self) -> bool {
        matches!(self, CallError::Unavailable { maybe_done: true, .. })
    }
}
