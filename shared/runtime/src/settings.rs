//! Settings: the one place that reads environment variables.
//!
//! | variable | holds |
//! |---|---|
//! | `ROADSTEAD_TABLE` | the name of the table |
//! | `ROADSTEAD_ENDPOINT` | where AWS is answered instead, for the one-machine stack; optional |
//! | `ROADSTEAD_QUEUES` | JSON: the name of each function that is sent messages, and its queue's URL |
//! | `ROADSTEAD_GITHUB_APP` | JSON: `{"client_id", "private_key": <reference>, "account": <id of its bot account>}` |
//! | `ROADSTEAD_GITHUB_HOOKS` | JSON: `{<name>: {"secret": <reference>, "repositories": [<id>]}}`, or `"installation": <id>` |
//! | `ROADSTEAD_IMAGE_KEYS` | JSON: `{<name>: {"secret": <reference>, "images": ["registry/repository"]}}` |
//!
//! Secrets are given by reference, never inline: `env:NAME` or `file:PATH`.

mod doors;
mod reference;
#[cfg(test)]
mod tests;

pub use reference::PrivateKey;

use reference::Reference;
use roadstead_senders::{github::Hook, images::Key};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// What a process was told when it was started. A function is given only the variables that it needs.
pub struct Settings {
    /// The name of the table.
    pub table: String,
    /// Where AWS is answered instead.
    pub endpoint: Option<String>,
    /// The URL of each function's queue, by the function's name.
    pub queues: BTreeMap<String, String>,
    /// What we are on GitHub.
    pub github_app: Option<GithubApp>,
    /// GitHub's webhooks, by name.
    pub github_hooks: BTreeMap<String, Hook>,
    /// The keys of the images door.
    pub image_keys: Vec<Key>,
}

/// What we are on GitHub.
pub struct GithubApp {
    /// The App's client id.
    pub client_id: String,
    /// The key that it signs with.
    pub private_key: PrivateKey,
    /// The numeric id of its bot account.
    pub account: u64,
}

/// Why settings cannot be used. Names the variable, and never what it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A variable is needed and not there.
    #[error("{variable} is not set")]
    Missing {
        /// Its name.
        variable: String,
    },
    /// A variable does not hold what it should.
    #[error("{variable}: {problem}")]
    Malformed {
        /// Its name.
        variable: String,
        /// What is wrong.
        problem: String,
    },
}

/// What answers a variable's value.
type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppText {
    client_id: String,
    private_key: Reference,
    account: u64,
}

impl Settings {
    /// Reads the environment of this process, and the files that it refers to.
    ///
    /// # Errors
    /// The first [`SettingsError`].
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads environment variables")]
    pub fn from_environment() -> Result<Self, SettingsError> {
        Self::read(&|name| std::env::var(name).ok())
    }

    fn read(variables: Variables) -> Result<Self, SettingsError> {
        let table = variables("ROADSTEAD_TABLE").filter(|table| !table.is_empty());
        let github_app = github_app(variables)?;
        let own_account = github_app.as_ref().map(|app| app.account);
        Ok(Settings {
            table: table.ok_or_else(|| SettingsError::Missing { variable: "ROADSTEAD_TABLE".to_owned() })?,
            endpoint: variables("ROADSTEAD_ENDPOINT"),
            queues: json(variables, "ROADSTEAD_QUEUES")?.unwrap_or_default(),
            github_hooks: doors::github_hooks(variables, own_account)?,
            image_keys: doors::image_keys(variables)?,
            github_app,
        })
    }
}

fn github_app(variables: Variables) -> Result<Option<GithubApp>, SettingsError> {
    let variable = "ROADSTEAD_GITHUB_APP";
    let Some(text) = json::<AppText>(variables, variable)? else { return Ok(None) };
    let key = text.private_key.resolve(variables).map_err(|problem| malformed(variable, problem))?;
    let private_key = PrivateKey::new(key);
    Ok(Some(GithubApp { client_id: text.client_id, private_key, account: text.account }))
}

/// A variable that holds JSON; none where it is not set. What is wrong is told by its place only, because a secret may
/// have been put where its reference belongs.
fn json<T: DeserializeOwned>(variables: Variables, variable: &str) -> Result<Option<T>, SettingsError> {
    let Some(text) = variables(variable) else { return Ok(None) };
    let place = |error: serde_json::Error| {
        malformed(variable, format!("not as it must be at line {} column {}", error.line(), error.column()))
    };
    serde_json::from_str(&text).map(Some).map_err(place)
}

fn malformed(variable: &str, problem: impl Into<String>) -> SettingsError {
    SettingsError::Malformed { variable: variable.to_owned(), problem: problem.into() }
}
