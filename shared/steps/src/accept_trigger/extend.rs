//! Letting an environment live longer, because a person asks for it. The end belongs to what is wanted, so that whoever
//! carries the environment out just now keeps it.

use super::{
    concern::Concern,
    raise::{difference, same},
    told::Told,
};
use crate::{
    carry::{Changed, announcements, change_and_owe},
    context::Context,
    nouns::state::Write,
    rows,
};
use jiff::SignedDuration;
use roadstead_domain::{
    environment::{Environment, Phase},
    intent::Intent,
    lifetime::PutOff,
    name::EnvironmentId,
    refusal::Refusal,
    sentence,
    trigger::Outcome,
};

/// The environment that is to live longer.
pub(super) fn concern(environment: &EnvironmentId, by: Option<SignedDuration>) -> Concern {
    Concern { environment: environment.clone(), told: Ok(Told::Extend { by }), follows: None }
}

/// Puts the end off, once for each trigger; none when the row changed meanwhile.
pub(super) async fn extend(
    context: &Context,
    before: &Environment,
    by: Option<SignedDuration>,
    trigger: &str,
) -> Result<Option<Outcome>, Refusal> {
    let now = context.now();
    let Some(end) = before.expires_at.filter(|_| before.life.is_some()) else {
        return Ok(Some(Outcome::Nothing { reason: sentence::lives_for_ever(&before.id) }));
    };
    if let Some(PutOff { until, latest }) = before.was_extended_by(trigger) {
        return Ok(Some(Outcome::Extended { until, latest }));
    }
    if is_going(before) {
        return Ok(Some(Outcome::Nothing { reason: sentence::is_going_already(&before.id) }));
    }
    let mut after = before.clone();
    let Some(PutOff { until, latest }) = after.extend(by, trigger, now) else {
        return Ok(Some(Outcome::Nothing { reason: sentence::as_late_as_may_be(&before.id, end) }));
    };
    after.wanted.looks += 1;
    if write(context, before, &after).await? {
        Ok(Some(Outcome::Extended { until, latest }))
    } else {
        Ok(None)
    }
}

/// Whether its end has begun, or is wanted.
fn is_going(environment: &Environment) -> bool {
    matches!(environment.wanted.intent, Intent::Absent { .. })
        || matches!(environment.phase, Phase::Closing { .. } | Phase::Settling | Phase::Gone)
}

/// Writes the end, and owes people the news, in one commit. Answers whether the row still stood as it was read.
async fn write(context: &Context, before: &Environment, after: &Environment) -> Result<bool, Refusal> {
    let free = before.claim.is_none() && !before.hold;
    let due_at = after.due_at_rest().filter(|_| free && after.is_at_rest());
    let row = rows::environment(&before.id);
    let change = Write::Update(row, difference(before, after, due_at)?, same(before, free));
    let changed = change_and_owe(context, change, &announcements(after)).await?;
    Ok(changed == Changed::Made)
}
