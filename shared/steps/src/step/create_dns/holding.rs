//! Who holds a zone: the claim on its row, and what is left to the next holder.

use super::asked::{self, Fate};
use crate::{
    context::{Context, Handled, Invocation},
    nouns::state::{Change, Condition, DUE_AT, Key, Row, StateError},
    rows,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{claim::Claim, message::Message, refusal::Refusal};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How long a holder waits for more: Route 53 takes five requests a second from an account, and a round makes two or three.
pub(super) const ROUND_PAUSE: SignedDuration = SignedDuration::from_millis(500);
/// How long until a zone that refused for a moment is tried again, and until the arrival of a change is asked again.
pub(super) const PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// How often a write is tried while another writes the same row.
const TRIES: i32 = 8;
/// How long until it is tried again, times the number of the try.
const BUSY_PAUSE: SignedDuration = SignedDuration::from_millis(20);

/// A zone as its row holds it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Zone {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claim: Option<Claim>,
    /// Until when a batch of an earlier holder may still be carried out.
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    pub(super) late_until: Option<Timestamp>,
    /// When arrivals are to be asked for next: somebody comes then.
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    pub(super) arrivals_at: Option<Timestamp>,
    /// Until when a zone that did not answer is left alone: somebody comes then.
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    pub(super) rests_until: Option<Timestamp>,
    /// Why the newest round was not finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) held: Option<String>,
}

/// What became of holding a zone.
pub(super) struct Held {
    /// Whether a batch was given up that may still be carried out.
    pub(super) maybe_done: bool,
    /// Why the last round was not finished.
    pub(super) why: Option<String>,
    /// When arrivals are to be asked for next.
    pub(super) arrivals_at: Option<Timestamp>,
    /// Whether they were asked for just now.
    pub(super) asked: bool,
}

/// Claims the zone; none if somebody holds it. A holder that dies leaves it due at the end of its claim.
pub(super) async fn claim(
    context: &Context,
    zone: &str,
    invocation: &Invocation,
) -> Result<Option<Zone>, Refusal> {
    let claim = Claim { token: invocation.token.clone(), until: invocation.until() };
    let mut changes = vec![
        Change::Set("claim".to_owned(), rows::attribute(&claim)?),
        Change::Set(DUE_AT.to_owned(), json!(claim.until.as_millisecond())),
    ];
    let key = rows::zone(zone);
    let row = match update(context, &key, &changes, &Condition::Missing("claim".to_owned())).await {
        Ok(row) => return Ok(Some(rows::read(&row)?)),
        Err(StateError::Refused { row: Some(row), .. }) => row,
        Err(StateError::Refused { row: None, .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let stored: Zone = rows::read(&row)?;
    let Some(other) = &stored.claim else { return Ok(None) };
    if other.token == invocation.token || other.is_live(context.now()) {
        return Ok((other.token == invocation.token).then_some(stored));
    }
    let late = stored.late_until.max(Some(other.until)).map(|late| late.as_millisecond());
    changes.push(Change::Set("late_until".to_owned(), json!(late)));
    let same = Condition::Equals("claim.token".to_owned(), json!(other.token));
    match update(context, &key, &changes, &same).await {
        Ok(row) => Ok(Some(rows::read(&row)?)),
        Err(StateError::Refused { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Gives the claim back, and sends a message for what is left. What was asked meanwhile is looked for once the claim is gone:
/// whoever asks later finds the zone free.
pub(super) async fn release(context: &Context, zone: &str, invocation: &Invocation, held: &Held) -> Handled {
    let now = context.now();
    let moment = |name: &str, at: Timestamp| Change::Set(name.to_owned(), json!(at.as_millisecond()));
    let mut changes = vec![];
    match &held.why {
        Some(why) => {
            changes.push(Change::Set("held".to_owned(), json!(why)));
            changes.push(moment("rests_until", now + PAUSE));
        }
        None => changes.push(Change::Remove("held".to_owned())),
    }
    changes.extend(held.maybe_done.then(|| moment("late_until", invocation.until())));
    changes.extend(held.arrivals_at.map(|at| moment("arrivals_at", at)));
    give_back(context, zone, invocation, changes).await?;
    let left = asked::all(context, zone).await?;
    let waits = left.iter().any(|asked| asked.fate == Fate::Waits);
    let sent = left.iter().any(|asked| asked.fate.is_sent());
    let nobody_comes = held.asked || held.arrivals_at.is_none_or(|at| at <= now);
    let pause = match &held.why {
        Some(_) if waits || sent => PAUSE,
        None if waits => ROUND_PAUSE,
        None if sent && nobody_comes => PAUSE,
        _ => return Ok(()),
    };
    context.send(&Message::Zone { zone: zone.to_owned() }, pause).await;
    Ok(())
}

/// Gives the claim back without having done anything: somebody comes soon.
pub(super) async fn leave(context: &Context, zone: &str, invocation: &Invocation) -> Handled {
    give_back(context, zone, invocation, vec![]).await
}

/// Takes the claim out of the row, if it is still ours, and writes what is left to the next holder.
async fn give_back(
    context: &Context,
    zone: &str,
    invocation: &Invocation,
    mut changes: Vec<Change>,
) -> Handled {
    changes.extend([Change::Remove("claim".to_owned()), Change::Remove(DUE_AT.to_owned())]);
    let ours = Condition::Equals("claim.token".to_owned(), json!(invocation.token));
    match update(context, &rows::zone(zone), &changes, &ours).await {
        Ok(_) | Err(StateError::Refused { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Changes one row, again while another writes it.
pub(super) async fn update(
    context: &Context,
    key: &Key,
    changes: &[Change],
    condition: &Condition,
) -> Result<Row, StateError> {
    for attempt in 1..TRIES {
        match context.state.update(key, changes, condition).await {
            Err(StateError::Busy) => context.time.sleep(BUSY_PAUSE * attempt).await,
            result => return result,
        }
    }
    context.state.update(key, changes, condition).await
}

/// Until when a batch that was given up may still be carried out.
///
/// # Errors
/// When the table does not answer.
pub async fn late_until(context: &Context, zone: &str) -> Result<Option<Timestamp>, Refusal> {
    let stored = stored(context, zone).await?;
    Ok(stored.and_then(|zone| zone.late_until.max(zone.claim.map(|claim| claim.until))))
}

/// Why the changes that wait in a zone are not sent.
///
/// # Errors
/// When the table does not answer.
pub(super) async fn held(context: &Context, zone: &str) -> Result<Option<String>, Refusal> {
    Ok(stored(context, zone).await?.and_then(|zone| zone.held))
}

async fn stored(context: &Context, zone: &str) -> Result<Option<Zone>, Refusal> {
    rows::load(context.state.as_ref(), &rows::zone(zone)).await
}
