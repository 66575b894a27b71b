//! GitHub, as a GitHub App (REST API, version 2022-11-28), hosted or as an Enterprise Server.
//!
//! Addresses are built from the configured base and numeric ids. A URL in an answer is never requested.

mod budget;
mod checks;
mod comments;
mod contents;
mod deliveries;
mod deployments;
mod http;
mod key;
mod pages;
mod pause;
mod pulls;
mod refusal;
mod token;

use self::http::Caller;
use crate::{Https, Transport};
use jiff::Timestamp;
use roadstead_domain::command::NamedCommit;
use roadstead_domain::repository::{Commit, PullRequest, Repository};
use roadstead_steps::nouns::git_host::{
    Budget, Check, Comment, CommitShown, Delivery, DeploymentStatus, OpenPullRequests,
};
use roadstead_steps::nouns::{CallError, GitHost, Time};
use std::sync::Arc;

pub use key::AppKey;

/// The base of the addresses of GitHub's own API.
pub const GITHUB: &str = "https://api.github.com";

/// Who we are at GitHub.
pub struct Settings {
    /// The base of all addresses, such as [`GITHUB`] or `https://github.example/api/v3`. Only an `http` base is asked
    /// without TLS.
    pub base: String,
    /// The App's numeric id.
    pub app: u64,
    /// The App's private key.
    pub key: AppKey,
    /// The numeric id of the App's installation at the repositories' owner.
    pub installation: u64,
}

/// GitHub, as one installation of a GitHub App.
pub struct Github {
    caller: Caller,
    app: u64,
    installation: u64,
}

impl Settings {
    /// One installation of an App, at GitHub itself where no base is given; its key as GitHub gives it out, in PEM.
    ///
    /// # Errors
    /// When the key cannot be read; it is not repeated.
    pub fn new(base: Option<String>, app: u64, installation: u64, pem: &[u8]) -> Result<Self, CallError> {
        let key = AppKey::from_pem(&String::from_utf8_lossy(pem))?;
        let base = base.unwrap_or_else(|| GITHUB.to_owned());
        Ok(Self { base, app, key, installation })
    }
}

impl Github {
    /// Talks over HTTPS.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: Settings, time: Arc<dyn Time>) -> Result<Self, CallError> {
        let plain = settings.base.starts_with("http://");
        let https = Https::new(plain)?;
        Ok(Self::with_transport(settings, time, Arc::new(https)))
    }

    /// Talks over a transport that is given.
    pub fn with_transport(settings: Settings, time: Arc<dyn Time>, transport: Arc<dyn Transport>) -> Self {
        let Settings { app, installation, .. } = settings;
        Self { caller: Caller::new(settings, time, transport), app, installation }
    }
}

/// The address of what belongs to a repository. The id stays when the name changes.
fn of_repository(repository: &Repository, rest: &str) -> String {
    format!("/repositories/{}/{rest}", repository.id)
}

#[async_trait::async_trait]
impl GitHost for Github {
    async fn pull_request(&self, repository: &Repository, number: u64) -> Result<PullRequest, CallError> {
        pulls::one(&self.caller, repository, number).await
    }

    async fn open_pull_requests(
        &self,
        repository: &Repository,
        tag: Option<&str>,
    ) -> Result<OpenPullRequests, CallError> {
        pulls::open(&self.caller, repository, tag).await
    }

    async fn branch(&self, repository: &Repository, branch: &str) -> Result<Option<Commit>, CallError> {
        contents::branch(&self.caller, repository, branch).await
    }

    async fn commit(
        &self,
        repository: &Repository,
        commit: &Commit,
    ) -> Result<Option<CommitShown>, CallError> {
        contents::commit(&self.caller, repository, commit).await
    }

    async fn named_commit(
        &self,
        repository: &Repository,
        named: &NamedCommit,
        newer: &Commit,
    ) -> Result<Option<Commit>, CallError> {
        contents::named(&self.caller, repository, named, newer).await
    }

    async fn file(
        &self,
        repository: &Repository,
        commit: &Commit,
        path: &str,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, CallError> {
        contents::file(&self.caller, repository, commit, path, limit).await
    }

    async fn comments(
        &self,
        repository: &Repository,
        number: u64,
        marker: &str,
    ) -> Result<Vec<Comment>, CallError> {
        self.caller.may_change()?;
        comments::with_marker(&self.caller, self.app, repository, number, marker).await
    }

    async fn create_comment(
        &self,
        repository: &Repository,
        number: u64,
        body: &str,
    ) -> Result<u64, CallError> {
        comments::create(&self.caller, repository, number, body).await
    }

    async fn update_comment(
        &self,
        repository: &Repository,
        comment: u64,
        body: &str,
    ) -> Result<(), CallError> {
        comments::update(&self.caller, repository, comment, body).await
    }

    async fn delete_comment(&self, repository: &Repository, comment: u64) -> Result<(), CallError> {
        comments::delete(&self.caller, repository, comment).await
    }

    async fn find_deployment(
        &self,
        repository: &Repository,
        environment: &str,
        payload: &str,
    ) -> Result<Option<u64>, CallError> {
        self.caller.may_change()?;
        deployments::find(&self.caller, self.app, repository, environment, payload).await
    }

    async fn create_deployment(
        &self,
        repository: &Repository,
        environment: &str,
        commit: &Commit,
        payload: &str,
        transient: bool,
    ) -> Result<u64, CallError> {
        let wanted = deployments::Wanted { environment, commit, payload, transient };
        deployments::create(&self.caller, repository, &wanted).await
    }

    async fn set_deployment_status(
        &self,
        repository: &Repository,
        deployment: u64,
        environment: &str,
        status: &DeploymentStatus,
    ) -> Result<(), CallError> {
        deployments::set_status(&self.caller, repository, deployment, environment, status).await
    }

    async fn remove_environment(&self, repository: &Repository, environment: &str) -> Result<(), CallError> {
        deployments::remove_environment(&self.caller, repository, environment).await
    }

    async fn find_check(
        &self,
        repository: &Repository,
        commit: &Commit,
        name: &str,
        mark: &str,
    ) -> Result<Option<u64>, CallError> {
        self.caller.may_change()?;
        checks::find(&self.caller, self.app, repository, commit, name, mark).await
    }

    async fn create_check(
        &self,
        repository: &Repository,
        commit: &Commit,
        mark: &str,
        check: &Check,
    ) -> Result<u64, CallError> {
        checks::create(&self.caller, repository, commit, mark, check).await
    }

    async fn update_check(&self, repository: &Repository, id: u64, check: &Check) -> Result<(), CallError> {
        checks::update(&self.caller, repository, id, check).await
    }

    async fn deliveries(&self, since: Timestamp) -> Result<Vec<Delivery>, CallError> {
        deliveries::since(&self.caller, self.installation, since).await
    }

    async fn redeliver(&self, delivery: u64) -> Result<(), CallError> {
        deliveries::again(&self.caller, delivery).await
    }

    fn budget(&self) -> Option<Budget> {
        self.caller.budget()
    }
}

#[cfg(test)]
mod tests;
