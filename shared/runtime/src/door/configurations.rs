//! The door for platform engineers: `POST /configurations`.

use super::{Notebook, answer};
use http::{Response, request::Parts};
use roadstead_senders::configuration::{self, Key, Pushed, Refused};
use roadstead_steps::configuration::store;

/// What the door knows.
pub struct ConfigurationsDoor {
    /// Where it writes.
    pub notebook: Notebook,
    /// Who may put a configuration in force.
    pub keys: Vec<Key>,
}

/// Answers one configuration. A good one is stored by its hash, and noted; one that is wrong leaves nothing behind.
pub async fn configurations(door: &ConfigurationsDoor, request: &Parts, body: &[u8]) -> Response<String> {
    let Notebook { state, time, .. } = &door.notebook;
    let Pushed { hash, text, trigger } =
        match configuration::receive(&door.keys, &request.headers, body, time.now()) {
            Ok(pushed) => pushed,
            Err(Refused::Problems(problems)) => return answer::of_problems(&problems),
            Err(Refused::Door(error)) => return answer::of_bearer_error(&error),
        };
    if let Err(error) = store(state.as_ref(), &hash, text).await {
        tracing::warn!(hash, %error, "a configuration was not stored");
        return answer::of_unavailable();
    }
    answer::of_note_with_outcome(&door.notebook.take_note(&trigger).await, &trigger.key)
}

#[cfg(test)]
mod tests;
