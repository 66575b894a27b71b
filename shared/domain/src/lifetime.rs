//! Lifetimes: when an environment goes away by itself, when people are warned of it, and how far that may be put off.

use crate::environment::{Environment, Phase};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The shortest time before the end at which people are warned, of lifetimes that are at least twice as long.
pub const WARNING_MINIMUM: SignedDuration = SignedDuration::from_mins(10);
/// The longest time before the end at which people are warned.
pub const WARNING_LIMIT: SignedDuration = SignedDuration::from_hours(24);
/// How many lifetimes from now an end may at most be put off to.
pub const EXTENDED_LIFETIMES: i32 = 4;
/// How far from now an end may at most be put off, however long the lifetime is.
pub const EXTENDED_LIMIT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many extensions of one incarnation are remembered, so that each counts once.
pub const EXTENSIONS_LIMIT: usize = 20;

/// How long people want an environment to live at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Until then.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub until: Timestamp,
    /// The triggers that it was put off by, the newest last.
    pub triggers: Vec<String>,
    /// Those of them that asked for more than may be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curtailed: Vec<String>,
}

/// How far an end was put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutOff {
    /// Where it is now.
    pub until: Timestamp,
    /// Whether more was asked for, and this is the latest that may be.
    pub latest: bool,
}

/// How long before the end people are warned: a tenth of the lifetime, within its limits, and never more than half of it.
pub fn warning(lifetime: SignedDuration) -> SignedDuration {
    (lifetime / 10).clamp(WARNING_MINIMUM, WARNING_LIMIT).min(lifetime / 2)
}

impl Environment {
    /// Begins its lifetime anew. An end that people have put off further stays.
    pub fn live(&mut self, lifetime: Option<SignedDuration>, now: Timestamp) {
        self.life = lifetime;
        self.expires_at = lifetime.map(|lifetime| now + lifetime);
        self.keep_extension();
    }

    /// The end is not before what people put it off to.
    pub fn keep_extension(&mut self) {
        if let (Some(end), Some(extension)) = (&mut self.expires_at, &self.wanted.extension) {
            *end = (*end).max(extension.until);
        }
    }

    /// Puts the end off, once for each trigger; none where it is as late as may be. An end that is over, of what is not at rest,
    /// is put off from now.
    pub fn extend(&mut self, by: Option<SignedDuration>, trigger: &str, now: Timestamp) -> Option<PutOff> {
        let (end, lifetime) = (self.expires_at?, self.life?);
        let wish = end.max(now) + by.unwrap_or(lifetime);
        let until = wish.min(now + (lifetime * EXTENDED_LIFETIMES).min(EXTENDED_LIMIT));
        let put_off = PutOff { until, latest: until < wish };
        let known = self.wanted.extension.take();
        let (mut triggers, mut curtailed) =
            known.map(|known| (known.triggers, known.curtailed)).unwrap_or_default();
        triggers.push(trigger.to_owned());
        curtailed.extend(put_off.latest.then(|| trigger.to_owned()));
        triggers.drain(..triggers.len().saturating_sub(EXTENSIONS_LIMIT));
        curtailed.retain(|trigger| triggers.contains(trigger));
        self.wanted.extension = Some(Extension { until: until.max(end), triggers, curtailed });
        self.keep_extension();
        (until > end).then_some(put_off)
    }

    /// What came of this trigger, if it has put the end off already.
    pub fn was_extended_by(&self, trigger: &str) -> Option<PutOff> {
        let (until, extension) = (self.expires_at?, self.wanted.extension.as_ref()?);
        let is_among = |triggers: &[String]| triggers.iter().any(|known| known == trigger);
        is_among(&extension.triggers).then(|| PutOff { until, latest: is_among(&extension.curtailed) })
    }

    /// Whether its lifetime is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// When people are to be warned of its end; none where there is no end, or they were.
    pub fn warn_at(&self) -> Option<Timestamp> {
        let (end, lifetime) = (self.expires_at?, self.life?);
        (!self.is_warned()).then(|| end - warning(lifetime))
    }

    /// Whether people were warned of the end as it stands now.
    pub fn is_warned(&self) -> bool {
        self.warned_of.is_some() && self.warned_of == self.expires_at
    }

    /// The end that people are told of: none once it goes.
    pub fn told_end(&self) -> Option<Timestamp> {
        let goes = matches!(self.phase, Phase::Gone | Phase::Closing { .. } | Phase::Settling);
        self.expires_at.filter(|_| !goes)
    }

    /// When it is due while it is at rest: to warn, or to end.
    pub fn due_at_rest(&self) -> Option<Timestamp> {
        let end = self.expires_at.filter(|_| self.phase != Phase::Gone)?;
        Some(self.warn_at().map_or(end, |warn_at| warn_at.min(end)))
    }
}

#[cfg(test)]
mod tests;
