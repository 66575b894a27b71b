//! From a call that failed to who must act.

use super::{CallError, denial::Denial, state::StateError};
use roadstead_domain::refusal::Refusal;

impl From<CallError> for Refusal {
    fn from(error: CallError) -> Self {
        let text = error.to_string();
        match error {
            CallError::Refused { .. } | CallError::Forbidden { .. } => match Denial::of(&text) {
                Some(denial) => denial.refusal(&text),
                None => Refusal::rejected(text),
            },
            CallError::Missing { .. } => Refusal::rejected(text),
            CallError::Unauthorized { .. } => Refusal::broken(text),
            CallError::Conflict { .. } => Refusal::unavailable(text),
            CallError::Throttled { after, .. } => Refusal { after, ..Refusal::unavailable(text) },
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
