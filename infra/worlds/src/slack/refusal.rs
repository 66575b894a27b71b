//! Refusals: almost all have the status 200, and a word that says why.

use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// A refusal as Slack words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The word.
    pub error: &'static str,
    status: StatusCode,
    retry_after: Option<i64>,
    needed: Option<&'static str>,
}

impl Refusal {
    pub(super) const CHANNEL_NOT_FOUND: Self = Self::of("channel_not_found");
    pub(super) const NOT_IN_CHANNEL: Self = Self::of("not_in_channel");
    pub(super) const IS_ARCHIVED: Self = Self::of("is_archived");
    pub(super) const IS_INACTIVE: Self = Self::of("is_inactive");
    pub(super) const USER_NOT_FOUND: Self = Self::of("user_not_found");
    pub(super) const NOT_AUTHED: Self = Self::of("not_authed");
    pub(super) const INVALID_AUTH: Self = Self::of("invalid_auth");
    pub(super) const UNKNOWN_METHOD: Self = Self::of("unknown_method");
    pub(super) const INVALID_POST_TYPE: Self = Self::of("invalid_post_type");
    pub(super) const INVALID_JSON: Self = Self::of("invalid_json");
    pub(super) const INVALID_CURSOR: Self = Self::of("invalid_cursor");
    pub(super) const INVALID_METADATA: Self = Self::of("invalid_metadata_format");
    pub(super) const NO_TEXT: Self = Self::of("no_text");
    pub(super) const TOO_LONG: Self = Self::of("msg_too_long");
    pub(super) const MESSAGE_NOT_FOUND: Self = Self::of("message_not_found");
    pub(super) const THREAD_NOT_FOUND: Self = Self::of("thread_not_found");
    pub(super) const CANNOT_UPDATE: Self = Self::of("cant_update_message");
    pub(super) const USED_URL: Self = Self { status: StatusCode::NOT_FOUND, ..Self::of("used_url") };
    pub(super) const EXPIRED_URL: Self = Self { status: StatusCode::NOT_FOUND, ..Self::of("expired_url") };
    pub(super) const NO_SERVICE: Self = Self { status: StatusCode::NOT_FOUND, ..Self::of("no_service") };

    const fn of(error: &'static str) -> Self {
        Self { error, status: StatusCode::OK, retry_after: None, needed: None }
    }

    pub(super) fn rate_limited(seconds: i64) -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self { status, retry_after: Some(seconds), ..Self::of("ratelimited") }
    }

    pub(super) fn missing_scope(needed: &'static str) -> Self {
        Self { needed: Some(needed), ..Self::of("missing_scope") }
    }

    /// The refusal as it is sent; `provided` are the scopes that the token has.
    pub(super) fn into_response(self, provided: &[String]) -> Response<Vec<u8>> {
        let mut body = json!({"ok": false, "error": self.error});
        if let Some(needed) = self.needed {
            body["needed"] = json!(needed);
            body["provided"] = json!(provided.join(","));
        }
        let mut response = json_response(&body);
        *response.status_mut() = self.status;
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A success, or the body of a refusal.
pub(super) fn json_response(body: &Value) -> Response<Vec<u8>> {
    let mut response = Response::new(body.to_string().into_bytes());
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
