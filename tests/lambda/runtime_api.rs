//! A stand-in for Lambda's runtime API (version 2018-06-01): it hands out one event at a time and takes the answers.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

/// How long an invocation may last.
const TIME_LIMIT: SignedDuration = SignedDuration::from_secs(30);

/// What a function said of an invocation: its answer, or how it failed.
pub type Said = Result<Value, String>;

/// The stand-in, seen from Lambda's side.
pub struct RuntimeApi {
    /// Where functions find it: host and port.
    pub address: String,
    events: mpsc::UnboundedSender<Value>,
    said: mpsc::UnboundedReceiver<Said>,
}

struct Shared {
    events: Mutex<mpsc::UnboundedReceiver<Value>>,
    said: mpsc::UnboundedSender<Said>,
    ids: AtomicU64,
}

impl RuntimeApi {
    /// Listens.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (events, waiting) = mpsc::unbounded_channel();
        let (said_by_function, said) = mpsc::unbounded_channel();
        let shared = Shared { events: Mutex::new(waiting), said: said_by_function, ids: AtomicU64::new(0) };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(Arc::new(shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, events, said }
    }

    /// Lets the function be invoked with an event.
    pub fn invoke(&self, event: Value) {
        self.events.send(event).unwrap();
    }

    /// What the function says next.
    pub async fn said(&mut self) -> Said {
        self.said.recv().await.unwrap()
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    let Some(event) = shared.events.lock().await.recv().await else { std::future::pending().await };
    let id = shared.ids.fetch_add(1, Ordering::Relaxed);
    let deadline = (Timestamp::now() + TIME_LIMIT).as_millisecond();
    let headers = [
        ("lambda-runtime-aws-request-id", format!("8476a536-e9f4-11e8-9739-{id:012}")),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:123456789012:function:it".to_owned(),
        ),
    ];
    (headers, event.to_string()).into_response()
}

async fn response(State(shared): State<Arc<Shared>>, Path(_): Path<String>, body: Bytes) -> StatusCode {
    took(&shared, Ok(serde_json::from_slice(&body).unwrap()))
}

async fn error(State(shared): State<Arc<Shared>>, Path(_): Path<String>, body: Bytes) -> StatusCode {
    took(&shared, Err(format!("it failed: {}", String::from_utf8_lossy(&body))))
}

async fn init_error(State(shared): State<Arc<Shared>>, _: HeaderMap, body: Bytes) -> StatusCode {
    took(&shared, Err(format!("it did not start: {}", String::from_utf8_lossy(&body))))
}

fn took(shared: &Shared, said: Said) -> StatusCode {
    shared.said.send(said).unwrap();
    StatusCode::ACCEPTED
}
