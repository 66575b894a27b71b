//! The door for ECR's events, which EventBridge hands over by invoking the function.

use super::{Note, Notebook};
use roadstead_senders::{Received, ecr};

/// What the door knows.
pub struct RegistryDoor {
    /// Where it writes.
    pub notebook: Notebook,
}

/// The event was not written; the invocation fails, so that Lambda delivers the event again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event could not be written")]
pub struct NotTaken;

/// Takes one event. What is malformed is told to the log and not asked for again: it would be no better.
///
/// # Errors
/// [`NotTaken`] while state is unavailable.
pub async fn registry_push(door: &RegistryDoor, event: &[u8]) -> Result<(), NotTaken> {
    let trigger = match ecr::receive(event, door.notebook.time.now()) {
        Ok(Received::Trigger(trigger)) => trigger,
        Ok(Received::NoEffect { reason }) => {
            tracing::debug!(reason, "an event has no effect");
            return Ok(());
        }
        Err(error) => {
            tracing::warn!(%error, "an event is not what ECR writes");
            return Ok(());
        }
    };
    match door.notebook.take_note(&trigger).await {
        Note::Taken | Note::Known => Ok(()),
        Note::Conflict => {
            tracing::warn!(trigger = trigger.key, "two events have one id");
            Ok(())
        }
        Note::Unavailable => Err(NotTaken),
    }
}

#[cfg(test)]
mod tests;
