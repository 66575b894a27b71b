//! What a refusal of GitHub's means to us (REST API, "Troubleshooting" and "Rate limits").

use http::{HeaderMap, Response};
use jiff::{SignedDuration, Timestamp};
use roadstead_steps::nouns::CallError;
use serde::Deserialize;
use serde_json::Value;

/// The most characters of a refusal that are passed on.
pub(super) const REASON_LIMIT: usize = 400;
/// How long a secondary limit is waited for when GitHub names no time.
const SECONDARY_LIMIT_WAIT: SignedDuration = SignedDuration::from_secs(60);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    message: String,
    errors: Vec<Value>,
}

/// Why the call did not succeed; `changes` says whether it changes something when it does.
pub(super) fn refusal(response: &Response<Vec<u8>>, changes: bool, now: Timestamp) -> CallError {
    let body: Body = serde_json::from_slice(response.body()).unwrap_or_default();
    let reason = words(response, &body);
    let code = response.status().as_u16();
    if let 403 | 429 = code
        && let Some(after) = limited(response.headers(), &body, code == 429, now)
    {
        return CallError::Throttled { reason, after };
    }
    match code {
        300..=399 => {
            CallError::Broken { reason: "GitHub points elsewhere, where we do not follow".to_owned() }
        }
        401 => CallError::Unauthorized { reason: "GitHub does not accept the App's credentials".to_owned() },
        403 => CallError::Forbidden { reason },
        404 | 410 => CallError::Missing { reason },
        409 => CallError::Conflict { reason },
        400 | 413 | 422 | 451 => CallError::Refused { reason },
        500..=599 => CallError::Unavailable { reason, maybe_done: changes },
        _ => CallError::Broken { reason },
    }
}

/// Whether a rate limit is the reason, and if so how long GitHub asks to wait, where it says so.
fn limited(
    headers: &HeaderMap,
    body: &Body,
    too_many: bool,
    now: Timestamp,
) -> Option<Option<SignedDuration>> {
    if let Some(seconds) = number(headers, "retry-after") {
        return Some(Some(SignedDuration::from_secs(seconds)));
    }
    if number(headers, "x-ratelimit-remaining") == Some(0) {
        let reset = number(headers, "x-ratelimit-reset").and_then(|at| Timestamp::from_second(at).ok());
        return Some(reset.map(|at| at.duration_since(now).max(SignedDuration::ZERO)));
    }
    if body.message.contains("secondary rate limit") {
        return Some(Some(SECONDARY_LIMIT_WAIT));
    }
    too_many.then_some(None)
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.parse().ok().filter(|number| *number >= 0)
}

fn words(response: &Response<Vec<u8>>, body: &Body) -> String {
    let mut words = if body.message.is_empty() {
        format!("GitHub answered {}", response.status())
    } else {
        format!("GitHub: {}", body.message)
    };
    for error in &body.errors {
        let text = error.as_str().or_else(|| error["message"].as_str()).or_else(|| error["code"].as_str());
        if let Some(text) = text {
            words += "; ";
            words += text;
        }
    }
    match words.char_indices().nth(REASON_LIMIT) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Vec<u8>> {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response.body(body.as_bytes().to_vec()).unwrap()
    }

    fn after(response: &Response<Vec<u8>>) -> Option<Option<i64>> {
        let now = Timestamp::from_second(1_000).unwrap();
        match refusal(response, true, now) {
            CallError::Throttled { after, .. } => Some(after.map(|after| after.as_secs())),
            _ => None,
        }
    }

    #[test]
    fn a_rate_limit_says_how_long_to_wait() {
        let spent = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1090")];
        assert_eq!(after(&response(403, &[("retry-after", "7")], "")), Some(Some(7)));
        assert_eq!(after(&response(403, &spent, "")), Some(Some(90)));
        assert_eq!(after(&response(429, &[("x-ratelimit-remaining", "0")], "")), Some(None));
        let past = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "10")];
        assert_eq!(after(&response(403, &past, "")), Some(Some(0)));
        let secondary = r#"{"message": "You have exceeded a secondary rate limit."}"#;
        assert_eq!(after(&response(403, &[], secondary)), Some(Some(60)));
        assert_eq!(after(&response(429, &[], "")), Some(None));
    }

    #[test]
    fn a_right_that_we_lack_is_no_rate_limit() {
        let lacking = r#"{"message": "Resource not accessible by integration"}"#;
        let refused = response(403, &[("x-ratelimit-remaining", "1")], lacking);
        let reason = "GitHub: Resource not accessible by integration".to_owned();
        assert_eq!(refusal(&refused, true, Timestamp::UNIX_EPOCH), CallError::Forbidden { reason });
    }

    #[test]
    fn what_is_invalid_is_said_with_its_details() {
        let body = r#"{"message": "Validation Failed", "errors": [{"code": "invalid"}, "No ref found"]}"#;
        let reason = "GitHub: Validation Failed; invalid; No ref found".to_owned();
        let refused = refusal(&response(422, &[], body), true, Timestamp::UNIX_EPOCH);
        assert_eq!(refused, CallError::Refused { reason });
    }

    #[test]
    fn a_failing_server_leaves_only_a_write_in_doubt() {
        for code in [500, 502, 503, 504] {
            assert!(refusal(&response(code, &[], ""), true, Timestamp::UNIX_EPOCH).maybe_done());
            assert!(!refusal(&response(code, &[], ""), false, Timestamp::UNIX_EPOCH).maybe_done());
        }
    }

    #[test]
    fn a_reason_has_a_limit() {
        let text = |length: usize| {
            let body = format!(r#"{{"message": "{}"}}"#, "ü".repeat(length - "GitHub: ".len()));
            refusal(&response(422, &[], &body), true, Timestamp::UNIX_EPOCH).to_string()
        };
        assert!(!text(REASON_LIMIT).ends_with('…') && text(REASON_LIMIT).chars().count() == REASON_LIMIT);
        assert!(text(REASON_LIMIT + 1).ends_with('…'));
    }
}
