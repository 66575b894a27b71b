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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::sample::preview;

    #[test]
    fn so_many_failed_revisions_are_remembered_and_the_newest_of_more() {
        let mut environment = preview(2);
        let mut fail = |number: usize| {
            let commit: Commit = format!("{number:040x}").parse().unwrap();
            environment.revisions = Some(Revisions { commit: commit.clone(), images: BTreeMap::new() });
            environment.remember_tried();
            (environment.tried.len(), environment.tried[0].commit.clone())
        };
        let first: Commit = format!("{:040x}", 1).parse().unwrap();
        (1..TRIED_LIMIT).for_each(|number| drop(fail(number)));
        assert_eq!(fail(TRIED_LIMIT), (TRIED_LIMIT, first.clone()));
        assert_eq!(fail(TRIED_LIMIT), (TRIED_LIMIT, first), "the same once more is no other");
        assert_eq!(fail(TRIED_LIMIT + 1), (TRIED_LIMIT, format!("{:040x}", 2).parse().unwrap()));
    }
}
