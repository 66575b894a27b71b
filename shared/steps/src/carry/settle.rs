//! Putting a stage's work and the newest `wanted` together: what the row is to say, and what is due when.

use super::{
    Next, Work,
    next::go_on,
    owed::{announcements, owe},
    release::Settled,
};
use crate::{
    announce::gathers,
    context::Invocation,
    nouns::state::{Change, Condition, Key, Write},
    rows,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    actor::Actor,
    announcement::AnnouncementKey,
    deployment::{Bound, Deployment, EndResult, Ended},
    environment::{Environment, InsteadOf, Phase, Progress, Ready},
    intent::{Cause, Intent, Occasion, Revisions, Wanted},
    message::Message,
    refusal::{Class, Refusal},
    step::Stage,
};
use std::collections::BTreeSet;

/// How long a message may be on its way before the clock sends it again.
pub(crate) const PATIENCE: SignedDuration = SignedDuration::from_mins(1);

/// Puts the work and the newest `wanted` together.
pub(super) fn settle(
    work: &Work,
    next: Next,
    wanted: Wanted,
    invocation: &Invocation,
    now: Timestamp,
) -> Result<Settled, Refusal> {
    let mut settled = Settled {
        environment: work.environment.clone(),
        due_at: None,
        beside: work.beside.clone(),
        messages: work.messages.iter().map(|message| (message.clone(), SignedDuration::ZERO)).collect(),
    };
    let environment = &mut settled.environment;
    let newer = wanted.generation > environment.carrying;
    let looked = wanted.looks > environment.wanted.looks;
    environment.wanted = wanted;
    environment.keep_extension();
    environment.claim = None;
    environment.released = Some(invocation.token.clone());
    if !work.is_clean() {
        environment.late_until = environment.late_until.max(Some(invocation.until()));
    }
    let wake = place(&mut settled, next, newer, now)?;
    let wake = if looked && !settled.environment.is_at_rest() { Some(now) } else { wake };
    follow(&mut settled, wake, now);
    announce(&mut settled, work, now)?;
    Ok(settled)
}

/// Moves the environment; answers when its stage is to go on, if not at once.
fn place(
    settled: &mut Settled,
    next: Next,
    newer: bool,
    now: Timestamp,
) -> Result<Option<Timestamp>, Refusal> {
    let environment = &mut settled.environment;
    let stage = environment.stage.unwrap_or(Stage::FIRST);
    let mut wake = None;
    match next {
        Next::On => match stage.next() {
            Some(next) => enter(environment, stage, next, now),
            None => finish(settled, EndResult::Ready, Phase::Ready, now)?,
        },
        Next::Turn(next) => enter(environment, stage, next, now),
        Next::Wait { until, phase } => {
            environment.attempts = 0;
            go_on(environment);
            tell(environment, phase);
            wake = Some(until);
        }
        Next::Retry { until, phase } => {
            tell(environment, phase);
            wake = Some(until);
        }
        Next::Superseded => {}
        Next::Ready => finish(settled, EndResult::Ready, Phase::Ready, now)?,
        Next::Gone => finish(settled, EndResult::Gone, Phase::Gone, now)?,
        Next::Failed(refusal) => fail(settled, refusal, newer, now)?,
    }
    if settled.environment.is_behind() && !settled.environment.hold {
        begin_next(settled, now)?;
        wake = None;
    } else if settled.environment.phase == Phase::Gone {
        free_place(settled);
    }
    Ok(wake)
}

/// Begins what is wanted. A generation that did not end is superseded; one that is gone begins a new incarnation.
fn begin_next(settled: &mut Settled, now: Timestamp) -> Result<(), Refusal> {
    let environment = &mut settled.environment;
    let unended = environment.stage.is_some() && environment.applied == environment.carrying;
    if unended {
        let by = environment.wanted.generation;
        let ended = Ended { at: now, result: EndResult::Superseded { by } };
        let changes = vec![Change::Set("ended".to_owned(), rows::attribute(&ended)?)];
        record(&mut settled.beside, rows::deployment(&environment.id, environment.carrying), changes);
    }
    if environment.phase == Phase::Gone {
        environment.incarnation += 1;
        environment.live(environment.life, now);
    }
    environment.begin(now);
    Ok(())
}

