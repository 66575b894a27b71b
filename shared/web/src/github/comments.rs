//! Comments on pull requests, which are issues in this (GitHub REST API, "Issue comments").
//!
//! Ours are those that the host says were written through our App. The name of an author or being a bot proves nothing:
//! other Apps are bots, and whoever may edit a comment can copy a marker.

use super::http::{Call, Caller, read};
use super::{of_repository, pages};
use http::Method;
use roadstead_domain::repository::Repository;
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::git_host::Comment;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Shown {
    id: u64,
    #[serde(default)]
    body: Option<String>,
    performed_via_github_app: Option<App>,
}

/// An App as GitHub shows it beside what was done through it.
#[derive(Deserialize)]
pub(super) struct App {
    /// Its numeric id.
    pub(super) id: u64,
}

#[derive(Deserialize)]
struct Created {
    id: u64,
}

/// Our comments that contain a marker, oldest first.
pub(super) async fn with_marker(
    caller: &Caller,
    app: u64,
    repository: &Repository,
    number: u64,
    marker: &str,
) -> Result<Vec<Comment>, CallError> {
    let list = of_repository(repository, &format!("issues/{number}/comments"));
    let shown: Vec<Shown> = pages::all(caller, &list, &[], 1).await?;
    let mut ours: Vec<Comment> = shown
        .into_iter()
        .filter(|shown| shown.performed_via_github_app.as_ref().is_some_and(|by| by.id == app))
        .map(|shown| Comment { id: shown.id, body: shown.body.unwrap_or_default() })
        .filter(|comment| comment.body.contains(marker))
        .collect();
    ours.sort_by_key(|comment| comment.id);
    Ok(ours)
}

/// Posts a comment.
pub(super) async fn create(
    caller: &Caller,
    repository: &Repository,
    number: u64,
    body: &str,
) -> Result<u64, CallError> {
    let address = of_repository(repository, &format!("issues/{number}/comments"));
    let response = caller.call(Call::send(Method::POST, &address, json!({"body": body}))).await?;
    read(&response).map(|created: Created| created.id)
}

/// Changes a comment's text.
pub(super) async fn update(
    caller: &Caller,
    repository: &Repository,
    comment: u64,
    body: &str,
) -> Result<(), CallError> {
    let address = of_repository(repository, &format!("issues/comments/{comment}"));
    caller.call(Call::send(Method::PATCH, &address, json!({"body": body}))).await.map(drop)
}

/// Deletes a comment, if it is still there.
pub(super) async fn delete(caller: &Caller, repository: &Repository, comment: u64) -> Result<(), CallError> {
    let address = of_repository(repository, &format!("issues/comments/{comment}"));
    caller.find(Call::delete(&address)).await.map(drop)
}
