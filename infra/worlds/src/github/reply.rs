//! What is sent back: bodies, refusals, pages, and the headers that every response has.

use std::fmt;

use http::header::{CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, LINK, LOCATION, RETRY_AFTER, VARY};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The API's answer to one call.
pub(super) type Outcome = Result<Reply, Refusal>;

/// A reply that is no refusal.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
    pub(super) content_type: &'static str,
    pub(super) link: Option<String>,
}

const JSON: &str = "application/json; charset=utf-8";

impl Reply {
    pub(super) fn json(body: &Value) -> Self {
        Self { status: StatusCode::OK, body: body.to_string().into_bytes(), content_type: JSON, link: None }
    }

    pub(super) fn created(body: &Value) -> Self {
        Self { status: StatusCode::CREATED, ..Self::json(body) }
    }

    pub(super) fn accepted(body: &Value) -> Self {
        Self { status: StatusCode::ACCEPTED, ..Self::json(body) }
    }

    pub(super) fn raw(body: Vec<u8>) -> Self {
        let content_type = "application/vnd.github.raw+json; charset=utf-8";
        Self { status: StatusCode::OK, body, content_type, link: None }
    }

    pub(super) fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: Vec::new(), content_type: JSON, link: None }
    }

    /// The response, or 304 when the caller has just this already (RFC 9110, 13.1.2).
    pub(super) fn into_response(self, asked: &HeaderMap) -> Response<Vec<u8>> {
        let etag = format!("W/\"{}\"", hex::encode(Sha256::digest(&self.body)));
        let known = asked.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let unchanged = self.status == StatusCode::OK && known.is_some_and(|known| known.contains(&etag));
        let mut response = Response::new(if unchanged { Vec::new() } else { self.body });
        *response.status_mut() = if unchanged { StatusCode::NOT_MODIFIED } else { self.status };
        set(response.headers_mut(), CONTENT_TYPE, self.content_type);
        set(response.headers_mut(), VARY, "Accept, Authorization, Cookie");
        if self.status == StatusCode::OK {
            set(response.headers_mut(), ETAG, &etag);
        }
        if let Some(link) = self.link {
            set(response.headers_mut(), LINK, &link);
        }
        response
    }
}

/// A refusal as GitHub words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The sentence.
    pub message: String,
    /// What is wrong with which field, as the API lists it.
    pub errors: Option<Value>,
    pub(super) retry_after: Option<i64>,
    pub(super) location: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.status, self.message)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), errors: None, retry_after: None, location: None }
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    pub(super) fn bad_credentials() -> Self {
        Self::new(401, "Bad credentials")
    }

    pub(super) fn not_accessible() -> Self {
        Self::new(403, "Resource not accessible by integration")
    }

    pub(super) fn invalid(resource: &str, field: &str, code: &str, message: Option<String>) -> Self {
        let mut error = json!({ "resource": resource, "field": field, "code": code });
        if let Some(message) = message {
            error["message"] = message.into();
        }
        Self { errors: Some(json!([error])), ..Self::new(422, "Validation Failed") }
    }

    pub(super) fn into_response(self) -> Response<Vec<u8>> {
        let mut body = json!({
            "message": self.message,
            "documentation_url": "https://docs.github.com/rest",
            "status": self.status.to_string(),
        });
        if let Some(errors) = self.errors {
            body["errors"] = errors;
        }
        let mut response = Response::new(body.to_string().into_bytes());
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        set(response.headers_mut(), CONTENT_TYPE, JSON);
        if let Some(seconds) = self.retry_after {
            set(response.headers_mut(), RETRY_AFTER, &seconds.to_string());
        }
        if let Some(location) = self.location {
            set(response.headers_mut(), LOCATION, &location);
        }
        response
    }
}

/// Sets a header, unless the value cannot be one.
pub(super) fn set(headers: &mut HeaderMap, name: impl Into<HeaderName>, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name.into(), value);
    }
}