/// An environment that is gone gives its place in the quota back.
fn free_place(settled: &mut Settled) {
    let quota = rows::quota(&settled.environment.id.application, &settled.environment.kind);
    settled.beside.push(Write::Update(quota, vec![Change::Add("count".to_owned(), -1)], Condition::Always));
}

/// What people are told from now on, if that changes.
fn tell(environment: &mut Environment, phase: Option<Phase>) {
    if let Some(phase) = phase {
        environment.phase = phase;
    }
}

fn enter(environment: &mut Environment, from: Stage, to: Stage, now: Timestamp) {
    go_on(environment);
    note_time(environment, from, now);
    environment.stage = Some(to);
}

/// Notes what a stage took, and counts anew.
fn note_time(environment: &mut Environment, stage: Stage, now: Timestamp) {
    let spent = now.duration_since(environment.stage_since).as_millis();
    environment.went_through(Progress {
        stage,
        milliseconds: u64::try_from(spent).unwrap_or_default(),
        attempts: environment.attempts,
    });
    environment.stage_since = now;
    environment.attempts = 0;
}

/// Ends the generation: the environment rests, and its record says how.
fn finish(settled: &mut Settled, result: EndResult, phase: Phase, now: Timestamp) -> Result<(), Refusal> {
    let environment = &mut settled.environment;
    if let Some(stage) = environment.stage.take() {
        note_time(environment, stage, now);
    }
    environment.hold = false;
    if let (EndResult::Ready, Some(bound), Some(revisions)) =
        (&result, &environment.bound, &environment.revisions)
    {
        let (platform, revisions) = (bound.platform.clone(), revisions.clone());
        environment.ready = Some(Ready { generation: environment.carrying, platform, revisions });
    }
    if result == EndResult::Gone {
        environment.ready = None;
        environment.url = None;
        environment.expires_at = None;
        environment.wanted.extension = None;
        environment.late_until = None;
        environment.left_behind = None;
        environment.tried.clear();
    }
    environment.phase = phase;
    let ended = Ended { at: now, result };
    let key = rows::deployment(&environment.id, environment.carrying);
    if environment.applied != environment.carrying && !has_record(&settled.beside, &key) {
        settled.beside.push(record_of_nothing(environment)?);
    }
    let changes = vec![
        Change::Set("ended".to_owned(), rows::attribute(&ended)?),
        Change::Set("progress".to_owned(), rows::attribute(&environment.progress)?),
    ];
    record(&mut settled.beside, key, changes);
    Ok(())
}

fn has_record(beside: &[Write], key: &Key) -> bool {
    beside.iter().any(|write| matches!(write, Write::Put(row, _) if row.key == *key))
}

/// The record of a generation that failed before it was bound to anything.
fn record_of_nothing(environment: &Environment) -> Result<Write, Refusal> {
    let deployment = Deployment {
        generation: environment.carrying,
        cause: environment.cause.clone(),
        platform: environment.bound.as_ref().map(|bound| bound.platform.clone()),
        bound: Bound::Nothing,
        chunks: 0,
        ended: None,
        progress: vec![],
    };
    let key = rows::deployment(&environment.id, environment.carrying);
    Ok(Write::Put(rows::row(key, &deployment, None)?, Condition::Always))
}

