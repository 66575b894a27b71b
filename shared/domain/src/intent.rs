//! What an environment should be.

pub use crate::wanted::{Held, Wanted};
use crate::{
    actor::Actor,
    image::{Digest, Tag},
    name::WorkloadName,
    repository::Commit,
    tag_rule::TagRule,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An intent. What it follows is read when it is carried out, and bound once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Intent {
    /// Be what the source says now: the head of a branch or pull request, or nothing once it is closed.
    Follow {
        /// A commit that a trigger named; when the source does not show it yet, look again for up to a minute.
        hint: Option<Commit>,
    },
    /// Be what one commit is, because somebody asked for it: whatever failed before may be tried again.
    At {
        /// The commit.
        commit: Commit,
        /// The newest commit that the source showed when it was asked for; what tells of that one comes too late.
        passing: Option<Commit>,
    },
    /// Be present with exactly these revisions: a return to what was ready.
    Present {
        /// What each workload runs.
        revisions: Revisions,
    },
    /// Be gone.
    Absent {
        /// Why.
        reason: AbsentReason,
    },
}

impl Intent {
    /// The commit that its trigger named.
    pub fn names(&self) -> Option<&Commit> {
        match self {
            Intent::Follow { hint } => hint.as_ref(),
            Intent::At { commit, .. } => Some(commit),
            Intent::Present { .. } | Intent::Absent { .. } => None,
        }
    }

    /// The same once more: at the commit that somebody asked for, or else what the source says by now.
    #[must_use]
    pub fn again(&self) -> Self {
        match self {
            Intent::At { .. } => self.clone(),
            Intent::Follow { .. } | Intent::Present { .. } | Intent::Absent { .. } => {
                Intent::Follow { hint: None }
            }
        }
    }

    /// Whether it is what somebody asked for, and not what a source says.
    pub fn is_asked_for(&self) -> bool {
        matches!(self, Intent::At { .. } | Intent::Absent { reason: AbsentReason::Asked })
    }

    /// Whether what a trigger wants was passed over when somebody asked for a commit.
    pub fn passes_over(&self, other: &Intent) -> bool {
        match (self, other) {
            (Intent::At { passing: Some(passing), .. }, Intent::Follow { hint: Some(hint) }) => {
                passing == hint
            }
            _ => false,
        }
    }
}

/// Why an environment should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbsentReason {
    /// Its pull request was seen closed.
    Closed,
    /// Its pull request was seen to be a draft, and its application wants none of drafts.
    Draft,
    /// Its lifetime is over.
    Expired,
    /// Somebody asked for it.
    Asked,
}

/// What the workloads of one generation run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revisions {
    /// The commit whose Score files are used.
    pub commit: Commit,
    /// The digest of each workload, and where the choice comes from.
    pub images: BTreeMap<WorkloadName, Chosen>,
}

impl Revisions {
    /// The commit whose Score file a workload takes.
    pub fn commit_of(&self, workload: &WorkloadName) -> &Commit {
        self.images.get(workload).and_then(|chosen| chosen.commit.as_ref()).unwrap_or(&self.commit)
    }

    /// Whether the same runs with the same Score files, for whatever reason it was chosen.
    pub fn is_same_as(&self, other: &Revisions) -> bool {
        let runs = |revisions: &Revisions, name: &WorkloadName| {
            (
                revisions.images.get(name).map(|chosen| chosen.digest.clone()),
                revisions.commit_of(name).clone(),
            )
        };
        let names = || self.images.keys().chain(other.images.keys());
        self.commit == other.commit && names().all(|name| runs(self, name) == runs(other, name))
    }
}

/// The image of one workload, chosen for one generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// What runs.
    pub digest: Digest,
    /// The commit that it was built from and whose Score file it takes, where that is another than the generation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// Why this one.
    pub origin: Origin,
}

/// Where the choice of an image comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Origin {
    /// It was built from the commit.
    Built {
        /// The strongest evidence for that.
        evidence: Evidence,
    },
    /// A tag that is followed names it.
    Tagged {
        /// The tag.
        tag: Tag,
        /// How we know from which commit it was built.
        evidence: Evidence,
    },
    /// No tag that is followed is left: what ran before stays.
    Kept,
    /// It was not rebuilt: the base environment runs it.
    Base {
        /// `application/name` of the base environment.
        environment: String,
    },
}

/// How we know from which commit an image was built, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The CI door said so.
    Told,
    /// The image's label `org.opencontainers.image.revision`.
    Label,
    /// The tag template of the platform configuration.
    Tag,
}

/// Where an intent comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// What happened.
    #[serde(flatten)]
    pub occasion: Occasion,
    /// Who is behind it.
    pub actor: Actor,
    /// When it was received.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
}

/// What made somebody want something. Told twice, it is the same occasion: nothing is wanted anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// Something came in: the key of its trigger.
    Trigger(String),
    /// A repository was looked at.
    Look {
        /// Its key.
        repository: String,
        /// When, in milliseconds since the epoch.
        at: i64,
    },
    /// A lifetime is over.
    LifetimeOver {
        /// When it was noticed, in milliseconds since the epoch.
        at: i64,
    },
    /// A generation failed, and its type returns to what was ready.
    ReturnFrom(u64),
    /// A platform configuration is in force.
    Configuration {
        /// Its hash.
        hash: String,
        /// Since when, in milliseconds since the epoch: one that is put back is another occasion.
        since: i64,
    },
}

impl Cause {
    /// The key of the trigger that it comes from, where it comes from one.
    pub fn trigger(&self) -> Option<&str> {
        match &self.occasion {
            Occasion::Trigger(key) => Some(key),
            _ => None,
        }
    }
}

/// What an environment follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Source {
    /// A pull request of the application's repository.
    PullRequest {
        /// Its number.
        number: u64,
    },
    /// A branch of the application's repository.
    Branch {
        /// Its name.
        branch: String,
    },
    /// Tags of its images.
    Tags {
        /// Which ones.
        rule: TagRule,
    },
}

impl Source {
    /// The number of the pull request, if it is one.
    pub fn number(&self) -> Option<u64> {
        match self {
            Source::PullRequest { number } => Some(*number),
            Source::Branch { .. } | Source::Tags { .. } => None,
        }
    }

    /// The branch, if it is one.
    pub fn branch(&self) -> Option<&str> {
        match self {
            Source::Branch { branch } => Some(branch),
            Source::PullRequest { .. } | Source::Tags { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_occasion_is_read_as_it_was_stored() {
        for occasion in [
            Occasion::Trigger("github#1".to_owned()),
            Occasion::Look { repository: "github-1".to_owned(), at: 7 },
            Occasion::LifetimeOver { at: 7 },
            Occasion::ReturnFrom(4),
            Occasion::Configuration { hash: "0123".to_owned(), since: 7 },
        ] {
            let cause = Cause { occasion, actor: Actor::Roadstead, at: Timestamp::UNIX_EPOCH };
            assert_eq!(serde_json::from_value::<Cause>(json!(cause)).unwrap(), cause);
        }
    }
}
