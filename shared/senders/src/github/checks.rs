//! What people ask of our checks: that they run again.

use super::{Hook, Seen, by, commit, payload::CheckEvent, repository};
use crate::{DoorError, body::parse};
use roadstead_domain::{name::EnvironmentId, plan::mark::parse_shown_mark, trigger::Sighting};

const RUN_AGAIN: &str = "rerequested";

/// One check run is asked for again. What it was given by us says for which environment it speaks.
pub(super) fn run(hook: &Hook, body: &[u8]) -> Result<Seen, DoorError> {
    let event: CheckEvent = parse(body)?;
    if let Some(reason) = why_not(hook, &event)? {
        return Ok(Seen::Nothing(reason));
    }
    match event.check.external_id.as_deref().and_then(environment_of) {
        Some(environment) => again(hook, &event, "check_run.head_sha", Some(environment)),
        None => Ok(Seen::Nothing("this check speaks of no environment")),
    }
}

/// All check runs of a commit are asked for again.
pub(super) fn suite(hook: &Hook, body: &[u8]) -> Result<Seen, DoorError> {
    let event: CheckEvent = parse(body)?;
    match why_not(hook, &event)? {
        Some(reason) => Ok(Seen::Nothing(reason)),
        None => again(hook, &event, "check_suite.head_sha", None),
    }
}

fn why_not(hook: &Hook, event: &CheckEvent<'_>) -> Result<Option<&'static str>, DoorError> {
    let installation = event.installation.map(|installation| installation.id);
    hook.bound_to.check(Some(event.repository.id), installation)?;
    Ok(match event.check.app {
        _ if event.action != RUN_AGAIN => Some("this action changes nothing that is deployed"),
        Some(app) if hook.own_app == Some(app.id) => None,
        _ => Some("this check is of another App"),
    })
}

fn again(
    hook: &Hook,
    event: &CheckEvent<'_>,
    field: &'static str,
    environment: Option<EnvironmentId>,
) -> Result<Seen, DoorError> {
    let sighting = Sighting::ChecksAgain {
        repository: repository(&event.repository)?,
        commit: commit(field, &event.check.head_sha)?,
        environment,
    };
    by(hook, &event.sender, sighting)
}

/// The environment that a check run of ours speaks for. The door reads no table, so it does not know what its installation
/// is called in the platform configuration; that the check is our own App's, in a place that sends to us, it has seen.
fn environment_of(external_id: &str) -> Option<EnvironmentId> {
    parse_shown_mark(external_id).map(|(_, environment, _)| environment)
}
