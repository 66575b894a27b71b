//! The Git host: what the source says now, and where people read what we tell them.

mod check;
mod delivery;

pub use check::{Check, CheckState};
pub use delivery::{Budget, Delivery, REMEMBERED_FOR};

use super::CallError;
use jiff::Timestamp;
use roadstead_domain::{
    command::NamedCommit,
    repository::{Commit, PullRequest, Repository},
};

/// A comment of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The host's id.
    pub id: u64,
    /// Its text.
    pub body: String,
}

/// A commit as the host shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitShown {
    /// The commit.
    pub commit: Commit,
    /// Its parents, in order.
    pub parents: Vec<Commit>,
}

/// The state of a deployment at the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentState {
    /// It waits.
    Queued,
    /// It is being carried out.
    InProgress,
    /// It succeeded.
    Success,
    /// The user must act.
    Failure,
    /// We must act.
    Error,
    /// It is no more.
    Inactive,
}

impl DeploymentState {
    /// The state's name in GitHub's REST API.
    pub fn name(self) -> &'static str {
        match self {
            DeploymentState::Queued => "queued",
            DeploymentState::InProgress => "in_progress",
            DeploymentState::Success => "success",
            DeploymentState::Failure => "failure",
            DeploymentState::Error => "error",
            DeploymentState::Inactive => "inactive",
        }
    }
}

/// What a deployment at the host is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentStatus {
    /// Its state.
    pub state: DeploymentState,
    /// One line, at most 140 characters.
    pub description: String,
    /// Where the environment can be reached.
    pub url: Option<String>,
}

/// The open pull requests of a repository, or that nothing changed since they were last read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenPullRequests {
    /// The same as when this tag was given.
    Unchanged,
    /// All of them, and the tag to ask with the next time.
    These {
        /// Every open pull request.
        pull_requests: Vec<PullRequest>,
        /// The tag for a conditional request (RFC 9110, `ETag`).
        tag: Option<String>,
    },
}

/// A Git host. Every address is built from settings and numeric ids, never from a payload.
#[async_trait::async_trait]
pub trait GitHost: Send + Sync {
    /// A pull request as it is now.
    ///
    /// # Errors
    /// [`CallError::Missing`] when there is none, or we may not see it: never taken for closed.
    async fn pull_request(&self, repository: &Repository, number: u64) -> Result<PullRequest, CallError>;

    /// All open pull requests, unless nothing changed since the tag was given. A list that could not be read whole is an
    /// error, never shorter.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn open_pull_requests(
        &self,
        repository: &Repository,
        tag: Option<&str>,
    ) -> Result<OpenPullRequests, CallError>;

    /// The newest commit of a branch; none when the branch does not exist.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn branch(&self, repository: &Repository, branch: &str) -> Result<Option<Commit>, CallError>;

    /// A commit and its parents; none when the host does not have it.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn commit(
        &self,
        repository: &Repository,
        commit: &Commit,
    ) -> Result<Option<CommitShown>, CallError>;

    /// The commit that a person named by its first digits, if a newer one has it in its history; none when the host has none, or
    /// cannot tell which. A host may know commits of forks too, which are in nobody's history here.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn named_commit(
        &self,
        repository: &Repository,
        named: &NamedCommit,
        newer: &Commit,
    ) -> Result<Option<Commit>, CallError>;

    /// A regular file at a commit, at most `limit` bytes; none when there is none at the path.
    ///
    /// # Errors
    /// [`CallError::Refused`] when it is larger or not a regular file.
    async fn file(
        &self,
        repository: &Repository,
        commit: &Commit,
        path: &str,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, CallError>;

    /// Our own comments on a pull request that contain a marker, oldest first.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn comments(
        &self,
        repository: &Repository,
        number: u64,
        marker: &str,
    ) -> Result<Vec<Comment>, CallError>;

    /// Posts a comment and answers its id.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn create_comment(
        &self,
        repository: &Repository,
        number: u64,
        body: &str,
    ) -> Result<u64, CallError>;

    /// Changes a comment's text.
    ///
    /// # Errors
    /// [`CallError::Missing`] when somebody deleted it.
    async fn update_comment(
        &self,
        repository: &Repository,
        comment: u64,
        body: &str,
    ) -> Result<(), CallError>;

    /// Deletes a comment; one that is missing counts as deleted.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn delete_comment(&self, repository: &Repository, comment: u64) -> Result<(), CallError>;

    /// The id of our deployment that carries this payload, if the host has one for the environment.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn find_deployment(
        &self,
        repository: &Repository,
        environment: &str,
        payload: &str,
    ) -> Result<Option<u64>, CallError>;

    /// Creates a deployment of a commit that carries a payload, and answers its id.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn create_deployment(
        &self,
        repository: &Repository,
        environment: &str,
        commit: &Commit,
        payload: &str,
        transient: bool,
    ) -> Result<u64, CallError>;

    /// Adds a status to a deployment.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn set_deployment_status(
        &self,
        repository: &Repository,
        deployment: u64,
        environment: &str,
        status: &DeploymentStatus,
    ) -> Result<(), CallError>;

    /// Removes the environment itself; one that is missing counts as removed.
    ///
    /// # Errors
    /// [`CallError::Forbidden`] where the App may not.
    async fn remove_environment(&self, repository: &Repository, environment: &str) -> Result<(), CallError>;

    /// The id of our check run of a commit that has this name and carries this mark, if the host has one.
    ///
    /// # Errors
    /// [`CallError::Forbidden`] where the App has no right to checks; so with the two below.
    async fn find_check(
        &self,
        repository: &Repository,
        commit: &Commit,
        name: &str,
        mark: &str,
    ) -> Result<Option<u64>, CallError>;

    /// Creates a check run of a commit that carries a mark, and answers its id.
    ///
    /// # Errors
    /// As [`GitHost::find_check`].
    async fn create_check(
        &self,
        repository: &Repository,
        commit: &Commit,
        mark: &str,
        check: &Check,
    ) -> Result<u64, CallError>;

    /// Changes what a check run says.
    ///
    /// # Errors
    /// As [`GitHost::find_check`].
    async fn update_check(&self, repository: &Repository, id: u64, check: &Check) -> Result<(), CallError>;

    /// Attempts to deliver webhooks to us since a moment, the newest first; of very many, the newest alone.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn deliveries(&self, since: Timestamp) -> Result<Vec<Delivery>, CallError>;

    /// Lets the webhook of an attempt be delivered to us once more.
    ///
    /// # Errors
    /// [`CallError::Missing`] when the host remembers it no more.
    async fn redeliver(&self, delivery: u64) -> Result<(), CallError>;

    /// What this process was told last of how much we may still ask; none when nothing is known.
    fn budget(&self) -> Option<Budget>;
}
