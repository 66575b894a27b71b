//! Commits by branch or id, and the heads of branches.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

use super::GitHub;
use super::objects::{Commit, Difference, tree_id};
use super::reply::{Outcome, Refusal, Reply};
use super::routes::Call;

pub(super) fn get(world: &GitHub, call: &Call<'_>, reference: &str) -> Outcome {
    let commits = &world.objects_of(call.repository)?.commits;
    let id = world.repository(call.repository)?.resolve(commits, reference);
    let id = id.ok_or_else(|| Refusal::new(422, format!("No commit found for SHA: {reference}")))?;
    let mut commit = world.commit_json(call.repository, &id)?;
    commit["files"] = files(world, call.repository, &id)?;
    Ok(Reply::json(&commit))
}

fn files(world: &GitHub, repository: u64, id: &str) -> Result<Value, Refusal> {
    let word = |difference: &Difference| match difference {
        Difference::Added => "added",
        Difference::Modified => "modified",
        Difference::Removed => "removed",
    };
    let differences = world.objects_of(repository)?.differences(id);
    Ok(differences.iter().map(|(path, how)| json!({ "filename": path, "status": word(how) })).collect())
}

/// How two commits stand to each other ("Compare two commits"); the commits and files between them are left out.
pub(super) fn compare(world: &GitHub, call: &Call<'_>, range: &str) -> Outcome {
    let commits = &world.objects_of(call.repository)?.commits;
    let repository = world.repository(call.repository)?;
    let (base, head) = range.split_once("...").ok_or_else(Refusal::not_found)?;
    let resolve = |side: &str| repository.resolve(commits, side).ok_or_else(Refusal::not_found);
    let (base, head) = (history(commits, &resolve(base)?), history(commits, &resolve(head)?));
    let (ahead, behind) = (head.difference(&base).count(), base.difference(&head).count());
    let status = match (ahead, behind) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        _ => "diverged",
    };
    Ok(Reply::json(
        &json!({ "status": status, "ahead_by": ahead, "behind_by": behind, "total_commits": ahead }),
    ))
}

/// A commit and all that it follows.
fn history<'a>(commits: &'a BTreeMap<String, Commit>, id: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = commits.get_key_value(id).map(|(id, _)| id.as_str()).into_iter().collect();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            open.extend(commits.get(id).into_iter().flat_map(|commit| &commit.parents).map(String::as_str));
        }
    }
    found
}

pub(super) fn branch(world: &GitHub, call: &Call<'_>, name: &str) -> Outcome {
    let repository = world.repository(call.repository)?;
    let id = repository.branches.get(name).ok_or_else(|| Refusal::new(404, "Branch not found"))?;
    let url = format!("{}/repos/{}/branches/{name}", world.settings.api_url, repository.full_name());
    Ok(Reply::json(&json!({
        "name": name,
        "commit": world.commit_json(call.repository, id)?,
        "_links": { "self": url },
        "protected": false,
    })))
}

impl GitHub {
    fn commit_json(&self, repository: u64, id: &str) -> Result<Value, Refusal> {
        let commit = self.objects_of(repository)?.commits.get(id).ok_or_else(Refusal::not_found)?;
        let full_name = self.repository(repository)?.full_name();
        let url = |id: &str| format!("{}/repos/{full_name}/commits/{id}", self.settings.api_url);
        let html_url = |id: &str| format!("{}/{full_name}/commit/{id}", self.settings.html_url);
        let signature = self.signature_json(&commit.author, &format!("{:.0}", commit.date));
        let parents: Vec<Value> = commit
            .parents
            .iter()
            .map(|parent| json!({ "sha": parent, "url": url(parent), "html_url": html_url(parent) }))
            .collect();
        Ok(json!({
            "sha": id,
            "node_id": format!("C_{id}"),
            "commit": {
                "author": signature,
                "committer": signature,
                "message": commit.message,
                "tree": { "sha": tree_id(&commit.tree) },
                "comment_count": 0,
                "verification": { "verified": false, "reason": "unsigned", "signature": null, "payload": null },
            },
            "url": url(id),
            "html_url": html_url(id),
            "author": self.user_json(&commit.author),
            "committer": self.user_json(&commit.author),
            "parents": parents,
        }))
    }

    fn signature_json(&self, login: &str, date: &str) -> Value {
        json!({ "name": login, "email": format!("{login}@users.noreply.github.com"), "date": date })
    }
}
