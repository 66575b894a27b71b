//! How long an environment lives.

use super::time_left;
use crate::{environment::Environment, name::EnvironmentId};
use jiff::Timestamp;

/// When an environment goes away; and once its end is near, what to do about it.
pub fn goes_away(environment: &Environment, end: Timestamp, now: Timestamp) -> String {
    let at = moment(end);
    match environment.is_warned() {
        false => super::goes_away_on(end),
        true => format!(
            "It goes away in {}, on {at}. Extend it with `/env extend {}` or a push.",
            time_left(end.duration_since(now)),
            environment.id
        ),
    }
}

/// The end of a lifetime was put off.
pub fn extended(until: Timestamp) -> String {
    format!("it lives until {}", moment(until))
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

/// The end of a lifetime was put off before it came.
pub fn not_over() -> String {
    "its lifetime is not over".to_owned()
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d at %H:%M UTC").to_string()
}
