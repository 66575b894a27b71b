//! Branches, commits and files (GitHub REST API, "Branches", "Commits" and "Repository contents").

use super::http::{Call, Caller, broken, read, segment};
use super::of_repository;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use roadstead_domain::command::NamedCommit;
use roadstead_domain::repository::{Commit, Repository};
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::git_host::CommitShown;
use serde::Deserialize;

/// The form in which a directory, a link and a submodule say what they are.
const OBJECT: &str = "application/vnd.github.object+json";
/// How GitHub says that a repository has no such branch (REST API, "Get a branch"). Of a repository that the App may not see it
/// says "Not Found".
const NO_BRANCH: &str = "Branch not found";
/// How GitHub begins when it refuses, as unprocessable, a commit that it does not have.
const NO_COMMIT: &str = "No commit found";

#[derive(Deserialize)]
struct Branch {
    commit: Sha,
}

#[derive(Deserialize)]
struct Sha {
    sha: Commit,
}

#[derive(Deserialize)]
struct ShownCommit {
    sha: Commit,
    parents: Vec<Sha>,
}

#[derive(Deserialize)]
struct Compared {
    status: String,
}

impl From<ShownCommit> for CommitShown {
    fn from(shown: ShownCommit) -> Self {
        let parents = shown.parents.into_iter().map(|parent| parent.sha).collect();
        CommitShown { commit: shown.sha, parents }
    }
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    size: usize,
    #[serde(default)]
    encoding: String,
    #[serde(default)]
    content: String,
}

/// The newest commit of a branch. One that was renamed, which GitHub answers with a redirect, is gone by that name.
pub(super) async fn branch(
    caller: &Caller,
    repository: &Repository,
    branch: &str,
) -> Result<Option<Commit>, CallError> {
    let address = of_repository(repository, &format!("branches/{}", segment(branch)));
    let response = caller.answer(&Call::get(&address)).await?;
    match response.status() {
        StatusCode::MOVED_PERMANENTLY => return Ok(None),
        status if status.is_success() => {
            return read(&response).map(|branch: Branch| Some(branch.commit.sha));
        }
        _ => {}
    }
    match caller.refusal(&response, false) {
        CallError::Missing { reason } if reason.contains(NO_BRANCH) => Ok(None),
        CallError::Missing { .. } => Err(not_shown(repository)),
        other => Err(other),
    }
}

fn not_shown(repository: &Repository) -> CallError {
    let name = &repository.full_name;
    CallError::Missing {
        reason: format!("GitHub does not show {name} to the App: let it be installed there again"),
    }
}

/// A commit and its parents.
pub(super) async fn commit(
    caller: &Caller,
    repository: &Repository,
    commit: &Commit,
) -> Result<Option<CommitShown>, CallError> {
    shown(caller, repository, commit.as_str()).await
}

/// The commit that begins with these digits: a branch may be called like them, and is not meant.
pub(super) async fn named(
    caller: &Caller,
    repository: &Repository,
    named: &NamedCommit,
    newer: &Commit,
) -> Result<Option<Commit>, CallError> {
    let found = shown(caller, repository, named.as_str()).await?.map(|shown| shown.commit);
    let Some(commit) = found.filter(|commit| commit.as_str().starts_with(named.as_str())) else {
        return Ok(None);
    };
    Ok(is_in_history(caller, repository, &commit, newer).await?.then_some(commit))
}

/// Whether a commit is another one, or is in its history ("Compare two commits").
async fn is_in_history(
    caller: &Caller,
    repository: &Repository,
    commit: &Commit,
    newer: &Commit,
) -> Result<bool, CallError> {
    let address = of_repository(repository, &format!("compare/{newer}...{commit}?per_page=1"));
    let Some(response) = caller.find(Call::get(&address)).await? else { return Ok(false) };
    let compared: Compared = read(&response)?;
    Ok(matches!(compared.status.as_str(), "identical" | "behind"))
}

async fn shown(
    caller: &Caller,
    repository: &Repository,
    digits: &str,
) -> Result<Option<CommitShown>, CallError> {
    let address = of_repository(repository, &format!("commits/{digits}"));
    match caller.find(Call::get(&address)).await {
        Ok(Some(response)) => read(&response).map(|commit: ShownCommit| Some(commit.into())),
        Ok(None) => Ok(None),
        Err(CallError::Refused { reason }) if reason.contains(NO_COMMIT) => Ok(None),
        Err(other) => Err(other),
    }
}

/// A regular file at a commit. GitHub itself follows a link to a file of the same repository and commit, so what is
/// refused as a link is one that leads nowhere in it.
pub(super) async fn file(
    caller: &Caller,
    repository: &Repository,
    commit: &Commit,
    path: &str,
    limit: usize,
) -> Result<Option<Vec<u8>>, CallError> {
    let address = of_repository(repository, &format!("contents/{}?ref={commit}", encoded(path)?));
    let Some(response) = caller.find(Call::get(&address).accept(OBJECT)).await? else { return Ok(None) };
    let entry: Entry = read(&response)?;
    if entry.kind != "file" {
        return Err(refused(format!("{path} is a {}, not a file", entry.kind)));
    }
    if entry.size > limit || entry.encoding != "base64" {
        return Err(refused(format!("{path} has {} bytes; at most {limit} are read", entry.size)));
    }
    let digits: String = entry.content.split_whitespace().collect();
    let content = STANDARD.decode(digits).map_err(|_| broken("GitHub answered a file that is not base64"))?;
    if content.len() == entry.size {
        Ok(Some(content))
    } else {
        Err(broken("GitHub answered a file that is not as long as it says"))
    }
}

/// A path whose segments stay segments. A segment that leads upwards or nowhere would be another address.
fn encoded(path: &str) -> Result<String, CallError> {
    if path.split('/').any(|name| matches!(name, "" | "." | "..")) {
        return Err(refused(format!("{path:?} is not the path of a file in a repository")));
    }
    Ok(path.split('/').map(segment).collect::<Vec<_>>().join("/"))
}

fn refused(reason: String) -> CallError {
    CallError::Refused { reason }
}
