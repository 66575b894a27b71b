//! Waiting as long as GitHub asks (REST API, "Best practices": who goes on while being limited is shut out for longer).

use jiff::{SignedDuration, Timestamp};
use roadstead_steps::nouns::CallError;
use std::sync::{Mutex, PoisonError};

/// Until when nothing is sent that changes something.
#[derive(Default)]
pub(super) struct Pause(Mutex<Option<Timestamp>>);

impl Pause {
    /// Refuses in GitHub's place while it asked us to wait.
    ///
    /// # Errors
    /// [`CallError::Throttled`], with what is left of the pause.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), CallError> {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match until.map(|until| until.duration_since(now)).filter(SignedDuration::is_positive) {
            Some(left) => {
                let reason = "GitHub asked us to wait".to_owned();
                Err(CallError::Throttled { reason, after: Some(left) })
            }
            None => Ok(()),
        }
    }

    /// Remembers that GitHub asked us to wait, if this says so.
    pub(super) fn note(&self, error: &CallError, now: Timestamp) {
        if let CallError::Throttled { after: Some(after), .. } = error {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now.checked_add(*after).ok();
        }
    }
}
