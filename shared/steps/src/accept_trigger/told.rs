//! What an environment may be told, and what is to be said to that without a new generation.

use super::{again, checks};
use roadstead_domain::{
    environment::{Environment, Tried},
    image::Digest,
    intent::Intent,
    name::WorkloadName,
    repository::Commit,
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
}

impl Told {
    /// What comes of it, where the environment needs no new generation for that.
    pub(super) fn without_a_generation(&self, before: &Environment) -> Option<Outcome> {
        match self {
            Told::Again => again::without_a_generation(before),
            Told::CommitAgain { commit } => checks::without_a_generation(before, commit),
            Told::Wanted(_) | Told::Look { .. } => None,
        }
    }

    /// What somebody wants again may be deployed again.
    pub(super) fn forget_tried(&self, tried: &mut Vec<Tried>) {
        match self {
            Told::Again => tried.clear(),
            Told::CommitAgain { commit } => tried.retain(|tried| tried.commit != *commit),
            Told::Wanted(_) | Told::Look { .. } => {}
        }
    }
}

/// Whether a workload runs an image already.
pub(super) fn runs(environment: &Environment, workload: &WorkloadName, digest: &Digest) -> bool {
    let chosen = environment.revisions.as_ref().and_then(|revisions| revisions.images.get(workload));
    chosen.is_some_and(|chosen| chosen.digest == *digest)
}
