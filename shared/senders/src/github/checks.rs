//! What people ask of our checks: that they run again.

use super::{
    Hook, Seen, by, commit,
    payload::{CheckRunEvent, CheckSuiteEvent, Numbered},
    repository,
};
use crate::{DoorError, body::parse};
use roadstead_domain::{name::EnvironmentId, trigger::Sighting};

const RUN_AGAIN: &str = "rerequested";

/// One check run is asked for again. What it was given by us says for which environment it speaks.
pub(super) fn run(hook: &Hook, body: &[u8]) -> Result<Seen, DoorError> {
    let event: CheckRunEvent = parse(body)?;
    hook.bound_to.check(Some(event.repository.id), event.installation.map(|installation| installation.id))?;
    if let Some(reason) = why_not(hook, &event.action, event.check_run.app) {
        return Ok(Seen::Nothing(reason));
    }
    let Some(environment) = event.check_run.external_id.as_deref().and_then(environment_of) else {
        return Ok(Seen::Nothing("this check speaks of no environment"));
    };
    let sighting = Sighting::ChecksAgain {
        repository: repository(&event.repository)?,
        commit: commit("check_run.head_sha", &event.check_run.head_sha)?,
        environment: Some(environment),
    };
    by(hook, &event.sender, sighting)
}

/// All check runs of a commit are asked for again.
pub(super) fn suite(hook: &Hook, body: &[u8]) -> Result<Seen, DoorError> {
    let event: CheckSuiteEvent = parse(body)?;
    hook.bound_to.check(Some(event.repository.id), event.installation.map(|installation| installation.id))?;
    if let Some(reason) = why_not(hook, &event.action, event.check_suite.app) {
        return Ok(Seen::Nothing(reason));
    }
    let sighting = Sighting::ChecksAgain {
        repository: repository(&event.repository)?,
        commit: commit("check_suite.head_sha", &event.check_suite.head_sha)?,
        environment: None,
    };
    by(hook, &event.sender, sighting)
}

fn why_not(hook: &Hook, action: &str, app: Option<Numbered>) -> Option<&'static str> {
    match app {
        _ if action != RUN_AGAIN => Some("this action changes nothing that is deployed"),
        Some(app) if hook.own_app == Some(app.id) => None,
        _ => Some("this check is of another App"),
    }
}

/// The environment in a mark and generation of ours: `installation/application/name#generation`.
fn environment_of(external_id: &str) -> Option<EnvironmentId> {
    let (mark, _) = external_id.rsplit_once('#')?;
    let (_, environment) = mark.split_once('/')?;
    environment.parse().ok()
}
