//! The commands that talk to a stack that runs: what they print, and how they end.

#![expect(clippy::unwrap_used, reason = "a test ends where it is surprised, in its helpers too")]

mod config;
mod events;
mod retry;
mod send;
mod slack;
mod status;

use roadstead::{
    command::{follow::Ended, running::RunningStack, send::Send, status::Status},
    problem::Problem,
    stack::{Options, Stack},
};
use roadstead_domain::{environment::Environment, name::EnvironmentId};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// How long a journey may take here, in seconds, on a machine that has other things to do.
const LIMIT: u64 = 120;

/// What somebody was told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn hears(&self) -> impl Fn(&str) + Sync {
        move |line| self.0.lock().unwrap().push(line.to_owned())
    }

    fn all(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

async fn start(data_dir: &Path) -> (Stack, RunningStack) {
    let options = Options { data_dir: data_dir.to_owned(), kubeconfig: None, duplicate_one_in: 0 };
    let stack = Stack::start(options).await.unwrap();
    (stack, RunningStack::find(data_dir).await.unwrap())
}

/// The same, once staging is at rest.
async fn start_with_staging(data_dir: &Path) -> (Stack, RunningStack) {
    let (stack, running) = start(data_dir).await;
    at_rest(&running, "shop/staging").await;
    (stack, running)
}

/// The same, once staging runs what was built of `main`.
async fn start_with_images(data_dir: &Path) -> (Stack, RunningStack) {
    let (stack, running) = start(data_dir).await;
    stack.people().build_at_first().await.unwrap();
    until(async || status(&running, None, false).await.contains("ready")).await;
    (stack, running)
}

fn recorded(event: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events").join(event)
}

async fn sent(stack: &RunningStack, file: PathBuf) -> (Result<Ended, Problem>, String) {
    let told = Told::default();
    let ended = Send { file, as_recorded: false, limit: LIMIT }.run(stack, &told.hears()).await;
    (ended, told.all())
}

async fn status(stack: &RunningStack, environment: Option<&str>, json: bool) -> String {
    let environment = environment.map(|id| id.parse().unwrap());
    Status { environment, json }.run(stack).await.unwrap()
}

async fn story(stack: &RunningStack, environment: &str) -> Value {
    serde_json::from_str(&status(stack, Some(environment), true).await).unwrap()
}

/// Waits until something is so.
async fn until(is_so: impl AsyncFn() -> bool) {
    let limit = Instant::now() + Duration::from_secs(LIMIT);
    while !is_so().await {
        assert!(Instant::now() < limit, "it is still not so after {LIMIT} s");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// An environment, once it is there and at rest. Staging is begun by the first look at the repository.
async fn at_rest(stack: &RunningStack, environment: &str) -> Environment {
    let id: EnvironmentId = environment.parse().unwrap();
    let now = async || stack.environment(&id).await.unwrap();
    until(async || now().await.is_some_and(|now| now.is_at_rest() && !now.is_behind())).await;
    now().await.unwrap()
}

fn assert_all_in(text: &str, parts: &[&str]) {
    let missing: Vec<_> = parts.iter().filter(|part| !text.contains(**part)).collect();
    assert!(missing.is_empty(), "{missing:?} in\n{text}");
}
