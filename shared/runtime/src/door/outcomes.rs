//! Where a sender asks what came of its trigger: `GET /outcomes/<name>`, with the key that the trigger came in with.
//!
//! The name is the trigger's key in base64url (RFC 4648, section 5). Percent-encoding would not do: what stands before a
//! function may or may not decode a path, and a key may hold any visible character.

use super::{Notebook, answer};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Response;
use roadstead_domain::{actor::Actor, refusal::Refusal, trigger::Trigger};
use roadstead_steps::{
    outcome::{self, TriggerOutcome},
    rows,
};

/// What the addresses of outcomes begin with.
pub const OUTCOMES: &str = "/outcomes/";

/// The longest key of a trigger that came in at these doors, in bytes: the names of a door and a key, and what the sender gave.
const KEY_LIMIT: usize = 256;

/// Where the outcome of a trigger can be asked for, relative to the door.
pub fn address(key: &str) -> String {
    format!("{OUTCOMES}{}", URL_SAFE_NO_PAD.encode(key))
}

/// The trigger's key that an address names.
fn key_of(path: &str) -> Option<String> {
    let name = path.strip_prefix(OUTCOMES)?;
    String::from_utf8(URL_SAFE_NO_PAD.decode(name).ok()?).ok()
}

/// Whether a trigger of this key may have come from the sender: only such rows may be read at all.
fn may_be_of(key: &str, sender: &Actor) -> bool {
    let own = match sender {
        Actor::Pipeline { key } => format!("images#{key}#"),
        Actor::PlatformEngineer { key } => format!("configurations#{key}#"),
        _ => return false,
    };
    key.len() <= KEY_LIMIT && key.starts_with(&own)
}

/// Answers a sender of its own triggers alone: of another's as if there were none.
pub(super) async fn answer(notebook: &Notebook, path: &str, sender: &Actor) -> Response<String> {
    let Some(key) = key_of(path).filter(|key| may_be_of(key, sender)) else { return answer::of_no_outcome() };
    match read(notebook, &key, sender).await {
        Ok(Some(outcome)) => answer::of_outcome(&outcome),
        Ok(None) => answer::of_no_outcome(),
        Err(error) => {
            tracing::warn!(trigger = key, %error, "an outcome was not read");
            answer::of_unavailable()
        }
    }
}

async fn read(notebook: &Notebook, key: &str, sender: &Actor) -> Result<Option<TriggerOutcome>, Refusal> {
    let trigger: Option<Trigger> = rows::load(notebook.state.as_ref(), &rows::trigger(key)).await?;
    match trigger.filter(|trigger| trigger.actor == *sender) {
        Some(trigger) => outcome::of(notebook.state.as_ref(), &trigger).await.map(Some),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
