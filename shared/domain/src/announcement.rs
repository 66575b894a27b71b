//! What we tell people, and what of it is still owed.

use crate::{claim::Claim, name::EnvironmentId, repository::Repository};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Which announcement: one comment for each pull request, one story of deployments for each environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AnnouncementKey {
    /// The comment of a pull request: it shows every application in it.
    Comment {
        /// The repository.
        repository: Repository,
        /// The pull request's number.
        number: u64,
    },
    /// The deployments that the Git host shows for an environment.
    Deployments {
        /// The environment.
        environment: EnvironmentId,
    },
}

impl fmt::Display for AnnouncementKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnnouncementKey::Comment { repository, number } => {
                write!(formatter, "comment#{}#{number}", repository.key())
            }
            AnnouncementKey::Deployments { environment } => write!(formatter, "deployments#{environment}"),
        }
    }
}

/// An announcement as its row holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Which one.
    pub key: AnnouncementKey,
    /// Counts what happened that people should know.
    pub owed: u64,
    /// What of it they were shown; due while it is less than `owed`.
    #[serde(default)]
    pub shown: u64,
    /// Who is writing it just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// The host's id of the comment, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<u64>,
    /// Something to say that belongs to no environment: a fork, a missing right, a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// The host's ids of deployments by generation, and the state that each was last given.
    #[serde(default)]
    pub deployments: BTreeMap<String, ShownDeployment>,
}

/// A deployment at the Git host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownDeployment {
    /// The host's id; none while it is only known that one was to be created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// The state that it was last given.
    #[serde(default)]
    pub state: String,
}
