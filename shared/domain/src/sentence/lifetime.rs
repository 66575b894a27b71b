//! How long an environment lives.

use super::time_left;
use crate::{
    environment::Environment,
    lifetime::{EXTENDED_LIFETIMES, EXTENDED_LIMIT},
    name::EnvironmentId,
};
use jiff::Timestamp;

/// When an environment goes away; and once its end is near, what to do about it.
pub fn goes_away(environment: &Environment, end: Timestamp, now: Timestamp) -> String {
    let at = moment(end);
    if environment.is_warned() {
        format!(
            "It goes away in {}, on {at}. Extend it with `/env extend {}` or a push.",
            time_left(end.duration_since(now)),
            environment.id
        )
    } else {
        super::goes_away_on(end)
    }
}

/// The end of a lifetime was put off; to the latest that may be, where somebody asked for more.
pub fn extended(until: Timestamp, latest: bool) -> String {
    let latest = if latest {
        format!(
            ", the latest that may be: {EXTENDED_LIFETIMES} lifetimes from now, and never more than {} days",
            EXTENDED_LIMIT.as_hours() / 24
        )
    } else {
        String::new()
    };
    format!("it lives until {}{latest}", moment(until))
}

/// The end of a lifetime cannot be put off further.
pub fn as_late_as_may_be(environment: &EnvironmentId, end: Timestamp) -> String {
    format!("The end of `{environment}` is as late as it may be: {}. Extend it later, or push.", moment(end))
}

/// There is no end to put off.
pub fn lives_for_ever(environment: &EnvironmentId) -> String {
    format!("`{environment}` has no end that could be put off: it stays until it is taken away.")
}

/// It is too late to put the end off.
pub fn is_going_already(environment: &EnvironmentId) -> String {
    format!("`{environment}` is being removed already. Push, or create it again.")
}

/// The environment is being removed, and no news of what it follows brings it back.
pub fn goes_for_good(environment: &EnvironmentId) -> String {
    format!(
        "`{environment}` is being removed, and follows nothing any more. Create it again once it is gone, if it is still needed."
    )
}

/// The environment is gone.
pub fn is_gone(environment: &EnvironmentId) -> String {
    format!("`{environment}` is gone. Reopen its pull request, or create it again.")
}

/// The end of a lifetime was put off before it came.
pub fn not_over() -> String {
    "its lifetime is not over".to_owned()
}

pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d at %H:%M UTC").to_string()
}
