//! What became of a deployment.

use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::GitHub;
use super::reply::{Outcome, Refusal, Reply};
use super::routes::Call;

/// The longest description, in characters.
pub const DESCRIPTION_LIMIT: usize = 140;
const STATES: [&str; 7] = ["error", "failure", "inactive", "in_progress", "queued", "pending", "success"];

/// One status of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentStatus {
    /// Its id, unique on all of GitHub.
    pub id: u64,
    /// One of `error`, `failure`, `inactive`, `in_progress`, `queued`, `pending`, `success`.
    pub state: String,
    /// What the sender wrote.
    pub description: String,
    /// Where the environment is.
    pub environment_url: String,
    /// Where the log is.
    pub log_url: String,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(Deserialize)]
struct StatusRequest {
    state: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    environment_url: String,
    #[serde(default)]
    log_url: String,
    auto_inactive: Option<bool>,
}

/// Newest first.
pub(super) fn list(world: &GitHub, call: &Call<'_>, deployment: u64) -> Outcome {
    let found =
        world.repository(call.repository)?.deployments.get(&deployment).ok_or_else(Refusal::not_found)?;
    let shown = |status| status_json(world, call.repository, deployment, status);
    let all = found.statuses.iter().rev().map(shown).collect::<Result<Vec<_>, _>>()?;
    Ok(call.page(world, &all))
}

pub(super) fn create(world: &mut GitHub, call: &Call<'_>, deployment: u64) -> Outcome {
    world.repository(call.repository)?.deployments.get(&deployment).ok_or_else(Refusal::not_found)?;
    let request: StatusRequest = call.read("DeploymentStatus")?;
    if !STATES.contains(&request.state.as_str()) {
        return Err(Refusal::invalid(
            "DeploymentStatus",
            "state",
            "custom",
            Some("state is not included in the list".to_owned()),
        ));
    }
    if request.description.chars().count() > DESCRIPTION_LIMIT {
        let message = format!("description is too long (maximum is {DESCRIPTION_LIMIT} characters)");
        return Err(Refusal::invalid("DeploymentStatus", "description", "custom", Some(message)));
    }
    if request.state == "success" && request.auto_inactive.unwrap_or(true) {
        retire_others(world, call, deployment)?;
    }
    let status = DeploymentStatus {
        id: world.next_id(),
        state: request.state,
        description: request.description,
        environment_url: request.environment_url,
        log_url: request.log_url,
        created_at: call.now,
    };
    let shown = status_json(world, call.repository, deployment, &status)?;
    add(world, call.repository, deployment, status)?;
    Ok(Reply { status: StatusCode::CREATED, ..Reply::json(&shown) })
}

/// Earlier successes in the same environment become inactive, unless it is transient or production.
fn retire_others(world: &mut GitHub, call: &Call<'_>, deployment: u64) -> Result<(), Refusal> {
    let deployments = &world.repository(call.repository)?.deployments;
    let environment = deployments.get(&deployment).map(|it| it.environment.clone());
    let others: Vec<u64> = deployments
        .values()
        .filter(|it| it.id < deployment && Some(&it.environment) == environment.as_ref())
        .filter(|it| !it.transient_environment && !it.production_environment)
        .filter(|it| it.statuses.last().is_some_and(|status| status.state == "success"))
        .map(|it| it.id)
        .collect();
    for other in others {
        let status = DeploymentStatus {
            id: world.next_id(),
            state: "inactive".to_owned(),
            description: String::new(),
            environment_url: String::new(),
            log_url: String::new(),
            created_at: call.now,
        };
        add(world, call.repository, other, status)?;
    }
    Ok(())
}

fn add(
    world: &mut GitHub,
    repository: u64,
    deployment: u64,
    status: DeploymentStatus,
) -> Result<(), Refusal> {
    let shown = status_json(world, repository, deployment, &status)?;
    let deployments = &mut world.repository_mut(repository)?.deployments;
    let found = deployments.get_mut(&deployment).ok_or_else(Refusal::not_found)?;
    found.statuses.push(status);
    let found = found.clone();
    let body = json!({
        "action": "created",
        "deployment_status": shown,
        "deployment": world.deployment_json(repository, &found)?,
    });
    let sender = world.bot();
    let deliveries = world.delivery("deployment_status", repository, &sender, body)?;
    world.outbox.extend(deliveries);
    Ok(())
}

fn status_json(
    world: &GitHub,
    repository: u64,
    deployment: u64,
    status: &DeploymentStatus,
) -> Result<Value, Refusal> {
    let found = world.repository(repository)?;
    let repository_url = format!("{}/repos/{}", world.settings.api_url, found.full_name());
    let deployment_url = format!("{repository_url}/deployments/{deployment}");
    let environment = found.deployments.get(&deployment).map(|it| it.environment.as_str());
    Ok(json!({
        "url": format!("{deployment_url}/statuses/{}", status.id),
        "id": status.id,
        "node_id": format!("DES_{}", status.id),
        "state": status.state,
        "creator": world.user_json(&world.bot()),
        "description": status.description,
        "environment": environment,
        "target_url": status.log_url,
        "log_url": status.log_url,
        "environment_url": status.environment_url,
        "created_at": format!("{:.0}", status.created_at),
        "updated_at": format!("{:.0}", status.created_at),
        "deployment_url": deployment_url,
        "repository_url": repository_url,
        "performed_via_github_app": world.app_json(),
    }))
}
