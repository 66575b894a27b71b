//! What an API server's refusal means to us (Kubernetes API, `meta/v1` `Status`).

use crate::exchange::Answer;
use http::StatusCode;
use roadstead_steps::nouns::CallError;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::fmt::Write as _;

/// The most characters of a refusal that are passed on.
pub(crate) const REASON_LIMIT: usize = 600;
/// How the server begins when an object does not match its kind's schema. It calls this an internal error (500).
const NOT_IN_SCHEMA: &str = "failed to create typed patch object";

/// What the refused request was about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    /// The kind of the object.
    pub(crate) kind: &'a str,
    /// Its name, unless it was a list.
    pub(crate) name: Option<&'a str>,
    /// Whether the request changes something when it succeeds.
    pub(crate) changes: bool,
}

impl About<'_> {
    /// Refusals of a Secret quote its values, so nothing of their text is passed on.
    fn is_secret(self) -> bool {
        self.kind == "Secret"
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    message: String,
    reason: String,
    details: Details,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    name: String,
    causes: Vec<Cause>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Cause {
    reason: String,
    message: String,
    field: String,
}

/// Whether the answer says that just this object does not exist. Any other 404 (an unknown kind, a proxy) does not.
pub(crate) fn is_missing(answer: &Answer, name: &str) -> bool {
    let status = parse(answer);
    answer.status == StatusCode::NOT_FOUND && status.reason == "NotFound" && status.details.name == name
}

/// Why the call did not succeed.
pub(crate) fn refusal(answer: &Answer, about: About<'_>) -> CallError {
    let status = parse(answer);
    let reason = words(answer, &status, about);
    match answer.status.as_u16() {
        401 => CallError::Unauthorized { reason },
        403 => CallError::Forbidden { reason },
        404 => CallError::Missing { reason },
        409 => CallError::Conflict { reason },
        422 if is_another_object(&status) => CallError::Conflict { reason },
        400 | 413 | 422 => CallError::Refused { reason },
        429 => CallError::Throttled { reason, after: answer.retry_after },
        410 => CallError::Unavailable { reason, maybe_done: false },
        500 if status.message.starts_with(NOT_IN_SCHEMA) => CallError::Refused { reason },
        500..=599 => CallError::Unavailable { reason, maybe_done: about.changes },
        _ => CallError::Broken { reason },
    }
}

fn parse(answer: &Answer) -> Status {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// An apply whose uid is not that of the object that exists is refused as a change of an immutable field.
fn is_another_object(status: &Status) -> bool {
    let causes = &status.details.causes;
    !causes.is_empty() && causes.iter().all(|cause| cause.field == "metadata.uid")
}

fn words(answer: &Answer, status: &Status, about: About<'_>) -> String {
    let subject = match about.name {
        Some(name) => format!("{} {name}", about.kind),
        None => format!("list of {}", about.kind),
    };
    let mut causes: Vec<String> =
        status.details.causes.iter().map(|cause| cause_words(cause, about.is_secret())).collect();
    causes.dedup();
    let text = if !causes.is_empty() {
        causes.join("; ")
    } else if !about.is_secret() && !status.message.is_empty() {
        status.message.clone()
    } else {
        format!("the cluster answered {}", answer.status)
    };
    shorten(format!("{subject}: {text}"))
}

fn cause_words(cause: &Cause, secret: bool) -> String {
    let text = if secret { cause.reason.as_str() } else { plain(&cause.message) };
    let mut words = String::new();
    if !cause.field.is_empty() {
        let _ = write!(words, "{}: ", cause.field);
    }
    words + text
}

/// The sentence in a cause: without the offending value, which may be a whole pod template, and without a difference
/// that follows on further lines.
fn plain(message: &str) -> &str {
    let message = message.lines().next().unwrap_or_default();
    let message = message.strip_prefix("Forbidden: ").unwrap_or(message);
    let Some(rest) = message.strip_prefix("Invalid value: ") else { return message };
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => rest[values.byte_offset()..].trim_start_matches([':', ' ']),
        _ => message,
    }
}

fn shorten(text: String) -> String {
    match text.char_indices().nth(REASON_LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests;
