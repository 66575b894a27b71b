//! Revisions that failed: nothing automatic deploys them again.

use crate::{image::Digest, intent::Revisions, name::WorkloadName, repository::Commit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many failed revisions are remembered.
pub const TRIED_LIMIT: usize = 20;

/// A revision that failed, as a whole: a newer commit with the same images is another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tried {
    /// The commit.
    pub commit: Commit,
    /// What each workload ran.
    pub images: BTreeMap<WorkloadName, Digest>,
}

impl Tried {
    /// What these revisions are, when they have failed.
    pub fn of(revisions: &Revisions) -> Self {
        let images = revisions.images.iter().map(|(name, chosen)| (name.clone(), chosen.digest.clone()));
        Self { commit: revisions.commit.clone(), images: images.collect() }
    }
}
