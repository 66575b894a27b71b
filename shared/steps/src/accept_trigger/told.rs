//! What an environment may be told, and what is to be said to that without a new generation.

use super::{again, checks};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    actor::Actor,
    environment::Environment,
    image::Digest,
    intent::{AbsentReason, Cause, Intent},
    name::WorkloadName,
    repository::Commit,
    sentence,
    trigger::Outcome,
};

/// What an environment is told.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// What it should be: a new generation.
    Wanted(Intent),
    /// To look at what is known of its commit again: there is this image now.
    Look {
        /// The workload that the image is of.
        workload: WorkloadName,
        /// The image.
        digest: Digest,
    },
    /// To try again what failed.
    Again,
    /// To try this commit again, whatever came of it.
    CommitAgain {
        /// The commit.
        commit: Commit,
    },
    /// To look at its pull request, which was closed: whoever did that, what counts is what is seen there.
    Closed {
        /// The head that it was closed at.
        head: Commit,
    },
    /// To follow a newer configuration.
    Reconfigured,
    /// To live longer.
    Extend {
        /// By how much; by its lifetime, if nothing is said.
        by: Option<SignedDuration>,
    },
}

impl Told {
    /// What comes of it, where the environment needs no new generation for that.
    pub(super) fn without_a_generation(&self, before: &Environment) -> Option<Outcome> {
        match self {
            Told::Again => again::without_a_generation(before),
            Told::CommitAgain { commit } => checks::without_a_generation(before, commit),
            Told::Wanted(_)
            | Told::Look { .. }
            | Told::Closed { .. }
            | Told::Reconfigured
            | Told::Extend { .. } => None,
        }
    }

    /// What the environment is to be in its next generation. What could not be taken away is tried again as that.
    pub(super) fn intent(&self, before: &Environment) -> Intent {
        match self {
            Told::Wanted(intent) => intent.clone(),
            Told::Again if matches!(before.wanted.intent, Intent::Absent { .. }) => {
                before.wanted.intent.clone()
            }
            _ => before.wanted.intent.again(),
        }
    }

    /// The commit that whoever tells it stands behind.
    pub(super) fn names(&self) -> Option<&Commit> {
        match self {
            Told::Wanted(intent) => intent.names(),
            Told::CommitAgain { commit } => Some(commit),
            _ => None,
        }
    }

    /// Why it changes nothing, if so.
    pub(super) fn needless(&self, before: &Environment, cause: &Cause, now: Timestamp) -> Option<String> {
        match self {
            Told::Wanted(intent) if intent.is_asked_for() && comes_too_late(before, cause) => {
                Some(sentence::comes_too_late())
            }
            Told::Look { workload, digest } if runs(before, workload, digest) => {
                Some(sentence::runs_already(workload))
            }
            Told::Wanted(Intent::Absent { reason: AbsentReason::Expired }) if !before.is_over(now) => {
                Some(sentence::not_over())
            }
            Told::Wanted(intent) if before.wanted.intent.passes_over(intent) => Some(sentence::passed_over()),
            _ => None,
        }
    }

    /// Whether it says that there is something newer to follow, and not what the environment should be.
    pub(super) fn is_news(&self) -> bool {
        matches!(
            self,
            Told::Wanted(Intent::Follow { .. })
                | Told::Look { .. }
                | Told::Closed { .. }
                | Told::Reconfigured
        )
    }

    /// What somebody wants again may be deployed again, and what failed under an older configuration. Whoever carries the
    /// environment out just now may add to it: so all of it is forgotten only when the next generation is begun. A commit is
    /// asked for again only while nobody does.
    pub(super) fn forget_tried(&self, environment: &mut Environment) {
        match self {
            Told::Again | Told::Reconfigured => environment.wanted.forgets_tried = true,
            Told::CommitAgain { commit } => environment.tried.retain(|tried| tried.commit != *commit),
            Told::Wanted(_) | Told::Look { .. } | Told::Closed { .. } | Told::Extend { .. } => {}
        }
    }

    /// A head that was held back is so no more, once somebody with the right asks for it.
    pub(super) fn release_held(&self, environment: &mut Environment, cause: &Cause) {
        let vouched = self.names().filter(|_| cause.actor != Actor::Roadstead);
        environment.wanted.held.take_if(|held| vouched == Some(&held.commit));
    }
}

/// Whether people wanted something else since this was asked for: what was asked for has no source that tells which is newer,
/// so that it is ordered by its receipt.
fn comes_too_late(before: &Environment, cause: &Cause) -> bool {
    before.wanted.cause.at > cause.at && before.wanted.cause.actor != Actor::Roadstead
}

/// Whether a workload runs an image already.
fn runs(environment: &Environment, workload: &WorkloadName, digest: &Digest) -> bool {
    let chosen = environment.revisions.as_ref().and_then(|revisions| revisions.images.get(workload));
    chosen.is_some_and(|chosen| chosen.digest == *digest)
}
