//! Deployments, their statuses and environments (GitHub REST API, "Deployments").

use super::comments::App;
use super::http::{Call, Caller, read, segment};
use super::{of_repository, pages};
use http::Method;
use roadstead_domain::repository::{Commit, Repository};
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::git_host::DeploymentStatus;
use serde::Deserialize;
use serde_json::{Value, json};

/// The task of every deployment of ours.
const TASK: &str = "deploy";

/// The deployment that is to be created.
pub(super) struct Wanted<'a> {
    /// Where to.
    pub(super) environment: &'a str,
    /// Of what.
    pub(super) commit: &'a Commit,
    /// By which it is found again.
    pub(super) payload: &'a str,
    /// Whether the environment goes away by itself.
    pub(super) transient: bool,
}

#[derive(Deserialize)]
struct Shown {
    id: u64,
    #[serde(default)]
    payload: Value,
    performed_via_github_app: Option<App>,
}

#[derive(Deserialize)]
struct Created {
    id: u64,
}

/// Our deployment that carries the payload, among the newest of its environment.
pub(super) async fn find(
    caller: &Caller,
    app: u64,
    repository: &Repository,
    environment: &str,
    payload: &str,
) -> Result<Option<u64>, CallError> {
    let list = of_repository(repository, "deployments");
    let query = [("environment", environment), ("task", TASK)];
    let is_ours = |shown: &&Shown| {
        shown.performed_via_github_app.as_ref().is_some_and(|by| by.id == app)
            && carries(&shown.payload, payload)
    };
    let on_page = |page: Vec<Shown>| page.iter().find(is_ours).map(|shown| shown.id);
    pages::find(caller, &list, &query, on_page).await
}

/// GitHub shows a payload as the text that was sent, or, where that is JSON, as what it says.
fn carries(shown: &Value, payload: &str) -> bool {
    match shown {
        Value::String(text) => text == payload,
        other => serde_json::from_str::<Value>(payload).is_ok_and(|payload| payload == *other),
    }
}

/// Creates a deployment of just this commit, whatever its checks say: what may be deployed was decided before.
pub(super) async fn create(
    caller: &Caller,
    repository: &Repository,
    wanted: &Wanted<'_>,
) -> Result<u64, CallError> {
    let body = json!({
        "ref": wanted.commit,
        "task": TASK,
        "environment": wanted.environment,
        "payload": wanted.payload,
        "transient_environment": wanted.transient,
        "auto_merge": false,
        "required_contexts": [],
    });
    let address = of_repository(repository, "deployments");
    let response = caller.call(Call::send(Method::POST, &address, body)).await?;
    read(&response).map(|created: Created| created.id)
}

/// Adds a status, and leaves the statuses of other deployments alone.
pub(super) async fn set_status(
    caller: &Caller,
    repository: &Repository,
    deployment: u64,
    environment: &str,
    status: &DeploymentStatus,
) -> Result<(), CallError> {
    let mut body = json!({
        "state": status.state.name(),
        "description": status.description,
        "environment": environment,
        "auto_inactive": false,
    });
    if let Some(url) = &status.url {
        body["environment_url"] = json!(url);
    }
    let address = of_repository(repository, &format!("deployments/{deployment}/statuses"));
    caller.call(Call::send(Method::POST, &address, body)).await.map(drop)
}

/// Removes an environment, if it is still there.
pub(super) async fn remove_environment(
    caller: &Caller,
    repository: &Repository,
    environment: &str,
) -> Result<(), CallError> {
    let address = of_repository(repository, &format!("environments/{}", segment(environment)));
    caller.find(Call::delete(&address)).await.map(drop)
}
