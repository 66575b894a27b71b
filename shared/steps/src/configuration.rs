//! The platform configuration in force: stored by its hash, and named by one pointer.

mod platforms;

pub use platforms::{KEPT_LIMIT, Platforms};

use crate::{
    nouns::{
        State,
        state::{Change, Condition, Consistency, DUE_AT, Row, StateError, Write},
    },
    rows,
};
use jiff::Timestamp;
use roadstead_domain::{
    name::InstallationName,
    platform::{Parsed, Platform},
    refusal::Refusal,
    repository::{Host, Repository},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The pointer to the configuration in force, as its row holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// The hash that it is stored by.
    pub hash: String,
    /// The name of the installation, which stays the same.
    pub installation: InstallationName,
    /// Since when it is in force: whatever was read before may have been another one.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub since: Timestamp,
    /// When it was pushed for the last time: what was pushed before does not take its place.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub received_at: Timestamp,
    /// The trigger that put it in force, or what stands for it.
    pub trigger: String,
}

/// The configuration in force; none before the first was pushed.
///
/// # Errors
/// When the table does not answer.
pub async fn in_force(state: &dyn State) -> Result<Option<InForce>, Refusal> {
    rows::load(state, &rows::current_platform()).await
}

/// The hash of the configuration in force.
///
/// # Errors
/// When there is none yet, or the table does not answer.
pub async fn hash_in_force(state: &dyn State) -> Result<String, Refusal> {
    let in_force = in_force(state).await?;
    let in_force = in_force.ok_or_else(|| Refusal::broken("no platform configuration has been stored yet"));
    in_force.map(|in_force| in_force.hash)
}

/// The text of a configuration, by its hash.
///
/// # Errors
/// When it is missing, or the table does not answer.
pub async fn text(state: &dyn State, hash: &str) -> Result<String, Refusal> {
    let row = state.get(&rows::platform(hash), Consistency::Eventual).await?;
    let row = match row {
        Some(row) => Some(row),
        None => state.get(&rows::platform(hash), Consistency::Strong).await?,
    };
    let text = row.as_ref().and_then(|row| row.attributes.get("text")).and_then(Value::as_str);
    let text = text.ok_or_else(|| Refusal::broken(format!("the platform configuration {hash} is missing")));
    text.map(str::to_owned)
}

/// A configuration, by its hash.
///
/// # Errors
/// As [`text`], and when it is damaged.
pub async fn by_hash(state: &dyn State, hash: &str) -> Result<Platform, Refusal> {
    let parsed = Platform::parse(text(state, hash).await?.as_bytes());
    let parsed =
        parsed.map_err(|_| Refusal::broken(format!("the platform configuration {hash} cannot be read")))?;
    Ok(parsed.platform)
}

/// The configuration in force, for who asks once: functions ask [`Platforms`], which keep it.
///
/// # Errors
/// As [`hash_in_force`] and [`by_hash`].
pub async fn current(state: &dyn State) -> Result<Platform, Refusal> {
    let hash = hash_in_force(state).await?;
    by_hash(state, &hash).await
}

/// Stores a configuration by its hash, unless it is there.
///
/// # Errors
/// When the table does not answer; then it can be done again.
pub async fn store(state: &dyn State, hash: &str, text: &str) -> Result<(), StateError> {
    let attributes = Map::from_iter([("text".to_owned(), json!(text))]);
    let row = Row { key: rows::platform(hash), attributes };
    match state.commit(&[Write::Put(row, Condition::RowMissing)]).await {
        Ok(()) | Err(StateError::Refused { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Points at a configuration, if what was in force still is. Answers whether it was.
///
/// # Errors
/// When the table does not answer; then it can be done again.
pub async fn point_at(state: &dyn State, newer: &InForce, older: Option<&InForce>) -> Result<bool, Refusal> {
    let same = match older {
        None => Condition::RowMissing,
        Some(older) => Condition::All(vec![
            Condition::Equals("hash".to_owned(), json!(older.hash)),
            Condition::Equals("received_at".to_owned(), json!(older.received_at.as_millisecond())),
            Condition::Equals("trigger".to_owned(), json!(older.trigger)),
        ]),
    };
    let row = rows::row(rows::current_platform(), newer, None)?;
    match state.commit(&[Write::Put(row, same)]).await {
        Ok(()) => Ok(true),
        Err(StateError::Refused { .. } | StateError::Busy) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Lets a repository be looked at.
///
/// # Errors
/// When the table does not answer; then it can be done again.
pub async fn look_at(state: &dyn State, repository: &Repository, due_at: Timestamp) -> Result<(), Refusal> {
    let changes = [
        Change::Set("repository".to_owned(), rows::attribute(repository)?),
        Change::Set(DUE_AT.to_owned(), json!(due_at.as_millisecond())),
    ];
    state.update(&rows::repository(&repository.key()), &changes, &Condition::Always).await?;
    Ok(())
}

/// Lets be looked at what became of the webhooks of the hosts that a configuration speaks of.
///
/// # Errors
/// When the table does not answer; then it can be done again.
pub async fn listen(state: &dyn State, platform: &Platform, due_at: Timestamp) -> Result<(), Refusal> {
    let hosts: BTreeSet<Host> =
        platform.applications.values().map(|application| application.repository.host).collect();
    for host in hosts {
        let changes = [
            Change::Set("host".to_owned(), rows::attribute(&host)?),
            Change::Set(DUE_AT.to_owned(), json!(due_at.as_millisecond())),
        ];
        state.update(&rows::deliveries(host), &changes, &Condition::Always).await?;
    }
    Ok(())
}

/// The repositories that a configuration speaks of, each once.
pub fn repositories(platform: &Platform) -> Vec<&Repository> {
    let mut repositories: Vec<_> = platform.applications.values().map(|found| &found.repository).collect();
    repositories.sort_by_key(|repository| repository.key());
    repositories.dedup_by_key(|repository| repository.key());
    repositories
}

/// Puts the first configuration of a table in force past the door, and lets every repository of it be looked at now: for
/// whoever owns the table, as the one-machine stack does.
///
/// # Errors
/// When the table does not answer; then it can be done again.
pub async fn seed(state: &dyn State, parsed: &Parsed, text: &str, now: Timestamp) -> Result<(), Refusal> {
    store(state, &parsed.hash, text).await?;
    let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
    let newer = InForce {
        hash: parsed.hash.clone(),
        installation: parsed.platform.installation.clone(),
        since: now,
        received_at: now,
        trigger: "the first".to_owned(),
    };
    let row = rows::row(rows::current_platform(), &newer, None)?;
    state.commit(&[Write::Put(row, Condition::Always)]).await?;
    for repository in repositories(&parsed.platform) {
        look_at(state, repository, now).await?;
    }
    listen(state, &parsed.platform, now).await
}
