//! announce: what people are told, in one place each, always the present truth.

mod channel;
mod checks;
mod comment;
mod deployments;
mod environment;
mod reply;

pub use reply::ANSWERS_LIMIT;

use crate::{
    carry::PATIENCE,
    context::{Context, Handled, Invocation},
    nouns::{
        Chat, GitHost,
        state::{Change, Condition, DUE_AT, Key, StateError},
    },
    rows,
};
use jiff::SignedDuration;
use roadstead_domain::{
    announcement::{Announcement, AnnouncementKey},
    claim::Claim,
    message::Message,
    refusal::{Class, Refusal},
};
use serde_json::json;
use std::sync::Arc;

/// How long changes are gathered before the same place is written.
pub(crate) const COALESCE: SignedDuration = SignedDuration::from_secs(1);

/// How long an announcement waits for others that it tells of too: a comment tells of many environments, which often change
/// together.
pub(crate) fn gathers(key: &AnnouncementKey) -> SignedDuration {
    match key {
        AnnouncementKey::Comment { .. } => COALESCE,
        _ => SignedDuration::ZERO,
    }
}

/// How long until people are told what the host would not take just now, where it does not say how long.
const LATER: SignedDuration = SignedDuration::from_mins(2);

/// Tells people.
pub struct Announce {
    host: Arc<dyn GitHost>,
    chat: Option<Arc<dyn Chat>>,
    no_checks: checks::NoRight,
}

impl Announce {
    /// Tells them at this host, and where teams talk, if a chat platform is set up.
    pub fn new(host: Arc<dyn GitHost>, chat: Option<Arc<dyn Chat>>) -> Self {
        Self { host, chat, no_checks: checks::NoRight::default() }
    }

    /// Shows what is owed, if nobody else does.
    ///
    /// # Errors
    /// When the table or the host did not answer: it stays owed.
    pub async fn announce(
        &self,
        context: &Context,
        key: &AnnouncementKey,
        invocation: &Invocation,
    ) -> Handled {
        let Some(mut announcement) = claim(context, key, invocation).await? else { return Ok(()) };
        let owed = announcement.owed;
        if announcement.shown >= owed && !is_due_again(context, &announcement) {
            return release(context, &announcement, invocation, None).await;
        }
        let shown = match &key {
            AnnouncementKey::Comment { repository, number } => {
                self.show_comment(context, &mut announcement, repository, *number).await
            }
            AnnouncementKey::Deployments { environment } => {
                self.show_environment(context, &mut announcement, environment).await
            }
            AnnouncementKey::Channel { environment } => {
                self.show_in_channel(context, &mut announcement, environment).await
            }
            AnnouncementKey::Reply { trigger } => self.reply(context, &mut announcement, trigger).await,
        };
        match shown {
            Ok(()) => announcement.shown = owed,
            // What may still be created must not be created twice: the claim stays until that cannot come any more.
            Err(refusal) if refusal.maybe_done => return Err(refusal),
            Err(refusal) if refusal.class == Class::Rejected => {
                tracing::warn!(announcement = %key, %refusal, "people cannot be told");
                announcement.shown = owed;
                announcement.said.again_at = None;
            }
            Err(refusal) => {
                match refusal.class {
                    Class::Broken => tracing::error!(announcement = %key, %refusal, "people are told later"),
                    _ => tracing::warn!(announcement = %key, %refusal, "people are told later"),
                }
                let later = refusal.after.unwrap_or(LATER);
                return release(context, &announcement, invocation, Some(later)).await;
            }
        }
        release(context, &announcement, invocation, None).await
    }
}

/// Whether it is to be looked at now, although nothing new is owed.
fn is_due_again(context: &Context, announcement: &Announcement) -> bool {
    announcement.said.again_at.is_some_and(|again_at| again_at <= context.now())
}

