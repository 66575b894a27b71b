//! Answers over HTTP.

use super::{note::Note, outcomes};
use http::{HeaderValue, Response, StatusCode, header};
use roadstead_domain::{platform::Problem, sentence};
use roadstead_senders::DoorError;
use roadstead_steps::outcome::TriggerOutcome;
use serde_json::{Value, json};

/// How many seconds a sender is asked to wait before it tries again.
pub const RETRY_AFTER_SECONDS: u64 = 5;

/// What became of a trigger, by its key. Only what is certain to be written is answered with a 2xx.
pub(crate) fn of_note(note: &Note, key: &str) -> Response<String> {
    taken(note, key, json!({"trigger": key}))
}

/// The same for a sender who may ask what comes of it, and is told where.
pub(crate) fn of_note_with_outcome(note: &Note, key: &str) -> Response<String> {
    let address = outcomes::address(key);
    let mut response = taken(note, key, json!({"trigger": key, "outcome": address}));
    if let (Note::Taken | Note::Known, Ok(address)) = (note, HeaderValue::try_from(address)) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}

fn taken(note: &Note, key: &str, mut told: Value) -> Response<String> {
    match note {
        Note::Taken => json_response(StatusCode::ACCEPTED, &told),
        Note::Known => {
            told["known"] = json!(true);
            json_response(StatusCode::OK, &told)
        }
        Note::Conflict => {
            let error = "another message has come in under this name";
            json_response(StatusCode::CONFLICT, &json!({"error": error, "trigger": key}))
        }
        Note::Unavailable => of_unavailable(),
    }
}

/// The table did not answer.
pub(crate) fn of_unavailable() -> Response<String> {
    later(json_response(StatusCode::SERVICE_UNAVAILABLE, &json!({"error": "try again"})))
}

/// What came of a trigger so far. Nobody on the way keeps it, because it changes.
pub(crate) fn of_outcome(outcome: &TriggerOutcome) -> Response<String> {
    let mut response = json_response(StatusCode::OK, &json!(outcome));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if outcome.done { response } else { later(response) }
}

/// A configuration is wrong, and this is everything that is.
pub(crate) fn of_problems(problems: &[Problem]) -> Response<String> {
    let problem = |Problem { file, line, path, text }: &Problem| json!({"file": file, "line": line, "path": path, "text": text});
    let problems: Vec<Value> = problems.iter().map(problem).collect();
    let told = json!({"error": sentence::configuration_wrong(), "problems": problems});
    json_response(StatusCode::UNPROCESSABLE_ENTITY, &told)
}

/// There is no such outcome, for this key.
pub(crate) fn of_no_outcome() -> Response<String> {
    json_response(StatusCode::NOT_FOUND, &json!({"error": sentence::outcome_unknown()}))
}

fn later(mut response: Response<String>) -> Response<String> {
    response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
    response
}

/// Genuine, and of no concern to us.
pub(crate) fn of_no_effect(reason: &str) -> Response<String> {
    json_response(StatusCode::OK, &json!({"no_effect": reason}))
}

/// A command, answered at once to who typed it and to nobody else.
pub(crate) fn of_command(text: &str) -> Response<String> {
    json_response(StatusCode::OK, &json!({"response_type": "ephemeral", "text": sentence::for_slack(text)}))
}

/// What Slack asks to have back.
pub(crate) fn of_challenge(challenge: &str) -> Response<String> {
    json_response(StatusCode::OK, &json!({"challenge": challenge}))
}

/// Only one method is understood here (RFC 9110, section 15.5.6).
pub(crate) fn of_method(allowed: &'static str) -> Response<String> {
    let error = format!("send it with {allowed}");
    let mut response = json_response(StatusCode::METHOD_NOT_ALLOWED, &json!({"error": error}));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

/// Turned away.
pub(crate) fn of_error(error: &DoorError) -> Response<String> {
    json_response(error.status(), &json!({"error": error.to_string()}))
}

/// Turned away where a bearer key is presented (RFC 6750, section 3).
pub(crate) fn of_bearer_error(error: &DoorError) -> Response<String> {
    let mut response = of_error(error);
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn json_response(status: StatusCode, body: &Value) -> Response<String> {
    let mut response = Response::new(body.to_string());
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
