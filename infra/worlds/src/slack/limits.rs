//! Rate limits: about one message a second in each channel, with short bursts; other methods so often a minute.

use super::{Refusal, Slack};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// How long a channel that took too much asks to wait, in seconds.
const CHANNEL_WAIT: i64 = 1;

/// What was used.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Limits {
    /// When each channel will have recovered.
    recovered: BTreeMap<String, Timestamp>,
    /// When each method was called within the last minute.
    calls: BTreeMap<String, Vec<Timestamp>>,
}

/// Counts a message to a channel, or refuses it.
pub(super) fn admit_message(world: &mut Slack, channel: &str, now: Timestamp) -> Result<(), Refusal> {
    let recovered = world.limits.recovered.entry(channel.to_owned()).or_insert(now);
    let then = (*recovered).max(now) + SignedDuration::from_secs(1);
    if then.duration_since(now) > SignedDuration::from_secs(world.settings.burst.into()) {
        return Err(Refusal::rate_limited(CHANNEL_WAIT));
    }
    *recovered = then;
    Ok(())
}

/// Counts a call of a method, or refuses it.
pub(super) fn admit_call(world: &mut Slack, method: &str, now: Timestamp) -> Result<(), Refusal> {
    let calls = world.limits.calls.entry(method.to_owned()).or_default();
    calls.retain(|at| now.duration_since(*at) < MINUTE);
    if let Some(first) = calls.first().filter(|_| calls.len() >= world.settings.calls_per_minute) {
        let wait = (*first + MINUTE).duration_since(now).as_secs() + 1;
        return Err(Refusal::rate_limited(wait));
    }
    calls.push(now);
    Ok(())
}
