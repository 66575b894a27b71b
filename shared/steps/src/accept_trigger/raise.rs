//! Raising what is wanted of one environment, by conditional writes on what was read.

use super::{
    begin::{Creation, begin_anew},
    extend,
    told::Told,
};
use crate::{
    carry::{Changed, change_and_owe},
    context::Context,
    nouns::state::{Change, Condition, DUE_AT, Write},
    rows,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    announcement::AnnouncementKey,
    environment::{Environment, Phase},
    intent::{Cause, Intent},
    message::Message,
    name::EnvironmentId,
    refusal::Refusal,
    sentence,
    step::Stage,
    trigger::Outcome,
};
use serde_json::{Map, Value, json};

/// How often the row may change under our hands before the message is delivered again.
const TRIES: u32 = 10;

/// One environment is to be told something.
pub(crate) struct Raise<'a> {
    pub(crate) environment: &'a EnvironmentId,
    pub(crate) told: Told,
    pub(crate) cause: &'a Cause,
    pub(crate) creation: Option<Creation>,
    /// Whether it would be begun for this, were it gone: then it comes back once it is.
    pub(crate) comes_back: bool,
}

/// Tells one environment, and answers what came of it.
///
/// # Errors
/// When the table did not answer, or the row kept changing.
pub(crate) async fn raise(context: &Context, raise: Raise<'_>) -> Result<Outcome, Refusal> {
    for _ in 0..TRIES {
        let before: Option<Environment> =
            rows::load(context.state.as_ref(), &rows::environment(raise.environment)).await?;
        let attempt = match before {
            Some(before) if before.phase != Phase::Gone || before.is_behind() => {
                exists(context, &raise, before).await?
            }
            before => begin_anew(context, &raise, before).await?,
        };
        if let Some(outcome) = attempt {
            return Ok(outcome);
        }
    }
    Err(Refusal::unavailable("the environment kept changing"))
}

/// Tells an environment that exists; none when it changed meanwhile.
async fn exists(
    context: &Context,
    raise: &Raise<'_>,
    before: Environment,
) -> Result<Option<Outcome>, Refusal> {
    if before.wanted.cause.occasion == raise.cause.occasion {
        send_first(context, &before).await;
        return Ok(Some(Outcome::Raised { generation: before.wanted.generation }));
    }
    let now = context.now();
    let mut after = before.clone();
    if let Some(outcome) = raise.told.without_a_generation(&before) {
        send_first(context, &before).await;
        return Ok(Some(outcome));
    }
    if let Some(reason) = raise.told.needless(&before, raise.cause, now) {
        return Ok(Some(Outcome::Nothing { reason }));
    }
    if !raise.comes_back && raise.told.is_news() && is_to_go(&before) {
        return Ok(Some(Outcome::Nothing { reason: sentence::goes_for_good(&before.id) }));
    }
    let resolving = !before.is_behind() && before.stage == Some(Stage::FIRST);
    let outcome = match &raise.told {
        Told::Look { .. } if before.is_behind() => {
            return Ok(Some(Outcome::Looked { generation: before.wanted.generation }));
        }
        Told::Look { .. } if resolving => {
            after.wanted.looks += 1;
            Outcome::Looked { generation: after.wanted.generation }
        }
        Told::Extend { by } => {
            let trigger = raise.cause.trigger().unwrap_or_default();
            return extend::extend(context, &before, *by, trigger).await;
        }
        told => {
            after.wanted = before.wanted.raised(told.intent(&before), raise.cause.clone());
            Outcome::Raised { generation: after.wanted.generation }
        }
    };
    raise.told.forget_tried(&mut after);
    raise.told.release_held(&mut after, raise.cause);
    let free = before.claim.is_none() && !before.hold;
    if free && after.is_behind() {
        after.begin(now);
    }
    let due_at = free.then_some(now + crate::carry::PATIENCE);
    let changes = difference(&before, &after, due_at)?;
    let change = Write::Update(rows::environment(&before.id), changes, same(&before, free));
    let changed = change_and_owe(context, change, passed_over(&before, &after).as_slice()).await?;
    if changed != Changed::Made {
        return Ok(None);
    }
    if free {
        send_first(context, &after).await;
    }
    Ok(Some(outcome))
}

/// Whether it is being taken down, is about to be, or could not be.
fn is_to_go(environment: &Environment) -> bool {
    matches!(environment.wanted.intent, Intent::Absent { .. }) && environment.phase != Phase::Gone
}

/// The answer to a command whose generation nobody will begin, because a newer one takes its place.
fn passed_over(before: &Environment, after: &Environment) -> Option<AnnouncementKey> {
    let typed = before.is_behind() && before.wanted.cause.actor.is_in_chat();
    let replaced = after.wanted.generation != before.wanted.generation;
    let trigger = before.wanted.cause.trigger().filter(|_| typed && replaced)?;
    Some(AnnouncementKey::Reply { trigger: trigger.to_owned() })
}

/// The row still stands as it was read: nobody raised it, and whoever carries it out still does, or still does not.
pub(super) fn same(before: &Environment, free: bool) -> Condition {
    let carried = if free {
        Condition::All(vec![
            Condition::Missing("claim".to_owned()),
            Condition::Equals("hold".to_owned(), json!(false)),
            Condition::Equals("carrying".to_owned(), json!(before.carrying)),
            released(before),
        ])
    } else {
        Condition::Any(vec![
            Condition::Exists("claim".to_owned()),
            Condition::Equals("hold".to_owned(), json!(true)),
        ])
    };
    Condition::All(vec![
        Condition::Equals("wanted.generation".to_owned(), json!(before.wanted.generation)),
        Condition::Equals("wanted.looks".to_owned(), json!(before.wanted.looks)),
        carried,
    ])
}

/// Every release leaves its own token, so that nobody was here since the row was read.
fn released(before: &Environment) -> Condition {
    match &before.released {
        Some(token) => Condition::Equals("released".to_owned(), json!(token)),
        None => Condition::Missing("released".to_owned()),
    }
}

/// What changes from one state of the row to another.
pub(super) fn difference(
    before: &Environment,
    after: &Environment,
    due_at: Option<Timestamp>,
) -> Result<Vec<Change>, Refusal> {
    let object = |environment: &Environment| match rows::attribute(environment) {
        Ok(Value::Object(attributes)) => Ok(attributes),
        _ => Err(Refusal::broken("an environment cannot be stored")),
    };
    let (before, after): (Map<String, Value>, Map<String, Value>) = (object(before)?, object(after)?);
    let set = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
    let set = set.map(|(name, value)| Change::Set(name.clone(), value.clone()));
    let removed = before.keys().filter(|name| !after.contains_key(*name)).cloned().map(Change::Remove);
    let due = due_at.map(|due_at| Change::Set(DUE_AT.to_owned(), json!(due_at.as_millisecond())));
    Ok(set.chain(removed).chain(due).collect())
}

pub(super) async fn send_first(context: &Context, environment: &Environment) {
    let Some(stage) = environment.stage else { return };
    let message =
        Message::Stage { environment: environment.id.clone(), generation: environment.carrying, stage };
    context.send(&message, SignedDuration::ZERO).await;
}
