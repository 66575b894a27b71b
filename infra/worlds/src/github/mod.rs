//! GitHub, modelled as a GitHub App sees it: REST of version 2022-11-28, and the webhooks that follow what people do.

mod accounts;
mod checks;
mod collaborators;
mod comments;
mod commits;
mod contents;
mod deliveries;
mod deployment_statuses;
mod deployments;
mod environments;
mod installations;
mod limits;
mod objects;
mod people;
mod pulls;
mod reply;
mod repositories;
mod routes;
#[cfg(test)]
mod tests;
mod tokens;
mod webhooks;

use std::collections::BTreeMap;

use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use checks::{CheckRun, OUTPUT_LIMIT};
pub use collaborators::Role;
pub use comments::{BODY_LIMIT, Comment};
pub use contents::ENCODED_LIMIT;
pub use deliveries::REMEMBERED_FOR;
pub use deployment_statuses::{DESCRIPTION_LIMIT, DeploymentStatus};
pub use deployments::Deployment;
pub use objects::{Commit, FileChange};
pub use people::NewPullRequest;
pub use pulls::PullRequest;
pub use reply::Refusal;
pub use tokens::{JWT_LIFETIME_LIMIT, TOKEN_LIFETIME};
pub use webhooks::Delivery;

use accounts::Account;
use deliveries::Attempt;
use installations::Installation;
use objects::Objects;
use repositories::Repository;
use tokens::Token;

/// Ids count up from here, those of accounts, repositories, pull requests and all others together.
const FIRST_ID: u64 = 1_000;

/// How this GitHub behaves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// Where the API is, without a slash at the end.
    pub api_url: String,
    /// Where people read, without a slash at the end.
    pub html_url: String,
    /// A list of comments does not show those that are younger.
    pub comment_lag: SignedDuration,
    /// The primary rate limit of an installation.
    pub requests_per_hour: u32,
    /// The secondary rate limit on requests that create content.
    pub creations_per_minute: usize,
    /// The status of a secondary refusal: 403 or 429, the original sends either.
    pub secondary_status: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_url: "https://api.github.com".to_owned(),
            html_url: "https://github.com".to_owned(),
            comment_lag: SignedDuration::ZERO,
            requests_per_hour: 5_000,
            creations_per_minute: 80,
            secondary_status: 403,
        }
    }
}

/// The one GitHub App that this GitHub knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct App {
    /// The App id.
    pub id: u64,
    /// The client id, which may stand for the App id in a token.
    pub client_id: String,
    /// The App's name in URLs; its user is `slug[bot]`.
    pub slug: String,
    /// The public half of the App's key: `RSAPublicKey` of PKCS #1 (RFC 8017), in DER.
    pub public_key: Vec<u8>,
}

/// GitHub: accounts, repositories, and one App with its installations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GitHub {
    /// How it behaves; may be changed at any time.
    pub settings: Settings,
    app: App,
    accounts: BTreeMap<String, Account>,
    repositories: BTreeMap<u64, Repository>,
    /// Git objects by network: a repository and its forks share them, as in the original.
    networks: BTreeMap<u64, Objects>,
    installations: BTreeMap<u64, Installation>,
    tokens: BTreeMap<String, Token>,
    outbox: Vec<Delivery>,
    #[serde(default)]
    attempts: Vec<Attempt>,
    ids: u64,
    requests: u64,
}

impl GitHub {
    /// A GitHub on which nobody has done anything yet.
    pub fn new(app: App, settings: Settings) -> Self {
        let mut world = Self {
            settings,
            app,
            accounts: BTreeMap::new(),
            repositories: BTreeMap::new(),
            networks: BTreeMap::new(),
            installations: BTreeMap::new(),
            tokens: BTreeMap::new(),
            outbox: Vec::new(),
            attempts: Vec::new(),
            ids: FIRST_ID,
            requests: 0,
        };
        world.account_of_kind(&world.bot(), "Bot");
        world
    }

    /// Answers one HTTP request to the API.
    pub fn handle(&mut self, request: &Request<Vec<u8>>, now: Timestamp) -> Response<Vec<u8>> {
        self.requests += 1;
        routes::answer(self, request, now)
    }

    /// The webhooks that API calls have caused since this was asked last.
    pub fn take_deliveries(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.outbox)
    }

    /// How many requests were ever made, refused ones included.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Gives this id to the next thing that is made, so that a sample has the ids that its recordings have. Ids only grow.
    pub fn continue_ids_at(&mut self, id: u64) {
        self.ids = self.ids.max(id.saturating_sub(1));
    }

    fn next_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    fn repository(&self, id: u64) -> Result<&Repository, Refusal> {
        self.repositories.get(&id).ok_or_else(Refusal::not_found)
    }

    fn repository_mut(&mut self, id: u64) -> Result<&mut Repository, Refusal> {
        self.repositories.get_mut(&id).ok_or_else(Refusal::not_found)
    }

    fn objects_of(&self, repository: u64) -> Result<&Objects, Refusal> {
        self.networks.get(&self.repository(repository)?.network).ok_or_else(Refusal::not_found)
    }

    fn objects_of_mut(&mut self, repository: u64) -> Result<&mut Objects, Refusal> {
        let network = self.repository(repository)?.network;
        self.networks.get_mut(&network).ok_or_else(Refusal::not_found)
    }
}
