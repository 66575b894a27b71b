//! What people are owed: counted up in the commit of what they are to be told.

use super::settle::PATIENCE;
use crate::{
    announce::gathers,
    context::Context,
    nouns::state::{Change, Condition, DUE_AT, StateError, Write},
    rows,
};
use jiff::Timestamp;
use roadstead_domain::{
    announcement::AnnouncementKey, environment::Environment, intent::Source, message::Message,
    refusal::Refusal,
};
use serde_json::json;

/// The announcements that tell of an environment.
pub(crate) fn announcements(environment: &Environment) -> Vec<AnnouncementKey> {
    let mut keys = vec![AnnouncementKey::Deployments { environment: environment.id.clone() }];
    if environment.channel.is_some() {
        keys.push(AnnouncementKey::Channel { environment: environment.id.clone() });
    }
    if let Source::PullRequest { number } = environment.source {
        keys.push(AnnouncementKey::Comment { repository: environment.repository.clone(), number });
    }
    keys
}

/// Makes an announcement owed once more.
pub(crate) fn owe(key: &AnnouncementKey, now: Timestamp) -> Result<Write, Refusal> {
    let changes = vec![
        Change::Set("key".to_owned(), rows::attribute(key)?),
        Change::Add("owed".to_owned(), 1),
        Change::Set(DUE_AT.to_owned(), json!((now + PATIENCE).as_millisecond())),
    ];
    Ok(Write::Update(rows::announcement(key), changes, Condition::Always))
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    /// It was made, and people are about to be told.
    Made,
    /// The row no longer stood as the change expects it.
    Outdated,
    /// Somebody else was writing the same rows.
    Busy,
}

/// Makes a change and owes people the news of it, in one commit; then lets them be told.
///
/// # Errors
/// When the table did not answer.
pub(crate) async fn change_and_owe(
    context: &Context,
    change: Write,
    keys: &[AnnouncementKey],
) -> Result<Changed, Refusal> {
    let mut writes = vec![change];
    for key in keys {
        writes.push(owe(key, context.now())?);
    }
    match context.state.commit(&writes).await {
        Ok(()) => {}
        Err(StateError::Refused { .. }) => return Ok(Changed::Outdated),
        Err(StateError::Busy) => return Ok(Changed::Busy),
        Err(error) => return Err(error.into()),
    }
    for key in keys {
        context.send(&Message::Announcement { announcement: key.clone() }, gathers(key)).await;
    }
    Ok(Changed::Made)
}
