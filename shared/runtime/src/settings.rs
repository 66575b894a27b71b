//! Settings: the one place that reads environment variables.
//!
//! | variable | holds |
//! |---|---|
//! | `ROADSTEAD_TABLE` | the name of the table |
//! | `ROADSTEAD_QUEUES` | JSON: the name of each queue that the function sends to, and its URL |
//! | `ROADSTEAD_GITHUB_APP` | JSON: `{"id", "installation", "private_key": <reference>}`, and `"api"` for an Enterprise Server |
//! | `ROADSTEAD_GITHUB_HOOKS` | JSON: `{<name>: {"secret": <reference>, "repositories": [<id>]}}`, or `"installation": <id>`; `"account"`, the id of our own bot account, and `"app"`, the id of our App |
//! | `ROADSTEAD_IMAGE_KEYS` | JSON: `{<name>: {"secret": <reference>, "images": ["registry/repository"]}}` |
//! | `ROADSTEAD_SLACK` | JSON: `{"signing_secret": <reference>, "team": "T…", "app": "A…"}`, the workspace and our App in it |
//! | `ROADSTEAD_SLACK_BOT` | JSON: `{"token": <reference>}`, and `"api"` and `"hooks"` where Slack is not at its own addresses |
//! | `ROADSTEAD_CONFIGURATION_KEYS` | JSON: `{<name>: {"secret": <reference>}}`: whoever presents it decides about everything |
//! | `ROADSTEAD_CLUSTERS` | JSON: `{<name in the platform file>: {"eks": <name>}}`, or `{"kubeconfig": <reference>}` |
//!
//! Secrets are given by reference, never inline: `env:NAME`, `file:PATH` or `secretsmanager:NAME`. They are read when the
//! function that needs them is wired. How AWS is reached, the SDK's own variables say: [`Settings::variables`] hands them on.

mod clusters;
mod doors;
mod github_app;
mod log;
mod reference;
mod slack;
#[cfg(test)]
mod tests;

pub use clusters::{Kubeconfigs, Reached};
pub use github_app::GithubApp;
pub use log::Log;
pub use reference::{Given, presented};
pub use slack::SlackBot;

use roadstead_domain::message::{Destination, UnknownDestination};
use serde::de::DeserializeOwned;
use std::{collections::BTreeMap, sync::Arc};

/// What a process was told when it was started. A function is given only the variables that it needs.
pub struct Settings {
    /// The name of the table.
    pub table: String,
    /// The URL of each queue that may be sent to.
    pub queues: BTreeMap<Destination, String>,
    variables: Arc<Variable>,
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
pub type Variable = dyn Fn(&str) -> Option<String> + Send + Sync;
type Variables<'a> = &'a Variable;

impl Settings {
    /// Reads the environment of this process.
    ///
    /// # Errors
    /// The first [`SettingsError`].
    pub fn from_environment() -> Result<Self, SettingsError> {
        Self::read(Arc::new(variable))
    }

    /// All variables: the SDK of AWS has its own.
    pub fn variables(&self) -> Arc<Variable> {
        self.variables.clone()
    }

    fn read(variables: Arc<Variable>) -> Result<Self, SettingsError> {
        let table = variables("ROADSTEAD_TABLE").filter(|table| !table.is_empty());
        let table = table.ok_or_else(|| missing("ROADSTEAD_TABLE"))?;
        Ok(Settings { table, queues: queues(variables.as_ref())?, variables })
    }
}

/// A variable of this process's environment.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads environment variables")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn queues(variables: Variables) -> Result<BTreeMap<Destination, String>, SettingsError> {
    let variable = "ROADSTEAD_QUEUES";
    let texts: BTreeMap<String, String> = json(variables, variable)?.unwrap_or_default();
    let queue = |(name, url): (String, String)| {
        let named = name.parse().map(|destination| (destination, url));
        named.map_err(|error: UnknownDestination| malformed(variable, format!("{name}: {error}")))
    };
    texts.into_iter().map(queue).collect()
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

fn missing(variable: &str) -> SettingsError {
    SettingsError::Missing { variable: variable.to_owned() }
}

fn malformed(variable: &str, problem: impl Into<String>) -> SettingsError {
    SettingsError::Malformed { variable: variable.to_owned(), problem: problem.into() }
}
