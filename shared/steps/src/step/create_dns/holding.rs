//! Who holds a zone: the claim on its row, and what is left to the next holder.

use crate::{
    carry::PATIENCE,
    context::{Context, Handled, Invocation},
    nouns::state::{Change, Condition, Consistency, DUE_AT, StateError},
    rows,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{claim::Claim, message::Message, refusal::Refusal};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How long a holder waits for more: Route 53 takes five requests a second from an account, and a round makes two or three.
pub(super) const ROUND_PAUSE: SignedDuration = SignedDuration::from_millis(500);
/// How long until a zone that refused for a moment is tried again, and until the arrival of a change is asked again.
const PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// A zone as its row holds it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Zone {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claim: Option<Claim>,
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    late_until: Option<Timestamp>,
    /// Why the newest round was not finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<String>,
}

/// What a holder leaves to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leftover {
    /// Nothing.
    None,
    /// Changes whose arrival is awaited.
    Arrivals,
    /// What was not answered.
    Asked,
}

/// What became of holding a zone.
pub(super) struct Held {
    /// Whether a batch was given up that may still be carried out.
    pub(super) maybe_done: bool,
    /// Why the last round was not finished.
    pub(super) held: Option<String>,
    pub(super) leftover: Leftover,
}

/// Claims the zone; answers until when a batch of an earlier holder may still be carried out. None if somebody holds it.
pub(super) async fn claim(
    context: &Context,
    zone: &str,
    invocation: &Invocation,
) -> Result<Option<Option<Timestamp>>, Refusal> {
    let claim = Claim { token: invocation.token.clone(), until: invocation.until() };
    let mut changes = vec![
        Change::Set("claim".to_owned(), rows::attribute(&claim)?),
        Change::Set(DUE_AT.to_owned(), json!(claim.until.as_millisecond())),
    ];
    let key = rows::zone(zone);
    let row = match context.state.update(&key, &changes, &Condition::Missing("claim".to_owned())).await {
        Ok(row) => return Ok(Some(rows::read::<Zone>(&row)?.late_until)),
        Err(StateError::Refused { row: Some(row), .. }) => row,
        Err(StateError::Refused { row: None, .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let stored: Zone = rows::read(&row)?;
    let Some(other) = stored.claim else { return Ok(None) };
    if other.token == invocation.token || other.is_live(context.now()) {
        return Ok((other.token == invocation.token).then_some(stored.late_until));
    }
    let late = stored.late_until.max(Some(other.until));
    let milliseconds = late.map(|late| late.as_millisecond());
    changes.push(Change::Set("late_until".to_owned(), json!(milliseconds)));
    let same = Condition::Equals("claim.token".to_owned(), json!(other.token));
    Ok(context.state.update(&key, &changes, &same).await.ok().map(|_| late))
}

/// Gives the claim back. The zone is due no more only if nobody asked anything since it was claimed.
pub(super) async fn release(context: &Context, zone: &str, invocation: &Invocation, held: &Held) -> Handled {
    let mut changes = vec![Change::Remove("claim".to_owned())];
    changes.push(match &held.held {
        Some(why) => Change::Set("held".to_owned(), json!(why)),
        None => Change::Remove("held".to_owned()),
    });
    if held.maybe_done {
        changes.push(Change::Set("late_until".to_owned(), json!(invocation.until().as_millisecond())));
    }
    let ours = Condition::Equals("claim.token".to_owned(), json!(invocation.token));
    if held.leftover == Leftover::None {
        let unchanged = Condition::Equals(DUE_AT.to_owned(), json!(invocation.until().as_millisecond()));
        let settled: Vec<_> = changes.iter().cloned().chain([Change::Remove(DUE_AT.to_owned())]).collect();
        if write(context, zone, &settled, &Condition::All(vec![ours.clone(), unchanged])).await? {
            return Ok(());
        }
    }
    changes.push(Change::Set(DUE_AT.to_owned(), json!((context.now() + PATIENCE).as_millisecond())));
    write(context, zone, &changes, &ours).await?;
    let pause = if held.held.is_none() && held.leftover == Leftover::None { ROUND_PAUSE } else { PAUSE };
    context.send(&Message::Zone { zone: zone.to_owned() }, pause).await;
    Ok(())
}

/// Answers whether the condition held.
async fn write(
    context: &Context,
    zone: &str,
    changes: &[Change],
    condition: &Condition,
) -> Result<bool, Refusal> {
    match context.state.update(&rows::zone(zone), changes, condition).await {
        Ok(_) => Ok(true),
        Err(StateError::Refused { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Until when a batch that was given up may still be carried out.
///
/// # Errors
/// When the table does not answer.
pub async fn late_until(context: &Context, zone: &str) -> Result<Option<Timestamp>, Refusal> {
    let row = context.state.get(&rows::zone(zone), Consistency::Strong).await?;
    let zone: Option<Zone> = row.as_ref().map(rows::read).transpose()?;
    Ok(zone.and_then(|zone| zone.late_until.max(zone.claim.map(|claim| claim.until))))
}

/// Why the changes that wait in a zone are not sent.
///
/// # Errors
/// When the table does not answer.
pub(super) async fn held(context: &Context, zone: &str) -> Result<Option<String>, Refusal> {
    let row = context.state.get(&rows::zone(zone), Consistency::Strong).await?;
    let zone: Option<Zone> = row.as_ref().map(rows::read).transpose()?;
    Ok(zone.and_then(|zone| zone.held))
}
