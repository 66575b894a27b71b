//! The door for Slack's slash commands: `POST /slack`.
//!
//! Slack waits three seconds, its own way to us included, shows the body to who typed the command if the status is 200, and does not try again.

use super::{Note, Notebook, answer};
use http::{Response, request::Parts};
use roadstead_domain::{
    sentence::{help, misunderstood, not_noted, placeholder},
    trigger::Trigger,
};
use roadstead_senders::{
    DoorError,
    slack::{self, Heard, Workspace},
};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long table and queue together may take, so that Slack has its answer in time.
const NOTED_WITHIN: Duration = Duration::from_secs(2);

/// What the door knows.
pub struct SlackDoor {
    /// Where it writes.
    pub notebook: Notebook,
    /// The workspace that it listens to; without one, nothing can be verified.
    pub workspace: Option<Workspace>,
}

/// Answers one request. Only what there is to do becomes a trigger; the rest is answered at once.
pub async fn slack(door: &SlackDoor, request: &Parts, body: &[u8]) -> Response<String> {
    match receive(door, request, body) {
        Ok(Heard::Command(trigger)) => answer::of_command(&note(door, &trigger).await),
        Ok(Heard::Help) => answer::of_command(&help()),
        Ok(Heard::Misunderstood(what)) => answer::of_command(&misunderstood(&what)),
        Ok(Heard::Challenge(challenge)) => answer::of_challenge(&challenge),
        Ok(Heard::NoEffect { reason }) => answer::of_no_effect(reason),
        Err(error) => answer::of_error(&error),
    }
}

fn receive(door: &SlackDoor, request: &Parts, body: &[u8]) -> Result<Heard, DoorError> {
    let workspace = door.workspace.as_ref().ok_or(DoorError::Unauthenticated)?;
    slack::receive(workspace, &request.headers, body, door.notebook.time.now())
}

/// What is said while it is being done. A request that comes twice is answered the same. What was written and could not be sent in
/// time is found by the clock.
async fn note(door: &SlackDoor, trigger: &Trigger) -> String {
    let deadline = Instant::now() + NOTED_WITHIN;
    let note = timeout_at(deadline, door.notebook.write(trigger)).await.unwrap_or_else(|_| {
        tracing::warn!(trigger = trigger.key, "the table did not answer in time");
        Note::Unavailable
    });
    if note == Note::Taken && timeout_at(deadline, door.notebook.send(trigger)).await.is_err() {
        tracing::warn!(trigger = trigger.key, "the queue did not answer in time: it waits for the clock");
    }
    match note {
        Note::Taken | Note::Known => placeholder(),
        Note::Conflict | Note::Unavailable => not_noted(),
    }
}

#[cfg(test)]
mod tests;
