//! From a call that failed to who must act.

use super::{CallError, state::StateError};
use roadstead_domain::refusal::Refusal;

/// How an API server says that a namespace ends (Kubernetes, admission plugin `NamespaceLifecycle`): it passes by itself.
const TERMINATING: &str = "is being terminated";

impl From<CallError> for Refusal {
    fn from(error: CallError) -> Self {
        let text = error.to_string();
        match error {
            CallError::Forbidden { reason } if reason.contains(TERMINATING) => Refusal::unavailable(text),
            CallError::Refused { .. } | CallError::Forbidden { .. } | CallError::Missing { .. } => {
                Refusal::rejected(text)
            }
            CallError::Conflict { .. } | CallError::Throttled { .. } => Refusal::unavailable(text),
            CallError::Unavailable { maybe_done: false, .. } => Refusal::unavailable(text),
            CallError::Unavailable { maybe_done: true, .. } => Refusal::unavailable(text).maybe_done(),
            CallError::Broken { .. } => Refusal::broken(text),
        }
    }
}

impl From<StateError> for Refusal {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Refused { .. } | StateError::Busy => Refusal::unavailable(error.to_string()),
            StateError::Call(error) => {
                let text = format!("the table did not answer: {error}");
                Refusal { maybe_done: error.maybe_done(), ..Refusal::unavailable(text) }
            }
        }
    }
}