/// Claims an announcement of which something is owed.
async fn claim(
    context: &Context,
    key: &AnnouncementKey,
    invocation: &Invocation,
) -> Result<Option<Announcement>, Refusal> {
    let claim = Claim { token: invocation.token.clone(), until: invocation.until() };
    let changes = [
        Change::Set("claim".to_owned(), rows::attribute(&claim)?),
        Change::Set(DUE_AT.to_owned(), json!(claim.until.as_millisecond())),
    ];
    let free = Condition::Any(vec![
        Condition::Missing("claim".to_owned()),
        Condition::Below("claim.until".to_owned(), context.now().as_millisecond()),
    ]);
    let condition = Condition::All(vec![Condition::RowExists, free]);
    match context.state.update(&rows::announcement(key), &changes, &condition).await {
        Ok(row) => Ok(Some(rows::read(&row)?)),
        Err(StateError::Refused { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Gives the claim back with what was shown. What became owed meanwhile is shown next, unless the host refuses just now.
async fn release(
    context: &Context,
    announcement: &Announcement,
    invocation: &Invocation,
    later: Option<SignedDuration>,
) -> Handled {
    let key = rows::announcement(&announcement.key);
    let due_at = context.now() + later.unwrap_or(PATIENCE);
    let mut changes = made(announcement)?;
    changes.extend([
        Change::Remove("claim".to_owned()),
        Change::Set("shown".to_owned(), json!(announcement.shown)),
        Change::Set(DUE_AT.to_owned(), json!(due_at.as_millisecond())),
    ]);
    changes.extend(announcement.comment.map(|comment| Change::Set("comment".to_owned(), json!(comment))));
    let ours = Condition::Equals("claim.token".to_owned(), json!(invocation.token));
    let row = match context.state.update(&key, &changes, &ours).await {
        Ok(row) => row,
        Err(StateError::Refused { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let now: Announcement = rows::read(&row)?;
    if later.is_some() {
        return Ok(());
    }
    if now.owed <= now.shown {
        return rest(context, &key, &now).await;
    }
    context.send(&Message::Announcement { announcement: announcement.key.clone() }, COALESCE).await;
    Ok(())
}

/// Records what is about to be made: should the answer be lost, it is looked for, or not made again.
async fn record(context: &Context, announcement: &Announcement) -> Handled {
    let token = announcement.claim.as_ref().map(|claim| claim.token.clone()).unwrap_or_default();
    let ours = Condition::Equals("claim.token".to_owned(), json!(token));
    context.state.update(&rows::announcement(&announcement.key), &made(announcement)?, &ours).await?;
    Ok(())
}

/// What was made outside, or is about to be.
fn made(announcement: &Announcement) -> Result<Vec<Change>, Refusal> {
    Ok(vec![
        Change::Set("deployments".to_owned(), rows::attribute(&announcement.deployments)?),
        Change::Set("checks".to_owned(), rows::attribute(&announcement.checks)?),
        Change::Set("told_of".to_owned(), rows::attribute(&announcement.told_of)?),
        Change::Set("said".to_owned(), rows::attribute(&announcement.said)?),
    ])
}

/// Nothing is owed any more: the row is not due before it is to be looked at again, unless something became owed meanwhile.
async fn rest(context: &Context, key: &Key, shown: &Announcement) -> Handled {
    let settled = Condition::All(vec![
        Condition::Equals("owed".to_owned(), json!(shown.owed)),
        Condition::Missing("claim".to_owned()),
    ]);
    let mut changes = vec![match shown.said.again_at {
        Some(again_at) => Change::Set(DUE_AT.to_owned(), json!(again_at.as_millisecond())),
        None => Change::Remove(DUE_AT.to_owned()),
    }];
    if matches!(shown.key, AnnouncementKey::Reply { .. }) {
        changes.push(rows::kept_until(context.now()));
    }
    match context.state.update(key, &changes, &settled).await {
        Ok(_) | Err(StateError::Refused { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
