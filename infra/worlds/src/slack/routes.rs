//! From an HTTP request to the method that answers it: who asks, with which scope, with which arguments.

use super::{Refusal, Slack, history, limits, messages, refusal::json_response, replies};
use http::{Method, Request, Response, header};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What a method answers.
pub(super) type Outcome = Result<Value, Refusal>;

pub(super) fn answer(world: &mut Slack, request: &Request<Vec<u8>>, now: Timestamp) -> Response<Vec<u8>> {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let Some(method) = path.strip_prefix("api/") else {
        let answered = replies::take(world, &path, request, now);
        return answered.unwrap_or_else(|refusal| refusal.into_response(&world.settings.scopes));
    };
    match call(world, method, request, now) {
        Ok(mut body) => {
            body["ok"] = json!(true);
            json_response(&body)
        }
        Err(refusal) => refusal.into_response(&world.settings.scopes),
    }
}

fn call(world: &mut Slack, method: &str, request: &Request<Vec<u8>>, now: Timestamp) -> Outcome {
    authenticate(world, request)?;
    match method {
        "auth.test" => Ok(json!({
            "url": "https://acme.slack.com/", "team": "acme", "team_id": world.app.team,
            "user": "roadstead", "user_id": world.bot_user(), "bot_id": world.bot(),
        })),
        "chat.postMessage" => {
            need_scope(world, "chat:write")?;
            messages::post(world, read(request)?, now)
        }
        "chat.update" => {
            need_scope(world, "chat:write")?;
            limits::admit_call(world, method, now)?;
            messages::update(world, read(request)?, now)
        }
        "conversations.history" => {
            need_scope(world, "channels:history")?;
            limits::admit_call(world, method, now)?;
            history::page(world, &query(request), now)
        }
        _ => Err(Refusal::UNKNOWN_METHOD),
    }
}

fn authenticate(world: &Slack, request: &Request<Vec<u8>>) -> Result<(), Refusal> {
    let given = request.headers().get(header::AUTHORIZATION).ok_or(Refusal::NOT_AUTHED)?;
    let token = given.to_str().ok().and_then(|given| given.strip_prefix("Bearer "));
    if token == Some(world.app.token.as_str()) { Ok(()) } else { Err(Refusal::INVALID_AUTH) }
}

fn need_scope(world: &Slack, scope: &'static str) -> Result<(), Refusal> {
    let has = world.settings.scopes.iter().any(|given| given == scope);
    if has { Ok(()) } else { Err(Refusal::missing_scope(scope)) }
}

/// The arguments of a method that writes.
fn read<T: DeserializeOwned>(request: &Request<Vec<u8>>) -> Result<T, Refusal> {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_json = media_type.is_some_and(|media_type| media_type.starts_with("application/json"));
    if *request.method() != Method::POST || !is_json {
        return Err(Refusal::INVALID_POST_TYPE);
    }
    serde_json::from_slice(request.body()).map_err(|_| Refusal::INVALID_JSON)
}

/// The arguments of a method that reads.
fn query(request: &Request<Vec<u8>>) -> Vec<(String, String)> {
    let query = request.uri().query().unwrap_or_default();
    serde_urlencoded::from_str(query).unwrap_or_default()
}
