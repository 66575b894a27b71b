//! Check runs, which only a GitHub App may write (GitHub REST API, "Check runs").

use super::comments::App;
use super::http::{Call, Caller, read};
use super::{of_repository, pages};
use http::Method;
use roadstead_domain::repository::{Commit, Repository};
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::git_host::Check;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Page {
    check_runs: Vec<Shown>,
}

#[derive(Deserialize)]
struct Shown {
    id: u64,
    #[serde(default)]
    external_id: Option<String>,
    app: Option<App>,
}

#[derive(Deserialize)]
struct Created {
    id: u64,
}

/// Our check run of a commit that carries the mark as its `external_id`, older ones of the same name included.
pub(super) async fn find(
    caller: &Caller,
    app: u64,
    repository: &Repository,
    commit: &Commit,
    name: &str,
    mark: &str,
) -> Result<Option<u64>, CallError> {
    let list = of_repository(repository, &format!("commits/{commit}/check-runs"));
    let own = app.to_string();
    let query = [("check_name", name), ("app_id", own.as_str()), ("filter", "all")];
    let is_ours = |shown: &&Shown| {
        shown.app.as_ref().is_some_and(|by| by.id == app) && shown.external_id.as_deref() == Some(mark)
    };
    let on_page = |page: Page| page.check_runs.iter().find(is_ours).map(|shown| shown.id);
    pages::find(caller, &list, &query, on_page).await
}

/// Creates a check run.
pub(super) async fn create(
    caller: &Caller,
    repository: &Repository,
    commit: &Commit,
    mark: &str,
    check: &Check,
) -> Result<u64, CallError> {
    let mut body = said(check);
    body["name"] = json!(check.name);
    body["head_sha"] = json!(commit);
    body["external_id"] = json!(mark);
    let address = of_repository(repository, "check-runs");
    let response = caller.call(Call::send(Method::POST, &address, body)).await?;
    read(&response).map(|created: Created| created.id)
}

/// Changes a check run.
pub(super) async fn update(
    caller: &Caller,
    repository: &Repository,
    id: u64,
    check: &Check,
) -> Result<(), CallError> {
    let address = of_repository(repository, &format!("check-runs/{id}"));
    caller.call(Call::send(Method::PATCH, &address, said(check))).await.map(drop)
}

/// What a check run says. A conclusion makes its status `completed`.
fn said(check: &Check) -> Value {
    let mut body = json!({ "output": { "title": check.title, "summary": check.summary } });
    let state = json!(check.state.name());
    if check.state.is_conclusion() {
        body["status"] = json!("completed");
        body["conclusion"] = state;
    } else {
        body["status"] = state;
    }
    if let Some(url) = &check.url {
        body["details_url"] = json!(url);
    }
    body
}
