//! The desk: what the person at this machine hears of a stack that runs, and asks of it.
//!
//! | Request | Body | Answer |
//! |---|---|---|
//! | `GET /handled` | | a line of JSON for each message that is carried out from now on |
//! | `POST /retry`, with the desk's bearer secret | `{"environment"}` | `{"trigger"}`: its key |
//! | `POST /extend`, likewise | `{"environment", "by"}` | the same |

use super::{ending::Ending, secrets};
use crate::problem::Problem;
use axum::{
    Json, Router,
    body::Body,
    extract::State,
    routing::{get, post},
};
use futures::stream;
use http::{HeaderMap, Response, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    actor::Actor,
    message::Message,
    name::EnvironmentId,
    trigger::{Sighting, Trigger},
};
use roadstead_runtime::door::{Note, Notebook};
use roadstead_senders::Secret;
use roadstead_steps::context::Context;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::broadcast::{self, error::RecvError};

/// What is behind the desk.
#[derive(Clone)]
pub struct Desk {
    notebook: Notebook,
    secret: Arc<Secret>,
    handled: broadcast::Sender<Message>,
    ending: Ending,
}

/// What is to be tried again.
#[derive(Debug, Serialize, Deserialize)]
pub struct Retry {
    /// The environment.
    pub environment: EnvironmentId,
}

/// What is to live longer.
#[derive(Debug, Serialize, Deserialize)]
pub struct Extend {
    /// The environment.
    pub environment: EnvironmentId,
    /// By how much; by the lifetime of its type, if nothing is said.
    pub by: Option<SignedDuration>,
}

/// The note that was taken.
#[derive(Debug, Serialize, Deserialize)]
pub struct Noted {
    /// The trigger's key.
    pub trigger: String,
}

impl Desk {
    /// A desk that knows the person at this machine by a secret.
    ///
    /// # Errors
    /// When the secret is weak.
    pub fn new(
        context: &Context,
        secrets: &secrets::Secrets,
        handled: broadcast::Sender<Message>,
        ending: Ending,
    ) -> Result<Self, Problem> {
        let secret = Secret::new(secrets.desk.as_str());
        let secret = secret.map_err(|error| Problem::unexpected(error.to_string()))?;
        Ok(Self { notebook: context.clone().into(), secret: Arc::new(secret), handled, ending })
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let presented = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
        presented
            .and_then(|value| value.strip_prefix(b"Bearer "))
            .is_some_and(|presented| self.secret.is(presented))
    }
}

/// The desk by path.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/handled", get(handled))
        .route("/retry", post(retry))
        .route("/extend", post(extend))
        .with_state(desk)
}

/// Whoever falls too far behind misses messages: what they were about is in the rows.
async fn handled(State(desk): State<Desk>) -> Response<Body> {
    let lines = stream::unfold((desk.handled.subscribe(), desk.ending), |(mut heard, ending)| async move {
        loop {
            let message = tokio::select! {
                () = ending.wait() => return None,
                message = heard.recv() => message,
            };
            match message {
                Ok(message) => return Some((line(&message), (heard, ending))),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    let mut response = Response::new(Body::from_stream(lines));
    let json_lines = http::HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, json_lines);
    response
}

fn line(message: &Message) -> Result<String, serde_json::Error> {
    serde_json::to_string(message).map(|text| text + "\n")
}

async fn retry(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Json(Retry { environment }): Json<Retry>,
) -> Result<Json<Noted>, StatusCode> {
    take_note(&desk, &headers, Sighting::Retry { environment }).await
}

async fn extend(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Json(Extend { environment, by }): Json<Extend>,
) -> Result<Json<Noted>, StatusCode> {
    take_note(&desk, &headers, Sighting::Extend { environment, by }).await
}

/// A door like the others: it takes a note, and decides nothing.
async fn take_note(desk: &Desk, headers: &HeaderMap, sighting: Sighting) -> Result<Json<Noted>, StatusCode> {
    if !desk.knows(headers) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let now = desk.notebook.time.now();
    let trigger = Trigger {
        key: format!("desk#{}", secrets::random()),
        actor: Actor::PersonAtThisMachine,
        received_at: Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now),
        reply: None,
        sighting,
        outcomes: BTreeMap::new(),
        closed: None,
    };
    match desk.notebook.take_note(&trigger).await {
        Note::Taken | Note::Known => Ok(Json(Noted { trigger: trigger.key })),
        Note::Conflict | Note::Unavailable => Err(StatusCode::SERVICE_UNAVAILABLE),
    }
}
