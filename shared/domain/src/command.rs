//! Commands that teams type in chat: what can be said, and what was probably meant.
//!
//! | Typed | Means |
//! |---|---|
//! | `/env create APPLICATION [NAME] [branch BRANCH] [for 4h]` | an environment that follows a branch |
//! | `/env destroy APPLICATION/NAME` | it goes away with all that it holds |
//! | `/env list [APPLICATION]` | which environments there are |
//! | `/env status APPLICATION/NAME` | how one of them is |
//! | `/env retry APPLICATION/NAME` | what failed is tried again |
//! | `/env extend APPLICATION/NAME [by 4h]` | it lives longer |
//! | `/env help` | this table |
//! | `/deploy APPLICATION NAME [COMMIT]` | one environment runs this commit, or the newest of what it follows |

mod meant;
mod parse;
#[cfg(test)]
mod tests;

pub use parse::{Expected, Misunderstood, TEXT_LIMIT, USAGES, Usage};

use crate::name::{ApplicationName, EnvironmentId, EnvironmentName};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A command, understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Command {
    /// To make an environment that follows a branch.
    Create {
        /// Of which application.
        application: ApplicationName,
        /// What it is called; after its branch, if nothing is said.
        name: Option<EnvironmentName>,
        /// The branch; the one that the base of previews follows, if nothing is said.
        branch: Option<String>,
        /// How long it lives after its last deployment; as long as its type says, if nothing is said.
        lifetime: Option<SignedDuration>,
    },
    /// To take an environment away.
    Destroy {
        /// Which.
        environment: EnvironmentId,
    },
    /// To tell which environments there are.
    List {
        /// Only those of one application.
        application: Option<ApplicationName>,
    },
    /// To tell how an environment is.
    Status {
        /// Which.
        environment: EnvironmentId,
    },
    /// To try again what failed.
    Retry {
        /// Which environment.
        environment: EnvironmentId,
    },
    /// To let an environment live longer.
    Extend {
        /// Which.
        environment: EnvironmentId,
        /// By how much; by its lifetime, if nothing is said.
        by: Option<SignedDuration>,
    },
    /// To let an environment run a commit.
    Deploy {
        /// Which environment.
        environment: EnvironmentId,
        /// The commit; the newest of what the environment follows, if nothing is said.
        commit: Option<NamedCommit>,
    },
    /// To tell what can be said.
    Help,
}

/// A commit as a person names it: its first 7 to 64 digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NamedCommit(String);

/// The fewest digits that name a commit.
pub const NAMED_COMMIT_MINIMUM: usize = 7;
/// The most digits that name a commit: a whole SHA-256.
pub const NAMED_COMMIT_LIMIT: usize = 64;

impl NamedCommit {
    /// The digits as they were typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for NamedCommit {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits && (NAMED_COMMIT_MINIMUM..=NAMED_COMMIT_LIMIT).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err("a commit is named by its first 7 to 64 hexadecimal digits, in lower case")
        }
    }
}

impl std::str::FromStr for NamedCommit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl From<NamedCommit> for String {
    fn from(named: NamedCommit) -> Self {
        named.0
    }
}

/// Where the answer to one command goes: a path at the chat platform's host, which whoever knows it may write to for a
/// while. It is kept only until the command is answered, and never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReplyAddress(String);

impl ReplyAddress {
    /// Takes the path, of which the sender's file has checked the form.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ReplyAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ReplyAddress(…)")
    }
}
