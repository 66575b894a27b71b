//! Rate limits of an installation: so many requests an hour, so many that create content a minute.

use http::header::HeaderName;
use http::{HeaderMap, Method};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::GitHub;
use super::reply::{Refusal, set};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// What an installation has used.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Limits {
    window: Option<Timestamp>,
    used: u32,
    creations: Vec<Timestamp>,
}

/// Refuses a request over a limit, and counts one that creates content.
pub(super) fn admit(
    world: &mut GitHub,
    installation: u64,
    method: &Method,
    now: Timestamp,
) -> Result<(), Refusal> {
    let settings = &world.settings;
    let limits = &mut world.installations.get_mut(&installation).ok_or_else(Refusal::bad_credentials)?.limits;
    limits.roll(now);
    if limits.used >= settings.requests_per_hour {
        return Err(Refusal::new(
            403,
            format!("API rate limit exceeded for installation ID {installation}."),
        ));
    }
    if !matches!(*method, Method::POST | Method::PATCH | Method::PUT) {
        return Ok(());
    }
    limits.creations.retain(|at| now.duration_since(*at) < MINUTE);
    if limits.creations.len() >= settings.creations_per_minute {
        let message = "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.";
        let retry_after = Some(MINUTE.as_secs());
        return Err(Refusal { retry_after, ..Refusal::new(settings.secondary_status, message) });
    }
    limits.creations.push(now);
    Ok(())
}

impl GitHub {
    /// How many requests count in the present hour of an installation.
    pub fn used(&self, installation: u64, now: Timestamp) -> u32 {
        let limits = self.installations.get(&installation).map(|found| &found.limits);
        let present = limits.filter(|it| it.window.is_some_and(|start| now.duration_since(start) < HOUR));
        present.map_or(0, |limits| limits.used)
    }
}

impl Limits {
    fn roll(&mut self, now: Timestamp) {
        if self.window.is_none_or(|start| now.duration_since(start) >= HOUR) {
            self.window = Some(now);
            self.used = 0;
        }
    }

    /// Counts a request, unless it was answered with 304, and tells the caller where it stands.
    pub(super) fn note(&mut self, counted: bool, limit: u32, now: Timestamp, headers: &mut HeaderMap) {
        self.roll(now);
        if counted {
            self.used = self.used.saturating_add(1).min(limit);
        }
        let start = self.window.unwrap_or(now).as_second();
        for (name, value) in [
            ("x-ratelimit-limit", limit.to_string()),
            ("x-ratelimit-remaining", limit.saturating_sub(self.used).to_string()),
            ("x-ratelimit-used", self.used.to_string()),
            ("x-ratelimit-reset", (start + HOUR.as_secs()).to_string()),
            ("x-ratelimit-resource", "core".to_owned()),
        ] {
            set(headers, HeaderName::from_static(name), &value);
        }
    }
}
