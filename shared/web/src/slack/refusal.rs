//! What a refusal of Slack's means to us (the tables of errors in the Web API's documentation, and "Rate limits").

use http::{Response, header};
use jiff::SignedDuration;
use roadstead_steps::nouns::CallError;
use serde::Deserialize;

/// The longest word of Slack's that is passed on, in bytes.
const WORD_LIMIT: usize = 64;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    ok: Option<bool>,
    error: String,
    needed: String,
}

/// Why a call did not succeed, if it did not; `changes` says whether it changes something when it does.
pub(super) fn refusal(response: &Response<Vec<u8>>, changes: bool) -> Option<CallError> {
    let body: Body = serde_json::from_slice(response.body()).unwrap_or_default();
    let status = response.status();
    if status.is_success() && body.ok != Some(false) {
        return None;
    }
    Some(match (status.as_u16(), word(&body.error)) {
        (429, _) | (_, Some("ratelimited" | "rate_limited")) => throttled(response),
        (500..=599, _) => unavailable("Slack cannot answer just now", changes),
        (300..=399, _) => broken("Slack points elsewhere, where we do not follow"),
        (_, Some(error)) => by_word(error, &body.needed, changes),
        (404 | 410, None) => ended(),
        _ => broken(&format!("Slack answered {status}")),
    })
}

/// Slack's word for a refusal, if it looks like one.
fn word(error: &str) -> Option<&str> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    ((1..=WORD_LIMIT).contains(&error.len()) && error.bytes().all(inner)).then_some(error)
}

fn by_word(error: &str, needed: &str, changes: bool) -> CallError {
    match error {
        "used_url" | "expired_url" | "no_service" => ended(),
        "channel_not_found" => missing("Slack has no channel with this id, or the App may not see it"),
        "not_in_channel" => missing("the App is not in this channel of Slack: invite it there"),
        "message_not_found" => missing("the message in Slack was deleted"),
        "is_archived" | "is_inactive" => refused("the channel in Slack is archived"),
        "msg_too_long" => refused("the text is too long for Slack"),
        "cant_update_message" | "edit_window_closed" => {
            refused("Slack does not let the App change this message any more")
        }
        "not_authed" | "invalid_auth" | "account_inactive" | "token_revoked" | "token_expired" => {
            CallError::Unauthorized { reason: "Slack does not accept the bot's token".to_owned() }
        }
        "missing_scope" => {
            let scope = word_of_scope(needed);
            forbidden(format!("the App lacks the scope {scope} in Slack: add it, and install the App again"))
        }
        "no_permission"
        | "access_denied"
        | "ekm_access_denied"
        | "team_access_not_granted"
        | "restricted_action"
        | "restricted_action_read_only_channel"
        | "restricted_action_thread_only_channel"
        | "restricted_action_non_threadable_channel"
        | "message_limit_exceeded"
        | "accesslimited"
        | "enterprise_is_restricted"
        | "two_factor_setup_required"
        | "not_allowed_token_type" => forbidden(format!("Slack does not let the App write there ({error})")),
        "fatal_error"
        | "internal_error"
        | "service_unavailable"
        | "request_timeout"
        | "update_failed"
        | "team_added_to_org"
        | "org_login_required"
        | "external_channel_migrating" => {
            unavailable(&format!("Slack cannot do it just now ({error})"), changes)
        }
        _ => broken(&format!("Slack refused for a reason that we do not know ({error})")),
    }
}

fn word_of_scope(needed: &str) -> &str {
    let inner = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b':' | b'.' | b'_' | b',');
    let readable = (1..=WORD_LIMIT).contains(&needed.len()) && needed.bytes().all(inner);
    if readable { needed } else { "that this needs" }
}

fn throttled(response: &Response<Vec<u8>>) -> CallError {
    let seconds = response.headers().get(header::RETRY_AFTER);
    let seconds = seconds.and_then(|value| value.to_str().ok()?.parse().ok());
    let after = seconds.filter(|seconds| *seconds >= 0).map(SignedDuration::from_secs);
    CallError::Throttled { reason: "Slack asks to wait".to_owned(), after }
}

fn ended() -> CallError {
    missing("Slack takes no more answers to this command")
}

fn missing(reason: &str) -> CallError {
    CallError::Missing { reason: reason.to_owned() }
}

fn refused(reason: &str) -> CallError {
    CallError::Refused { reason: reason.to_owned() }
}

fn forbidden(reason: String) -> CallError {
    CallError::Forbidden { reason }
}

fn unavailable(reason: &str, maybe_done: bool) -> CallError {
    CallError::Unavailable { reason: reason.to_owned(), maybe_done }
}

fn broken(reason: &str) -> CallError {
    CallError::Broken { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_passed_on_up_to_a_limit() {
        let (longest, longer) = ("x".repeat(WORD_LIMIT), "x".repeat(WORD_LIMIT + 1));
        assert_eq!((word(&longest), word(&longer)), (Some(longest.as_str()), None));
        assert_eq!((word_of_scope(&longest), word_of_scope(&longer)), (longest.as_str(), "that this needs"));
    }
}
