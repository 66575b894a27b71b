//! The door for CI systems: `POST /images`.

use super::{Notebook, answer};
use http::{Response, request::Parts};
use roadstead_senders::{
    Received,
    images::{self, Key},
};

/// What the door knows.
pub struct ImagesDoor {
    /// Where it writes.
    pub notebook: Notebook,
    /// Who may speak, and of which images.
    pub keys: Vec<Key>,
}

/// Answers one message.
pub async fn images(door: &ImagesDoor, request: &Parts, body: &[u8]) -> Response<String> {
    match images::receive(&door.keys, &request.headers, body, door.notebook.time.now()) {
        Ok(Received::Trigger(trigger)) => {
            answer::of_note_with_outcome(&door.notebook.take_note(&trigger).await, &trigger.key)
        }
        Ok(Received::NoEffect { reason }) => answer::of_no_effect(reason),
        Err(error) => answer::of_bearer_error(&error),
    }
}

#[cfg(test)]
mod tests;
