//! Git repositories, commits and what they show.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A repository, by the host's numeric id; its name may change, its id does not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Repository {
    /// Which host it is on.
    pub host: Host,
    /// The host's numeric id of it.
    pub id: u64,
    /// `owner/name`, for people and for addresses that need it.
    pub full_name: String,
}

impl Repository {
    /// The repository as part of a key: host and id.
    pub fn key(&self) -> String {
        format!("{}-{}", self.host, self.id)
    }
}

/// A kind of Git host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Host {
    /// GitHub, hosted or as an Enterprise Server.
    Github,
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Github => formatter.write_str("github"),
        }
    }
}

/// A Git commit: 40 or 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Commit(String);

impl Commit {
    /// All digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, as people write them.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

impl TryFrom<String> for Commit {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits && matches!(text.len(), 40 | 64) {
            Ok(Self(text))
        } else {
            Err("a commit is 40 or 64 lower-case hexadecimal digits")
        }
    }
}

impl std::str::FromStr for Commit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl From<Commit> for String {
    fn from(commit: Commit) -> Self {
        commit.0
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A pull request as its host shows it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// Its number within the repository.
    pub number: u64,
    /// Whether it is open; a merged one is not.
    pub open: bool,
    /// Whether its author called it a draft.
    pub draft: bool,
    /// The newest commit of its branch.
    pub head: Commit,
    /// The host's numeric id of the repository that the branch is in; none when it was deleted.
    pub head_repository: Option<u64>,
    /// The branch that it asks to be merged into.
    pub base_branch: String,
    /// The numeric id of its author.
    pub author: u64,
}

impl PullRequest {
    /// Whether its commits come from outside the repository.
    pub fn is_from_fork(&self, repository: &Repository) -> bool {
        self.head_repository != Some(repository.id)
    }
}
