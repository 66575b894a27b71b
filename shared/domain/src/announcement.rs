//! What we tell people, and what of it is still owed.

use crate::{
    claim::Claim,
    environment::Environment,
    name::EnvironmentId,
    repository::{Commit, Repository},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Which announcement: one comment for each pull request, one story of deployments for each environment, one message in a
/// channel for each environment, one answer for each command.
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
    /// The deployments and check runs that the Git host shows for an environment.
    Deployments {
        /// The environment.
        environment: EnvironmentId,
    },
    /// The message about an environment in its application's channel.
    Channel {
        /// The environment.
        environment: EnvironmentId,
    },
    /// The answer to a command, where it was typed.
    Reply {
        /// The key of its trigger.
        trigger: String,
    },
}

impl fmt::Display for AnnouncementKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnnouncementKey::Comment { repository, number } => {
                write!(formatter, "comment#{}#{number}", repository.key())
            }
            AnnouncementKey::Deployments { environment } => write!(formatter, "deployments#{environment}"),
            AnnouncementKey::Channel { environment } => write!(formatter, "channel#{environment}"),
            AnnouncementKey::Reply { trigger } => write!(formatter, "reply#{trigger}"),
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
    /// Something to say of the pull request as a whole: that it comes from a fork.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// Something to say of environments beside what their rows say: a missing right, a limit.
    #[serde(default)]
    pub notices: BTreeMap<EnvironmentId, Notice>,
    /// The environments that a comment has told of: it goes on telling of them, whatever becomes of the platform file.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub told_of: BTreeSet<EnvironmentId>,
    /// The host's ids of deployments by generation, and the state that each was last given.
    #[serde(default)]
    pub deployments: BTreeMap<u64, ShownDeployment>,
    /// The check runs by generation, with what each was last given.
    #[serde(default)]
    pub checks: BTreeMap<u64, ShownCheck>,
    /// The message in the channel, or the answers to the command.
    #[serde(default)]
    pub said: Said,
}

/// What was said in chat.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// How often something was sent, or may have been.
    #[serde(default)]
    pub times: u32,
    /// What was said last.
    #[serde(default)]
    pub text: String,
    /// When it is to be looked at again, although nothing may have happened.
    #[serde(
        default,
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub again_at: Option<Timestamp>,
    /// The end of a lifetime that people were warned of below the message.
    #[serde(
        default,
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub warned_of: Option<Timestamp>,
    /// The platform's id of the message, and the marker that it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<SaidMessage>,
}

/// A message in a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidMessage {
    /// The channel.
    pub channel: String,
    /// The platform's id of the message.
    pub id: String,
    /// The marker by which it is found again.
    pub marker: String,
}

/// Something that people are told beside what the rows of environments say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What.
    pub text: String,
    /// Since when. Environments that changed later have overtaken it.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
    /// The head that was refused: while there is no environment, looking at the repository makes none of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Commit>,
}

impl Notice {
    /// Whether it is newer than what an environment says, or there is none.
    pub fn is_news_to(&self, environment: Option<&Environment>) -> bool {
        environment.is_none_or(|environment| environment.phase_since <= self.at)
    }
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

/// A check run at the Git host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownCheck {
    /// The commit that it is beside.
    pub commit: Commit,
    /// The host's id; none while it is only known that one was to be created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// The state that it was last given.
    #[serde(default)]
    pub state: String,
    /// What it was last given to say in one line.
    #[serde(default)]
    pub title: String,
}
