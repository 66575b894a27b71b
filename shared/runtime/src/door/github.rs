//! The door for GitHub's webhooks: `POST /github/<name of the hook>`.

use super::{Notebook, answer};
use http::{Response, request::Parts};
use roadstead_senders::{
    DoorError, Received,
    github::{self, Hook},
};
use std::collections::BTreeMap;

/// What the door knows.
pub struct GithubDoor {
    /// Where it writes.
    pub notebook: Notebook,
    /// The hooks, by the names that their addresses end with.
    pub hooks: BTreeMap<String, Hook>,
}

/// Answers one delivery. An unknown hook is answered like a wrong signature.
pub async fn github(door: &GithubDoor, request: &Parts, body: &[u8]) -> Response<String> {
    match receive(door, request, body) {
        Ok(Received::Trigger(trigger)) => {
            answer::of_note(&door.notebook.take_note(&trigger).await, &trigger.key)
        }
        Ok(Received::NoEffect { reason }) => answer::of_no_effect(reason),
        Err(error) => answer::of_error(&error),
    }
}

fn receive(door: &GithubDoor, request: &Parts, body: &[u8]) -> Result<Received, DoorError> {
    let name = request.uri.path().rsplit('/').next().unwrap_or_default();
    let hook = door.hooks.get(name).ok_or(DoorError::Unauthenticated)?;
    github::receive(hook, &request.headers, body, door.notebook.time.now())
}

#[cfg(test)]
mod tests;
