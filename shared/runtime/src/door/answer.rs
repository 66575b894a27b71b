//! Answers over HTTP.

use super::note::Note;
use http::{HeaderValue, Response, StatusCode, header};
use roadstead_senders::DoorError;
use serde_json::{Value, json};

/// How many seconds a sender is asked to wait before it tries again.
pub const RETRY_AFTER_SECONDS: u64 = 5;

/// What became of a trigger, by its key. Only what is certain to be written is answered with a 2xx.
pub(crate) fn of_note(note: &Note, key: &str) -> Response<String> {
    match note {
        Note::Taken => json_response(StatusCode::ACCEPTED, &json!({"trigger": key})),
        Note::Known => json_response(StatusCode::OK, &json!({"trigger": key, "known": true})),
        Note::Conflict => {
            let error = "another message has come in under this name";
            json_response(StatusCode::CONFLICT, &json!({"error": error, "trigger": key}))
        }
        Note::Unavailable => {
            let mut response = json_response(StatusCode::SERVICE_UNAVAILABLE, &json!({"error": "try again"}));
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
            response
        }
    }
}

/// Genuine, and of no concern to us.
pub(crate) fn of_no_effect(reason: &str) -> Response<String> {
    json_response(StatusCode::OK, &json!({"no_effect": reason}))
}

/// Only `POST` is a message (RFC 9110, section 15.5.6).
pub(crate) fn of_method() -> Response<String> {
    let error = "send it with POST";
    let mut response = json_response(StatusCode::METHOD_NOT_ALLOWED, &json!({"error": error}));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}

/// Turned away.
pub(crate) fn of_error(error: &DoorError) -> Response<String> {
    json_response(error.status(), &json!({"error": error.to_string()}))
}

fn json_response(status: StatusCode, body: &Value) -> Response<String> {
    let mut response = Response::new(body.to_string());
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
