//! Pull requests (GitHub REST API, "Pull requests").

use super::http::{Call, Caller, read};
use super::{of_repository, pages};
use http::StatusCode;
use http::header::ETAG;
use roadstead_domain::repository::{Commit, PullRequest, Repository};
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::git_host::OpenPullRequests;
use serde::Deserialize;

/// Open ones, the oldest first, so that a new one comes last.
const OPEN: &[(&str, &str)] = &[("state", "open"), ("sort", "created"), ("direction", "asc")];
/// The author of what a deleted account wrote. Nobody has this id, so nobody's rights go with it.
const NOBODY: u64 = 0;

#[derive(Deserialize)]
struct Shown {
    number: u64,
    state: String,
    #[serde(default)]
    draft: bool,
    head: Head,
    base: Base,
    user: Option<Identified>,
}

#[derive(Deserialize)]
struct Head {
    sha: Commit,
    repo: Option<Identified>,
}

#[derive(Deserialize)]
struct Base {
    #[serde(rename = "ref")]
    branch: String,
}

#[derive(Deserialize)]
struct Identified {
    id: u64,
}

impl From<Shown> for PullRequest {
    fn from(shown: Shown) -> Self {
        PullRequest {
            number: shown.number,
            open: shown.state == "open",
            draft: shown.draft,
            head: shown.head.sha,
            head_repository: shown.head.repo.map(|repository| repository.id),
            base_branch: shown.base.branch,
            author: shown.user.map_or(NOBODY, |user| user.id),
        }
    }
}

/// One pull request.
pub(super) async fn one(
    caller: &Caller,
    repository: &Repository,
    number: u64,
) -> Result<PullRequest, CallError> {
    let address = of_repository(repository, &format!("pulls/{number}"));
    let shown: Shown = read(&caller.call(Call::get(&address)).await?)?;
    Ok(shown.into())
}

/// All that are open. A tag is of one page, so it is only given on while the next one to be opened comes onto that page, too.
pub(super) async fn open(
    caller: &Caller,
    repository: &Repository,
    tag: Option<&str>,
) -> Result<OpenPullRequests, CallError> {
    let list = of_repository(repository, "pulls");
    let first = caller.call(Call::get(&pages::address(&list, OPEN, 1)?).unless(tag)).await?;
    if first.status() == StatusCode::NOT_MODIFIED {
        return Ok(OpenPullRequests::Unchanged);
    }
    let mut shown: Vec<Shown> = read(&first)?;
    let tag = first.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let tag = tag.filter(|_| shown.len() < pages::PAGE);
    if pages::has_next(&first) {
        shown.extend(pages::all(caller, &list, OPEN, 2).await?);
    }
    Ok(OpenPullRequests::These { pull_requests: shown.into_iter().map(PullRequest::from).collect(), tag })
}
