//! The door for CI systems: `POST /images`, and what came of it.

use super::{Notebook, answer, outcomes};
use http::{HeaderValue, Response, StatusCode, header, request::Parts};
use roadstead_domain::actor::Actor;
use roadstead_senders::{
    DoorError, Received,
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
        Err(error) => turned_away(&error),
    }
}

/// Answers whoever asks for the outcome of a message.
pub async fn outcome(door: &ImagesDoor, request: &Parts) -> Response<String> {
    match images::sender(&door.keys, &request.headers) {
        Ok(key) => {
            let sender = Actor::Pipeline { key: key.name.clone() };
            outcomes::answer(&door.notebook, request.uri.path(), |trigger| trigger.actor == sender).await
        }
        Err(error) => turned_away(&error),
    }
}

fn turned_away(error: &DoorError) -> Response<String> {
    let mut response = answer::of_error(error);
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

#[cfg(test)]
mod tests;
