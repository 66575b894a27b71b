//! Image facts: which digest was built from which commit. Each is a row beside the environments that wait for it.

use crate::{
    image::{Digest, ImageRepository, Tag},
    intent::Evidence,
    name::{ApplicationName, WorkloadName},
    repository::Commit,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One image was built from one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFact {
    /// The application.
    pub application: ApplicationName,
    /// The workload.
    pub workload: WorkloadName,
    /// The image.
    pub digest: Digest,
    /// How we know.
    pub evidence: Evidence,
    /// Whether it was built from a merge of the commit into something else, as Git hosts make one to test a pull request. Then it
    /// counts for pull requests alone: in a merge of `main` into a branch there is more than `main`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub merged: bool,
    /// The key of the pipeline that told it, where one did: it counts in those environments that this one may deploy to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
    /// The sender's run number, where it gave one: the order among what the same sender told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<u64>,
    /// When we learnt it.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
}

impl ImageFact {
    /// Whether this fact wins over another of the same workload and commit: built from the commit itself, then stronger evidence,
    /// then a later run, then later receipt.
    pub fn outranks(&self, other: &ImageFact) -> bool {
        let rank = |fact: &ImageFact| (!fact.merged, std::cmp::Reverse(fact.evidence), fact.run, fact.at);
        rank(self) > rank(other)
    }
}

/// What a CI system told of an image: what it was built from, and, for a registry that we cannot read, what a tag names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldImage {
    /// The image.
    pub digest: Digest,
    /// What it was built from.
    pub commit: Commit,
    /// The sender's run number, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<u64>,
    /// When its word came.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
}

/// What a tag named when an environment that follows it was bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picked {
    /// The tag.
    pub tag: Tag,
    /// What it named.
    pub digest: Digest,
    /// Whose word that was, where the registry cannot be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
}

/// A word about a tag that an environment was bound by: it counts until there is a newer one, whatever becomes of the right of
/// who said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The images of which this is one.
    pub image: ImageRepository,
    /// What it was built from.
    pub commit: Commit,
    /// When the word came.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
}
