//! What people and their CI do, over HTTP, so that a script can play them. It stands beside GitHub's API, below
//! `/_people`.
//!
//! | `POST` | Body | Answer |
//! |---|---|---|
//! | `/_people/push` | `{"branch", "who", "path", "content"}` | `{"commit"}` |
//! | `/_people/pull-requests` | `{"branch", "who", "title"}` | `{"number", "merge_commit"}` |
//! | `/_people/pull-requests/NUMBER/close` | `{"who"}` | `{}` |
//! | `/_people/images` | `{"repository", "commit"}` | `{"digest"}` |
//! | `/_people/command` | `{"who", "text", "channel"}`, the text as it is typed: `/env list` | what the door answers |
//! | `/_people/recorded` | `{"event", "payload"}` | `{"payload", "told"}`: what the event speaks of was made true |

use super::{
    CHANNEL, Worlds,
    people::People,
    recorded::{MadeTrue, Recorded},
};
use crate::{problem::Problem, stack::messenger::Messenger};
use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    routing::post,
};
use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Clone)]
struct Hands {
    worlds: Worlds,
    messenger: Arc<Messenger>,
}

impl Hands {
    fn people(&self) -> People<'_> {
        People { worlds: &self.worlds, messenger: &self.messenger }
    }
}

#[derive(Deserialize)]
struct Push {
    branch: String,
    who: String,
    path: String,
    content: String,
}

#[derive(Deserialize)]
struct PullRequest {
    branch: String,
    who: String,
    title: String,
}

#[derive(Deserialize)]
struct Close {
    who: String,
}

#[derive(Deserialize)]
struct Image {
    repository: String,
    commit: String,
}

#[derive(Deserialize)]
struct Command {
    who: String,
    text: String,
    channel: Option<String>,
}

type Answer = Result<Json<Value>, (StatusCode, String)>;

/// What people do, by path.
pub(super) fn router(worlds: Worlds, messenger: Arc<Messenger>) -> Router {
    Router::new()
        .route("/_people/push", post(push))
        .route("/_people/pull-requests", post(open))
        .route("/_people/pull-requests/{number}/close", post(close))
        .route("/_people/images", post(build))
        .route("/_people/command", post(type_command))
        .route("/_people/recorded", post(make_true))
        .with_state(Hands { worlds, messenger })
}

async fn push(State(hands): State<Hands>, Json(push): Json<Push>) -> Answer {
    let commit = hands.people().push(&push.branch, &push.who, &push.path, &push.content).await;
    Ok(Json(json!({ "commit": commit.map_err(refused)? })))
}

async fn open(State(hands): State<Hands>, Json(new): Json<PullRequest>) -> Answer {
    let people = hands.people();
    let number = people.open_pull_request(&new.branch, &new.who, &new.title).await.map_err(refused)?;
    Ok(Json(json!({ "number": number, "merge_commit": people.merge_commit(number).ok() })))
}

async fn close(State(hands): State<Hands>, Path(number): Path<u64>, Json(close): Json<Close>) -> Answer {
    hands.people().close_pull_request(number, &close.who).await.map_err(refused)?;
    Ok(Json(json!({})))
}

async fn build(State(hands): State<Hands>, Json(image): Json<Image>) -> Answer {
    let digest = hands.people().build(&image.repository, &image.commit).await;
    Ok(Json(json!({ "digest": digest.map_err(refused)? })))
}

async fn type_command(
    State(hands): State<Hands>,
    Json(command): Json<Command>,
) -> Result<Response<Body>, (StatusCode, String)> {
    let channel = command.channel.as_deref().unwrap_or(CHANNEL.1);
    let answer = hands.people().type_command(&command.who, channel, &command.text).await;
    answer.map(|answer| answer.map(Body::from)).map_err(refused)
}

async fn make_true(
    State(hands): State<Hands>,
    Json(recorded): Json<Recorded>,
) -> Result<Json<MadeTrue>, (StatusCode, String)> {
    hands.people().make_true(recorded).await.map(Json).map_err(refused)
}

fn refused(problem: Problem) -> (StatusCode, String) {
    (StatusCode::UNPROCESSABLE_ENTITY, problem.what)
}
