//! The claim: one conditional update that is read and claim in one.

use crate::{
    context::{Context, Invocation},
    nouns::state::{Change, Condition, DUE_AT, StateError},
    rows,
};
use roadstead_domain::{
    claim::Claim, environment::Environment, name::EnvironmentId, refusal::Refusal, step::Stage,
};
use serde_json::json;

/// What a message is about.
pub(super) struct Place<'a> {
    pub(super) environment: &'a EnvironmentId,
    pub(super) generation: u64,
    pub(super) stage: Stage,
}

/// Claims the environment where the message says that it stands. None when it stands elsewhere, or somebody carries it
/// out just now: the message is dropped.
pub(super) async fn claim(
    context: &Context,
    invocation: &Invocation,
    place: &Place<'_>,
) -> Result<Option<Environment>, Refusal> {
    let free = Condition::Missing("claim".to_owned());
    match attempt(context, invocation, place, vec![], free).await? {
        Attempt::Claimed(environment) => Ok(Some(*environment)),
        Attempt::Refused(None) => Ok(None),
        Attempt::Refused(Some(environment)) => after_refusal(context, invocation, place, *environment).await,
    }
}

enum Attempt {
    Claimed(Box<Environment>),
    Refused(Option<Box<Environment>>),
}

/// A refusal shows the row: our own token means that only the answer was lost; an expired claim is taken over, and what
/// its holder may still do is remembered.
async fn after_refusal(
    context: &Context,
    invocation: &Invocation,
    place: &Place<'_>,
    environment: Environment,
) -> Result<Option<Environment>, Refusal> {
    let here = environment.carrying == place.generation && environment.stage == Some(place.stage);
    let Some(claim) = environment.claim.clone().filter(|_| here) else { return Ok(None) };
    if claim.token == invocation.token {
        return Ok(Some(environment));
    }
    if claim.is_live(context.now()) {
        return Ok(None);
    }
    let late = environment.late_until.max(Some(claim.until));
    let late = Change::Set("late_until".to_owned(), json!(late.map(|late| late.as_millisecond())));
    let same = Condition::Equals("claim.token".to_owned(), json!(claim.token));
    match attempt(context, invocation, place, vec![late], same).await? {
        Attempt::Claimed(environment) => Ok(Some(*environment)),
        Attempt::Refused(_) => Ok(None),
    }
}

async fn attempt(
    context: &Context,
    invocation: &Invocation,
    place: &Place<'_>,
    mut changes: Vec<Change>,
    unclaimed: Condition,
) -> Result<Attempt, Refusal> {
    let claim = Claim { token: invocation.token.clone(), until: invocation.until() };
    changes.push(Change::Set(DUE_AT.to_owned(), json!(claim.until.as_millisecond())));
    changes.push(Change::Set("claim".to_owned(), rows::attribute(&claim)?));
    changes.push(Change::Add("attempts".to_owned(), 1));
    let condition = Condition::All(vec![
        Condition::Equals("carrying".to_owned(), json!(place.generation)),
        Condition::Equals("stage".to_owned(), rows::attribute(&place.stage)?),
        unclaimed,
    ]);
    match context.state.update(&rows::environment(place.environment), &changes, &condition).await {
        Ok(row) => Ok(Attempt::Claimed(Box::new(rows::read(&row)?))),
        Err(StateError::Refused { row, .. }) => {
            let environment = row.as_ref().map(rows::read).transpose()?;
            Ok(Attempt::Refused(environment.map(Box::new)))
        }
        Err(error) => Err(error.into()),
    }
}
