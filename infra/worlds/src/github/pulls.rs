//! Pull requests as the API shows them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::GitHub;
use super::reply::{Outcome, Refusal, Reply};
use super::repositories::Repository;
use super::routes::Call;

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// Its id, unique on all of GitHub.
    pub id: u64,
    /// Its number in the repository.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its description.
    pub body: String,
    /// Who opened it, by login.
    pub author: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// Whether it is open.
    pub open: bool,
    /// Who merged it, if it was merged.
    pub merged_by: Option<String>,
    /// The branch that it wants to change.
    pub base_branch: String,
    /// That branch's commit when the pull request last moved.
    pub base_sha: String,
    /// The repository that it comes from; of a fork, another than its own.
    pub head_repository: u64,
    /// The owner of that repository.
    pub head_owner: String,
    /// The branch that it comes from.
    pub head_branch: String,
    /// The commit that it shows.
    pub head_sha: String,
    /// While it is open the test merge that CI builds; afterwards what it was merged as.
    pub merge_commit: Option<String>,
    /// Whether it can be merged; unknown right after it moved.
    pub mergeable: Option<bool>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// Newest first, unless the query asks otherwise.
pub(super) fn list(world: &GitHub, call: &Call<'_>) -> Outcome {
    let repository = world.repository(call.repository)?;
    let wanted = |name: &str| call.query.get(name).map(String::as_str);
    let mut chosen: Vec<&PullRequest> = repository
        .pulls
        .values()
        .filter(|pull| match wanted("state").unwrap_or("open") {
            "all" => true,
            "closed" => !pull.open,
            _ => pull.open,
        })
        .filter(|pull| wanted("base").is_none_or(|base| base == pull.base_branch))
        .filter(|pull| wanted("head").is_none_or(|head| head == label(&pull.head_owner, &pull.head_branch)))
        .collect();
    if wanted("sort") == Some("updated") {
        chosen.sort_by_key(|pull| pull.updated_at);
    }
    if wanted("direction") != Some("asc") {
        chosen.reverse();
    }
    let all: Vec<Value> = chosen.into_iter().map(|pull| world.listed_pull_json(repository, pull)).collect();
    Ok(call.page(world, &all))
}

pub(super) fn get(world: &GitHub, call: &Call<'_>, number: u64) -> Outcome {
    Ok(Reply::json(&world.pull_json(call.repository, number)?))
}

fn label(owner: &str, branch: &str) -> String {
    format!("{owner}:{branch}")
}

fn moment(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| format!("{at:.0}").into())
}

impl GitHub {
    /// A pull request as it really is.
    pub fn pull_request(&self, repository: u64, number: u64) -> Option<&PullRequest> {
        self.repositories.get(&repository)?.pulls.get(&number)
    }

    /// The commit that merges a pull request's head into its base for a test, which CI builds: its parents are
    /// base and head. `None` while they conflict.
    pub fn merge_commit(&self, repository: u64, number: u64) -> Option<&str> {
        self.pull_request(repository, number)?.merge_commit.as_deref()
    }

    /// A pull request on its own: with what a list leaves out.
    pub(super) fn pull_json(&self, repository: u64, number: u64) -> Result<Value, Refusal> {
        let owner = self.repository(repository)?;
        let pull = owner.pulls.get(&number).ok_or_else(Refusal::not_found)?;
        let mut shown = self.listed_pull_json(owner, pull);
        let merged = pull.merged_by.is_some();
        let state = match pull.mergeable {
            None => "unknown",
            Some(false) => "dirty",
            Some(true) if pull.draft => "draft",
            Some(true) => "clean",
        };
        let comments = owner.comments.values().filter(|comment| comment.number == number).count();
        let further = json!({
            "merged": merged,
            "mergeable": pull.mergeable,
            "rebaseable": pull.mergeable,
            "mergeable_state": state,
            "merged_by": pull.merged_by.as_ref().map(|login| self.user_json(login)),
            "comments": comments,
            "review_comments": 0,
            "maintainer_can_modify": false,
            "commits": self.objects_of(repository)?.ahead(&pull.base_sha, &pull.head_sha),
        });
        if let (Value::Object(shown), Value::Object(further)) = (&mut shown, further) {
            shown.extend(further);
        }
        Ok(shown)
    }

    fn listed_pull_json(&self, repository: &Repository, pull: &PullRequest) -> Value {
        let full_name = repository.full_name();
        let (number, api) = (pull.number, format!("{}/repos/{full_name}", self.settings.api_url));
        let html_url = format!("{}/{full_name}/pull/{number}", self.settings.html_url);
        json!({
            "url": format!("{api}/pulls/{number}"),
            "id": pull.id,
            "node_id": format!("PR_{}", pull.id),
            "html_url": html_url,
            "diff_url": format!("{html_url}.diff"),
            "patch_url": format!("{html_url}.patch"),
            "issue_url": format!("{api}/issues/{number}"),
            "comments_url": format!("{api}/issues/{number}/comments"),
            "commits_url": format!("{api}/pulls/{number}/commits"),
            "statuses_url": format!("{api}/statuses/{}", pull.head_sha),
            "number": number,
            "state": if pull.open { "open" } else { "closed" },
            "locked": false,
            "title": pull.title,
            "user": self.user_json(&pull.author),
            "body": pull.body,
            "created_at": moment(Some(pull.created_at)),
            "updated_at": moment(Some(pull.updated_at)),
            "closed_at": moment(pull.closed_at),
            "merged_at": moment(pull.closed_at.filter(|_| pull.merged_by.is_some())),
            "merge_commit_sha": pull.merge_commit,
            "assignee": null,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "labels": [],
            "milestone": null,
            "draft": pull.draft,
            "head": self.head_json(pull),
            "base": self.side_json(Some(repository), &repository.owner, &pull.base_branch, &pull.base_sha),
            "author_association": "NONE",
            "auto_merge": null,
            "active_lock_reason": null,
        })
    }

    fn head_json(&self, pull: &PullRequest) -> Value {
        let repository = self.repositories.get(&pull.head_repository);
        self.side_json(repository, &pull.head_owner, &pull.head_branch, &pull.head_sha)
    }

    /// A side's `repo` is null once its fork was deleted.
    fn side_json(&self, repository: Option<&Repository>, owner: &str, branch: &str, sha: &str) -> Value {
        json!({
            "label": label(owner, branch),
            "ref": branch,
            "sha": sha,
            "user": self.user_json(owner),
            "repo": repository.map(|repository| self.repository_json(repository)),
        })
    }

    /// The issue that every pull request is too.
    pub(super) fn issue_json(&self, repository: u64, number: u64) -> Result<Value, Refusal> {
        let full_name = self.repository(repository)?.full_name();
        let pull = self.pull_request(repository, number).ok_or_else(Refusal::not_found)?;
        let (api, html) = (&self.settings.api_url, &self.settings.html_url);
        Ok(json!({
            "url": format!("{api}/repos/{full_name}/issues/{number}"),
            "html_url": format!("{html}/{full_name}/pull/{number}"),
            "id": pull.id,
            "number": number,
            "title": pull.title,
            "user": self.user_json(&pull.author),
            "state": if pull.open { "open" } else { "closed" },
            "locked": false,
            "draft": pull.draft,
            "created_at": moment(Some(pull.created_at)),
            "updated_at": moment(Some(pull.updated_at)),
            "closed_at": moment(pull.closed_at),
            "body": pull.body,
            "pull_request": {
                "url": format!("{api}/repos/{full_name}/pulls/{number}"),
                "html_url": format!("{html}/{full_name}/pull/{number}"),
            },
        }))
    }
}
