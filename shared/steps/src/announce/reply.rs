//! The answer to a command, where it was typed: what came of it, and how it ended.
//!
//! An address for answers takes five within thirty minutes (Slack, "Handling user interaction", `response_url`), and what was
//! sent there cannot be looked up. So every answer is counted before it is sent, and sent at most once.

use super::{Announce, comment::read, record};
use crate::{
    accept_trigger::may_see,
    context::{Context, Handled},
    listing,
    nouns::{
        CallError, Chat,
        state::{Change, Condition, StateError},
    },
    outcome, rows,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    announcement::Announcement,
    command::{Command, ReplyAddress},
    environment::Environment,
    name::{ApplicationName, EnvironmentId},
    platform::Platform,
    refusal::Refusal,
    repository::Repository,
    sentence::{self, Answer},
    trigger::{Outcome, Sighting, Trigger},
};
use std::collections::BTreeMap;

/// The most answers to one command.
pub const ANSWERS_LIMIT: u32 = 5;
/// How long after a command was typed it can be answered there.
const ANSWERED_WITHIN: SignedDuration = SignedDuration::from_mins(30);
/// How long after it was typed the last answer is given, whatever has come of it by then.
const LAST_AFTER: SignedDuration = SignedDuration::from_mins(25);
/// How often what was asked for is looked at until it ends: once something else takes its place, the news is owed to others.
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(1);

impl Announce {
    /// Answers a command with what is true now. After the last answer, the address is forgotten. A look that failed stays due.
    pub(super) async fn reply(
        &self,
        context: &Context,
        announcement: &mut Announcement,
        key: &str,
    ) -> Handled {
        let look_again = self.answer_now(context, announcement, key).await?;
        announcement.said.again_at = look_again;
        Ok(())
    }

    /// Answers it; when it is to be looked at again, if more is to be said.
    async fn answer_now(
        &self,
        context: &Context,
        announcement: &mut Announcement,
        key: &str,
    ) -> Result<Option<Timestamp>, Refusal> {
        let trigger: Option<Trigger> = rows::load(context.state.as_ref(), &rows::trigger(key)).await?;
        let Some(trigger) = trigger else { return Ok(None) };
        let Some(address) = &trigger.reply else { return Ok(None) };
        let Some(mut answer) = answer(context, &trigger).await? else { return Ok(None) };
        if !answer.last && context.now() >= trigger.received_at + LAST_AFTER {
            answer = Answer::last(sentence::takes_longer(&answer.text));
        }
        let taken = match &self.chat {
            Some(chat) if context.now() <= trigger.received_at + ANSWERED_WITHIN => {
                say(context, chat.as_ref(), address, announcement, &answer).await?
            }
            _ => false,
        };
        if !taken || answer.last {
            return forget_address(context, key).await.map(|()| None);
        }
        let last_at = trigger.received_at + LAST_AFTER;
        Ok(Some(last_at.min(context.now() + LOOK_EVERY)))
    }
}

/// Sends an answer, unless it is what was said last, or only the last one is left. Answers whether more can be said.
async fn say(
    context: &Context,
    chat: &dyn Chat,
    address: &ReplyAddress,
    announcement: &mut Announcement,
    answer: &Answer,
) -> Result<bool, Refusal> {
    let said = &mut announcement.said;
    let spent = said.times + u32::from(!answer.last) >= ANSWERS_LIMIT;
    if spent || said.text == answer.text {
        return Ok(true);
    }
    said.times += 1;
    said.text.clone_from(&answer.text);
    record(context, announcement).await?;
    match chat.reply(address, &answer.text).await {
        Ok(()) => Ok(true),
        Err(error) if error.maybe_done() => {
            tracing::warn!(%error, "an answer may not have arrived");
            Ok(true)
        }
        Err(error @ (CallError::Throttled { .. } | CallError::Unavailable { .. })) => {
            announcement.said.times -= 1;
            announcement.said.text.clear();
            Err(error.into())
        }
        Err(error) => {
            tracing::info!(%error, "answers are not taken any more");
            Ok(false)
        }
    }
}

/// What is to be answered now; none before the trigger is closed.
async fn answer(context: &Context, trigger: &Trigger) -> Result<Option<Answer>, Refusal> {
    let (Sighting::Command { command }, Some(closed)) = (&trigger.sighting, &trigger.closed) else {
        return Ok(None);
    };
    let platform = context.platforms.in_force().await?;
    Ok(Some(match command {
        Command::Help => Answer::last(sentence::help()),
        Command::List { application } => {
            let seen = seen(context, &platform, trigger, application.as_ref()).await?;
            Answer::last(sentence::listed(&seen, context.now()))
        }
        Command::Status { environment } => {
            let found = read(context, environment).await?.filter(|found| sees(&platform, trigger, found));
            Answer::last(sentence::status(environment, found.as_ref(), context.now()))
        }
        _ => match trigger.outcomes.first_key_value() {
            Some((id, Outcome::Raised { generation } | Outcome::Looked { generation })) => {
                ending(context, trigger, id, *generation).await?
            }
            Some((id, outcome)) => Answer::last(sentence::answered_at_once(id, outcome)),
            None => Answer::last(closed.text.clone()),
        },
    }))
}

/// How what was asked for has ended, though another generation took its place; or how far it is.
async fn ending(
    context: &Context,
    trigger: &Trigger,
    id: &EnvironmentId,
    generation: u64,
) -> Result<Answer, Refusal> {
    let outcome = outcome::of(context.state.as_ref(), trigger).await?;
    let now = read(context, id).await?;
    Ok(match now {
        Some(now) if !outcome.done => Answer::for_now(sentence::on_its_way(&now, generation)),
        now => {
            let url = outcome.environments.get(id).and_then(|found| found.url.as_deref());
            let ends = now.and_then(|now| now.told_end());
            Answer::last(sentence::came_to(&outcome.text, url, ends))
        }
    })
}

/// The environments that whoever asks may know of: only the repositories of their applications are read.
async fn seen(
    context: &Context,
    platform: &Platform,
    trigger: &Trigger,
    asked: Option<&ApplicationName>,
) -> Result<Vec<Environment>, Refusal> {
    let known = platform.applications.iter().filter(|(name, _)| {
        let any = platform.types.keys().any(|kind| may_see(platform, &trigger.actor, name, kind));
        any && asked.is_none_or(|asked| asked == *name)
    });
    let repositories: BTreeMap<String, &Repository> =
        known.map(|(_, application)| (application.repository.key(), &application.repository)).collect();
    let mut seen = vec![];
    for repository in repositories.values() {
        let members = listing::of_repository(context.state.as_ref(), repository).await?.into_values();
        seen.extend(members.filter(|found| {
            let named = asked.is_none_or(|asked| *asked == found.id.application);
            named && sees(platform, trigger, found)
        }));
    }
    Ok(seen)
}

fn sees(platform: &Platform, trigger: &Trigger, environment: &Environment) -> bool {
    may_see(platform, &trigger.actor, &environment.id.application, &environment.kind)
}

/// Whoever knows the address may write there for a while: it is kept no longer than it is needed.
async fn forget_address(context: &Context, key: &str) -> Handled {
    let changes = [Change::Remove("reply".to_owned())];
    match context.state.update(&rows::trigger(key), &changes, &Condition::RowExists).await {
        Ok(_) | Err(StateError::Refused { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
