//! Deployments: a request to run a commit somewhere, refused while the branch is behind or its checks have not passed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::GitHub;
use super::deployment_statuses::DeploymentStatus;
use super::objects::Commit;
use super::reply::{Outcome, Refusal, Reply};
use super::routes::Call;

/// Who makes the commits that GitHub makes itself.
const MERGER: &str = "web-flow";

/// A deployment with its statuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Its id, unique on all of GitHub.
    pub id: u64,
    /// The commit.
    pub sha: String,
    /// What was named: a branch or a commit.
    pub reference: String,
    /// `deploy`, or another word of the sender's.
    pub task: String,
    /// Where.
    pub environment: String,
    /// What the sender wrote.
    pub description: Option<String>,
    /// What the sender keeps here.
    pub payload: Value,
    /// Whether the environment will go away.
    pub transient_environment: bool,
    /// Whether users work with the environment.
    pub production_environment: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its statuses, oldest first.
    pub statuses: Vec<DeploymentStatus>,
}

#[derive(Deserialize)]
struct DeploymentRequest {
    r#ref: String,
    #[serde(default = "deploy")]
    task: String,
    #[serde(default = "yes")]
    auto_merge: bool,
    required_contexts: Option<Vec<String>>,
    #[serde(default)]
    payload: Value,
    #[serde(default = "production")]
    environment: String,
    description: Option<String>,
    #[serde(default)]
    transient_environment: bool,
    production_environment: Option<bool>,
}

fn deploy() -> String {
    "deploy".to_owned()
}

fn yes() -> bool {
    true
}

fn production() -> String {
    "production".to_owned()
}

/// Newest first, filtered by what the query names.
pub(super) fn list(world: &GitHub, call: &Call<'_>) -> Outcome {
    let repository = world.repository(call.repository)?;
    let matches = |name: &str, value: &str| call.query.get(name).is_none_or(|wanted| wanted == value);
    let chosen = repository.deployments.values().rev().filter(|deployment| {
        matches("sha", &deployment.sha)
            && matches("ref", &deployment.reference)
            && matches("task", &deployment.task)
            && matches("environment", &deployment.environment)
    });
    let all = chosen.map(|it| world.deployment_json(call.repository, it)).collect::<Result<Vec<_>, _>>()?;
    Ok(call.page(world, &all))
}

pub(super) fn get(world: &GitHub, call: &Call<'_>, id: u64) -> Outcome {
    let deployment =
        world.repository(call.repository)?.deployments.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(Reply::json(&world.deployment_json(call.repository, deployment)?))
}

pub(super) fn create(world: &mut GitHub, call: &Call<'_>) -> Outcome {
    let request: DeploymentRequest = call.read("Deployment")?;
    let reference = &request.r#ref;
    let commits = &world.objects_of(call.repository)?.commits;
    let sha = world.repository(call.repository)?.resolve(commits, reference);
    let sha = sha.ok_or_else(|| Refusal::new(422, format!("No ref found for: {reference}")))?;
    if request.auto_merge
        && let Some(merged) = auto_merge(world, call, reference, &sha)?
    {
        return Ok(merged);
    }
    check_contexts(world, call, &request, &sha)?;
    let id = world.next_id();
    let deployment = Deployment {
        id,
        sha,
        reference: request.r#ref,
        task: request.task,
        production_environment: request.production_environment.unwrap_or(request.environment == "production"),
        environment: request.environment,
        description: request.description,
        payload: if request.payload.is_null() { json!("") } else { request.payload },
        transient_environment: request.transient_environment,
        created_at: call.now,
        statuses: Vec::new(),
    };
    let body =
        json!({ "action": "created", "deployment": world.deployment_json(call.repository, &deployment)? });
    let repository = world.repository_mut(call.repository)?;
    repository.environments.entry(deployment.environment.clone()).or_insert(call.now);
    repository.deployments.insert(id, deployment);
    let sender = world.bot();
    let deliveries = world.delivery("deployment", call.repository, &sender, body)?;
    world.outbox.extend(deliveries);
    get(world, call, id).map(|reply| Reply { status: http::StatusCode::CREATED, ..reply })
}

