//! Repositories, by name and by id; an old name leads to the id.

use std::collections::{BTreeMap, BTreeSet};

use http::Uri;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::checks::CheckRun;
use super::collaborators::Role;
use super::comments::Comment;
use super::deployments::Deployment;
use super::pulls::PullRequest;
use super::reply::{Outcome, Refusal, Reply};
use super::routes::Call;
use super::{Commit, GitHub};

/// A repository with everything that happened in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Repository {
    pub(super) id: u64,
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) former_names: BTreeSet<String>,
    pub(super) private: bool,
    pub(super) parent: Option<u64>,
    pub(super) network: u64,
    pub(super) default_branch: String,
    pub(super) created_at: Timestamp,
    pub(super) pushed_at: Timestamp,
    pub(super) branches: BTreeMap<String, String>,
    pub(super) roles: BTreeMap<String, Role>,
    pub(super) pulls: BTreeMap<u64, PullRequest>,
    pub(super) comments: BTreeMap<u64, Comment>,
    pub(super) deployments: BTreeMap<u64, Deployment>,
    pub(super) environments: BTreeMap<String, Timestamp>,
    #[serde(default)]
    pub(super) check_runs: BTreeMap<u64, CheckRun>,
    /// Commit statuses: the state of each context by commit.
    pub(super) commit_statuses: BTreeMap<String, BTreeMap<String, String>>,
}

impl Repository {
    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// The commit that a branch, a full reference, a pull request's reference or an id names.
    pub(super) fn resolve(&self, commits: &BTreeMap<String, Commit>, reference: &str) -> Option<String> {
        let short = reference.strip_prefix("refs/").unwrap_or(reference);
        if let Some(rest) = short.strip_prefix("pull/") {
            let (number, side) = rest.split_once('/')?;
            let pull = self.pulls.get(&number.parse().ok()?)?;
            return if side == "head" { Some(pull.head_sha.clone()) } else { pull.merge_commit.clone() };
        }
        let branch = short.strip_prefix("heads/").unwrap_or(reference);
        self.branches
            .get(branch)
            .cloned()
            .or_else(|| commits.contains_key(reference).then(|| reference.to_owned()))
            .or_else(|| abbreviated(commits, reference))
    }
}

/// The id of `owner/name`; one that was renamed, and that the installation sees, is answered with 301 to the id.
pub(super) fn by_name(
    world: &GitHub,
    installation: u64,
    (owner, name): (&str, &str),
    uri: &Uri,
) -> Result<u64, Refusal> {
    let full_name = format!("{owner}/{name}").to_lowercase();
    let mut all = world.repositories.values();
    if let Some(found) = all.find(|repository| repository.full_name().to_lowercase() == full_name) {
        return Ok(found.id);
    }
    let moved = world.repositories.values().find(|repository| repository.former_names.contains(&full_name));
    let moved = moved.filter(|it| world.sees(installation, it.id)).ok_or_else(Refusal::not_found)?;
    let rest: String = uri.path().splitn(5, '/').skip(4).map(|rest| format!("/{rest}")).collect();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = format!("{}/repositories/{}{rest}{query}", world.settings.api_url, moved.id);
    Err(Refusal { location: Some(location), ..Refusal::new(301, "Moved Permanently") })
}

pub(super) fn get(world: &GitHub, call: &Call<'_>) -> Outcome {
    Ok(Reply::json(&world.repository_json(world.repository(call.repository)?)))
}

impl GitHub {
    pub(super) fn repository_json(&self, repository: &Repository) -> Value {
        let full_name = repository.full_name();
        let url = format!("{}/repos/{full_name}", self.settings.api_url);
        let html_url = format!("{}/{full_name}", self.settings.html_url);
        json!({
            "id": repository.id,
            "node_id": format!("R_{}", repository.id),
            "name": repository.name,
            "full_name": full_name,
            "private": repository.private,
            "visibility": if repository.private { "private" } else { "public" },
            "owner": self.user_json(&repository.owner),
            "html_url": html_url,
            "description": null,
            "fork": repository.parent.is_some(),
            "url": url,
            "pulls_url": format!("{url}/pulls{{/number}}"),
            "issues_url": format!("{url}/issues{{/number}}"),
            "statuses_url": format!("{url}/statuses/{{sha}}"),
            "contents_url": format!("{url}/contents/{{+path}}"),
            "deployments_url": format!("{url}/deployments"),
            "clone_url": format!("{html_url}.git"),
            "created_at": format!("{:.0}", repository.created_at),
            "updated_at": format!("{:.0}", repository.pushed_at),
            "pushed_at": format!("{:.0}", repository.pushed_at),
            "archived": false,
            "disabled": false,
            "default_branch": repository.default_branch,
        })
    }
}

/// The one commit that begins with these digits: Git takes four or more, as long as they are unambiguous.
fn abbreviated(commits: &BTreeMap<String, Commit>, digits: &str) -> Option<String> {
    if digits.len() < 4 {
        return None;
    }
    let mut found = commits.keys().filter(|id| id.starts_with(digits));
    let first = found.next()?;
    found.next().is_none().then(|| first.clone())
}
