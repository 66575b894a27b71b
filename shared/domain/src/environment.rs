//! The environment: one row, a level-triggered state machine.

mod phase;

pub use crate::tried::{TRIED_LIMIT, Tried};
use crate::{
    claim::Claim,
    fact::Picked,
    intent::{Cause, Intent, Revisions, Source, Wanted},
    inventory::Inventory,
    name::{EnvironmentId, TypeName, WorkloadName},
    repository::{Commit, Repository},
    step::Stage,
};
use jiff::{SignedDuration, Timestamp};
pub use phase::Phase;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long a generation may take to be bound, beyond waiting for its images.
pub const RESOLVE_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// One environment as its row holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// `application/name`.
    pub id: EnvironmentId,
    /// What everything of it carries outside: `installation/application/name`.
    pub mark: String,
    /// Its one name outside.
    pub outside_name: String,
    /// Its type.
    pub kind: TypeName,
    /// What it follows.
    pub source: Source,
    /// The repository of its application.
    pub repository: Repository,
    /// Counts how often it was begun anew, from 1.
    pub incarnation: u64,
    /// What it should be.
    pub wanted: Wanted,
    /// The generation being carried out, or carried out last; 0 before the first.
    pub carrying: u64,
    /// Where it stands; none at rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Whether a newer generation must wait: teardown has begun, or the type finishes what it began.
    pub hold: bool,
    /// Where the carrying generation comes from.
    pub cause: Cause,
    /// Whether the carrying generation brings back what was ready.
    #[serde(default)]
    pub returning: bool,
    /// What did not succeed, where the carrying generation runs what was ready before in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<InsteadOf>,
    /// The newest commit that its source showed when a generation was bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// Since when that is its commit.
    #[serde(
        default,
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub commit_since: Option<Timestamp>,
    /// What the tags that it follows named when they were read last.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub picked: BTreeMap<WorkloadName, Picked>,
    /// What the carrying generation was bound to so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Binding>,
    /// Who carries it out just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// The token of the newest claim that was released: it tells a holder whose answer was lost that it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<String>,
    /// How often the stage was begun.
    pub attempts: u32,
    /// Until when a call that was given up may still have an effect.
    #[serde(
        default,
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub late_until: Option<Timestamp>,
    /// What people are told of it.
    pub phase: Phase,
    /// Since when the phase lasts.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub phase_since: Timestamp,
    /// When the carrying generation was begun.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub begun_at: Timestamp,
    /// When the stage was begun for the first time.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub stage_since: Timestamp,
    /// By when the generation must have succeeded.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub deadline: Timestamp,
    /// What is outside, or may be.
    pub inventory: Inventory,
    /// What failed here, the newest last: nothing automatic deploys it again.
    #[serde(default)]
    pub tried: Vec<Tried>,
    /// What the carrying generation runs, once that is bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revisions: Option<Revisions>,
    /// The newest generation of this incarnation that was seen ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<Ready>,
    /// The newest generation that went beyond its plan: what is outside is of it.
    #[serde(default)]
    pub applied: u64,
    /// Whether a failure brings back what was ready.
    #[serde(default)]
    pub returns: bool,
    /// What each finished stage of the carrying generation took.
    #[serde(default)]
    pub progress: Vec<Progress>,
    /// From when on what is in clusters that its type no longer has may be taken down: nobody is led there any more.
    #[serde(
        default,
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub retires_at: Option<Timestamp>,
    /// Whether all that takes the place of clusters which the type no longer has is ready: the names there may go.
    #[serde(default)]
    pub retiring: bool,
    /// What could not be taken away in such a cluster; a later generation, or teardown, tries it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_behind: Option<String>,
    /// Where it can be reached, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How long it lives after each deployment, where somebody said so; else its type says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<SignedDuration>,
    /// The channel in which people are told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// When its lifetime is over.
    #[serde(
        default,
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_at: Option<Timestamp>,
    /// How long the life is that ends then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life: Option<SignedDuration>,
    /// The end that people were warned of last.
    #[serde(
        default,
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub warned_of: Option<Timestamp>,
}

/// What a generation was bound to when its source was read for the first time. It does not change within the generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The content hash of the platform configuration.
    pub platform: String,
    /// The commit.
    pub commit: Commit,
    /// When it was bound.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
}

/// What did not succeed, and was given up for what was ready before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsteadOf {
    /// The commit that was to run; none where it failed before it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// Why it does not.
    pub why: String,
}

/// A generation that was seen ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// The generation.
    pub generation: u64,
    /// The content hash of its platform configuration.
    pub platform: String,
    /// What it runs.
    pub revisions: Revisions,
}

/// What one stage took, however often the generation went through it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The stage.
    pub stage: Stage,
    /// From its first claim to its success, in milliseconds; where it was gone through again, all together.
    pub milliseconds: u64,
    /// How often it was begun, all together.
    pub attempts: u32,
}

impl Environment {
    /// Whether its newest intent has not been begun.
    pub fn is_behind(&self) -> bool {
        self.carrying < self.wanted.generation
    }

    /// Forgets what the generation before was carried out with, and stands at the beginning of what is wanted.
    pub fn begin(&mut self, now: Timestamp) {
        self.carrying = self.wanted.generation;
        self.cause = self.wanted.cause.clone();
        if std::mem::take(&mut self.wanted.forgets_tried) {
            self.tried.clear();
        }
        self.returning = matches!(self.wanted.intent, Intent::Present { .. });
        self.instead_of = self.instead_of.take().filter(|_| self.returning);
        self.stage = Some(Stage::FIRST);
        self.attempts = 0;
        self.bound = None;
        self.revisions = None;
        self.retires_at = None;
        self.retiring = false;
        self.begun_at = now;
        self.stage_since = now;
        self.deadline = now + RESOLVE_WITHIN;
        self.progress.clear();
        self.hold = false;
        self.phase = Phase::Resolving;
        self.phase_since = now;
    }

    /// Notes what a stage took. One that is gone through again adds to what it took before, so that a row stays small however
    /// often what was lost is applied again.
    pub fn went_through(&mut self, progress: Progress) {
        match self.progress.iter_mut().find(|known| known.stage == progress.stage) {
            Some(known) => {
                known.milliseconds = known.milliseconds.saturating_add(progress.milliseconds);
                known.attempts = known.attempts.saturating_add(progress.attempts);
            }
            None => self.progress.push(progress),
        }
    }

    /// Remembers that the carrying revisions failed; of many, the newest.
    pub fn remember_tried(&mut self) {
        if let Some(tried) = self.revisions.as_ref().map(Tried::of) {
            self.tried.retain(|other| *other != tried);
            self.tried.push(tried);
            let surplus = self.tried.len().saturating_sub(TRIED_LIMIT);
            self.tried.drain(..surplus);
        }
    }

    /// Whether nothing is being carried out.
    pub fn is_at_rest(&self) -> bool {
        self.stage.is_none()
    }
}

#[cfg(test)]
pub(crate) mod sample;