/// Merges the default branch into a branch that is behind it; then there is no deployment yet.
fn auto_merge(
    world: &mut GitHub,
    call: &Call<'_>,
    reference: &str,
    sha: &str,
) -> Result<Option<Reply>, Refusal> {
    let repository = world.repository(call.repository)?;
    let default = repository.default_branch.clone();
    let Some(newest) = repository.branches.get(&default).cloned() else { return Ok(None) };
    let is_branch = repository.branches.contains_key(reference);
    world.create_user(MERGER);
    let objects = world.objects_of_mut(call.repository)?;
    if objects.contains(sha, &newest) {
        return Ok(None);
    }
    let conflict = || Refusal::new(409, format!("Conflict merging {default} into {reference}."));
    let tree = objects.merged_tree(sha, &newest).filter(|_| is_branch).ok_or_else(conflict)?;
    let merged = objects.commit(Commit {
        parents: vec![sha.to_owned(), newest],
        message: format!("Merge {default} into {reference}"),
        author: MERGER.to_owned(),
        date: call.now,
        tree,
    });
    let pusher = world.bot();
    let deliveries = world.push(call.repository, reference, &merged, &pusher, call.now)?;
    world.outbox.extend(deliveries);
    let message = format!("Auto-merged {default} into {reference} on deployment.");
    Ok(Some(Reply::accepted(&json!({ "message": message }))))
}

/// Every status that is wanted, or else every status that there is, must be a success.
fn check_contexts(
    world: &GitHub,
    call: &Call<'_>,
    request: &DeploymentRequest,
    sha: &str,
) -> Result<(), Refusal> {
    let statuses = world.repository(call.repository)?.commit_statuses.get(sha).cloned().unwrap_or_default();
    let wanted = match &request.required_contexts {
        Some(wanted) => wanted.clone(),
        None => statuses.keys().cloned().collect(),
    };
    let passed = |context: &String| statuses.get(context).is_some_and(|state| state == "success");
    let failed: Vec<&String> = wanted.iter().filter(|context| !passed(context)).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let errors = json!([{ "contexts": failed, "resource": "Deployment", "field": "required_contexts", "code": "invalid" }]);
    let message = format!("Conflict: Commit status checks failed for {}.", request.r#ref);
    Err(Refusal { errors: Some(errors), ..Refusal::new(409, message) })
}

impl GitHub {
    /// Every deployment of a repository, oldest first.
    pub fn deployments(&self, repository: u64) -> Vec<&Deployment> {
        self.repositories.get(&repository).into_iter().flat_map(|it| it.deployments.values()).collect()
    }

    /// CI sets the state (`success`, `failure`, …) of a context on a commit.
    ///
    /// # Errors
    /// 404 when the repository does not exist.
    pub fn set_commit_status(
        &mut self,
        repository: u64,
        sha: &str,
        context: &str,
        state: &str,
    ) -> Result<(), Refusal> {
        let statuses = self.repository_mut(repository)?.commit_statuses.entry(sha.to_owned()).or_default();
        statuses.insert(context.to_owned(), state.to_owned());
        Ok(())
    }

    pub(super) fn deployment_json(&self, repository: u64, deployment: &Deployment) -> Result<Value, Refusal> {
        let repository_url =
            format!("{}/repos/{}", self.settings.api_url, self.repository(repository)?.full_name());
        let url = format!("{repository_url}/deployments/{}", deployment.id);
        let last = deployment.statuses.last().map_or(deployment.created_at, |status| status.created_at);
        Ok(json!({
            "url": url,
            "id": deployment.id,
            "node_id": format!("DE_{}", deployment.id),
            "sha": deployment.sha,
            "ref": deployment.reference,
            "task": deployment.task,
            "payload": deployment.payload,
            "original_environment": deployment.environment,
            "environment": deployment.environment,
            "description": deployment.description,
            "creator": self.user_json(&self.bot()),
            "created_at": format!("{:.0}", deployment.created_at),
            "updated_at": format!("{last:.0}"),
            "statuses_url": format!("{url}/statuses"),
            "repository_url": repository_url,
            "transient_environment": deployment.transient_environment,
            "production_environment": deployment.production_environment,
            "performed_via_github_app": self.app_json(),
        }))
    }
}
