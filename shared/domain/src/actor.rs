//! Who is behind a trigger.

use crate::sentence;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who wants something. Every intent has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Actor {
    /// A GitHub account, by the numeric id that GitHub verified; never by its name.
    GithubUser {
        /// GitHub's numeric id of the account.
        id: u64,
        /// The login, for people to read only; none where only the number of a pull request's author is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        login: Option<String>,
    },
    /// A member of a Slack workspace, by the ids that Slack verified; never by name.
    SlackUser {
        /// Slack's id of the workspace.
        team: String,
        /// Slack's id of the user within it.
        id: String,
        /// The name, for people to read only.
        name: String,
    },
    /// A CI system that holds the key of the images door.
    Pipeline {
        /// The name of its key.
        key: String,
    },
    /// A platform engineer, or a pipeline of theirs, who holds a key of the configurations door.
    PlatformEngineer {
        /// The name of the key.
        key: String,
    },
    /// A registry that tells of its pushes.
    Registry {
        /// The account or host that the event came from.
        account: String,
    },
    /// The person at the machine that a local stack runs on. No door on AWS speaks for one.
    PersonAtThisMachine,
    /// Roadstead itself: a lifetime that ended, a source that was looked at again, a return after a failure.
    Roadstead,
}

impl Actor {
    /// Whether somebody typed it in chat, and reads there what comes of it.
    pub fn is_in_chat(&self) -> bool {
        matches!(self, Actor::SlackUser { .. })
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::GithubUser { login: Some(name), .. } | Actor::SlackUser { name, .. } => {
                formatter.write_str(name)
            }
            Actor::GithubUser { login: None, .. } => formatter.write_str(sentence::AUTHOR),
            Actor::Pipeline { key } => write!(formatter, "the pipeline {key}"),
            Actor::PlatformEngineer { key } => write!(formatter, "the platform engineer {key}"),
            Actor::Registry { account } => write!(formatter, "the registry of {account}"),
            Actor::PersonAtThisMachine => write!(formatter, "the person at this machine"),
            Actor::Roadstead => write!(formatter, "Roadstead"),
        }
    }
}

/// What an actor may be allowed to do with an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Make it exist.
    Create,
    /// Let it run other revisions.
    Deploy,
    /// Make it go away.
    Destroy,
}