/// Adds changes to the record, which may be put in the same commit.
fn record(beside: &mut Vec<Write>, key: Key, changes: Vec<Change>) {
    let put = beside.iter_mut().find_map(|write| match write {
        Write::Put(row, _) if row.key == key => Some(row),
        _ => None,
    });
    let Some(row) = put else {
        beside.push(Write::Update(key, changes, Condition::Always));
        return;
    };
    for change in changes {
        if let Change::Set(name, value) = change {
            row.attributes.insert(name, value);
        }
    }
}

/// A failure ends the generation. Where the type says so, the revisions that were ready come back, but only if nothing
/// newer is wanted.
fn fail(settled: &mut Settled, refusal: Refusal, newer: bool, now: Timestamp) -> Result<(), Refusal> {
    let returning = settled.environment.returning;
    let attention = refusal.class == Class::Broken || returning;
    let phase = if attention {
        Phase::NeedsAttention { refusal: refusal.clone() }
    } else {
        Phase::Failed { refusal: refusal.clone() }
    };
    let commit = settled.environment.bound.as_ref().map(|bound| bound.commit.clone());
    let failed = InsteadOf { commit, why: refusal.text.clone() };
    finish(settled, EndResult::Failed { refusal }, phase, now)?;
    let environment = &mut settled.environment;
    if let Some(ready) = environment.ready.clone().filter(|_| environment.returns && !returning && !newer) {
        environment.instead_of = Some(failed);
        give_back(environment, ready.revisions, now);
    }
    Ok(())
}

fn give_back(environment: &mut Environment, revisions: Revisions, now: Timestamp) {
    let occasion = Occasion::ReturnFrom(environment.carrying);
    let cause = Cause { occasion, actor: Actor::Roadstead, at: now };
    environment.wanted = environment.wanted.raised(Intent::Present { revisions }, cause);
}

/// What is due when: the next stage; at rest, the warning before the end of the lifetime, or that end.
fn follow(settled: &mut Settled, wake: Option<Timestamp>, now: Timestamp) {
    let environment = &settled.environment;
    let Some(stage) = environment.stage else {
        settled.due_at = environment.due_at_rest();
        return;
    };
    let message =
        Message::Stage { environment: environment.id.clone(), generation: environment.carrying, stage };
    let delay = wake.map_or(SignedDuration::ZERO, |wake| wake.duration_since(now).max(SignedDuration::ZERO));
    settled.due_at = Some(if delay < PATIENCE { now + delay + PATIENCE } else { now + delay });
    if delay < PATIENCE {
        settled.messages.push((message, delay));
    }
}

/// What people see has changed: it is owed to them in the same commit.
fn announce(settled: &mut Settled, work: &Work, now: Timestamp) -> Result<(), Refusal> {
    let environment = &mut settled.environment;
    let began = environment.carrying != work.environment.carrying;
    let bound = has_record(&settled.beside, &rows::deployment(&environment.id, work.environment.carrying));
    let moved = environment.channel != work.channel_before;
    if environment.phase == work.phase_before && !began && !bound && !moved {
        return Ok(());
    }
    if environment.phase != work.phase_before {
        environment.phase_since = now;
    }
    let mut keys = announcements(environment);
    if moved && environment.channel.is_none() {
        keys.push(AnnouncementKey::Channel { environment: environment.id.clone() });
    }
    keys.extend(replies(environment, began.then_some(&work.environment)));
    for key in keys {
        settled.beside.push(owe(&key, now)?);
        let delay = gathers(&key);
        settled.messages.push((Message::Announcement { announcement: key }, delay));
    }
    Ok(())
}

/// The answers to the commands that this generation, and the one before it if that just ended, come from.
fn replies(environment: &Environment, before: Option<&Environment>) -> BTreeSet<AnnouncementKey> {
    let causes = [Some(&environment.cause), before.map(|before| &before.cause)];
    let typed = causes.into_iter().flatten().filter(|cause| cause.actor.is_in_chat());
    let triggers = typed.filter_map(Cause::trigger);
    triggers.map(|trigger| AnnouncementKey::Reply { trigger: trigger.to_owned() }).collect()
}
