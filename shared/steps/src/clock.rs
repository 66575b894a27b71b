//! The clock: the only timer. It sends a message for every row that is due.

mod warning;

use crate::{
    accept_trigger::{Heard, Raise, Told, raise},
    carry::PATIENCE,
    context::{Context, Handled},
    nouns::state::{Change, Condition, Consistency, DUE_AT, DUE_SHARDS, Due, Key, Row, StateError},
    pause::{doubled, part_of},
    rows::{self, Kind},
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    actor::Actor,
    announcement::Announcement,
    environment::Environment,
    intent::{AbsentReason, Cause, Intent, Occasion},
    message::Message,
    refusal::Refusal,
    trigger::Trigger,
};
use serde_json::json;

/// The most rows of one shard that one tick takes, the longest due first: a pace, because the next tick takes the others.
const TAKE: usize = 100;
/// The longest pause between two messages for the same row.
const PAUSE_LIMIT: SignedDuration = SignedDuration::from_hours(1);
/// How many messages were sent for a row, and the moment that the last of them set.
const SENT: &str = "due_sent";

/// Looks once through all that is due. A row that cannot be read is passed over; the others go on.
///
/// # Errors
/// When a shard could not be read; what was due in the others was woken.
pub async fn tick(context: &Context) -> Handled {
    let mut all_read = Ok(());
    for shard in 0..DUE_SHARDS {
        match context.state.due(shard, context.now(), TAKE).await {
            Ok(due) => wake_all(context, &due).await,
            Err(error) => all_read = Err(error.into()),
        }
    }
    all_read
}

async fn wake_all(context: &Context, rows: &[Due]) {
    for due in rows {
        if let Err(error) = wake(context, due).await {
            tracing::error!(row = %due.key.partition, %error, "a due row could not be woken");
        }
    }
}

/// Moves the row's moment forward, so that one clock alone sends, and sends its message.
async fn wake(context: &Context, due: &Due) -> Handled {
    let Some(row) = context.state.get(&due.key, Consistency::Strong).await? else { return Ok(()) };
    let now = context.now();
    let Some(due_at) = row.attributes.get(DUE_AT).and_then(serde_json::Value::as_i64) else { return Ok(()) };
    if due_at > now.as_millisecond() {
        return Ok(());
    }
    let sent = sent_for(&row, due_at);
    let later = (now + pause(&due.key, sent)).as_millisecond();
    let changes = [
        Change::Set(DUE_AT.to_owned(), json!(later)),
        Change::Set(SENT.to_owned(), json!({ "count": sent + 1, "until": later })),
    ];
    let same = Condition::Equals(DUE_AT.to_owned(), json!(due_at));
    match context.state.update(&due.key, &changes, &same).await {
        Ok(_) => send(context, &row, now).await,
        Err(StateError::Refused { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// How many messages were sent for this moment: none, if somebody else set it since.
fn sent_for(row: &Row, due_at: i64) -> u64 {
    let sent = row.attributes.get(SENT).filter(|sent| sent["until"] == due_at);
    sent.and_then(|sent| sent["count"].as_u64()).unwrap_or(0)
}

/// Doubling with each message, and up to a quarter longer, so that rows which were due together are not for long.
fn pause(key: &Key, sent: u64) -> SignedDuration {
    let doubled = doubled(PATIENCE, sent, PAUSE_LIMIT);
    doubled + part_of(doubled / 4, key, sent)
}

async fn send(context: &Context, row: &Row, now: Timestamp) -> Handled {
    let never = || Refusal::broken(format!("{} is never due", row.key.partition));
    let (kind, which) = Kind::of(&row.key).ok_or_else(never)?;
    let message = match kind {
        Kind::Environment => return wake_environment(context, rows::read(row)?, now).await,
        Kind::Trigger => Message::Trigger { key: rows::read::<Trigger>(row)?.key },
        Kind::Announcement => Message::Announcement { announcement: rows::read::<Announcement>(row)?.key },
        Kind::Zone => Message::Zone { zone: which.to_owned() },
        Kind::Deliveries => Message::Deliveries { host: rows::read::<Heard>(row)?.host },
        Kind::Repository => Message::Repository { key: which.to_owned() },
        Kind::Commit | Kind::Branch | Kind::Image | Kind::Quota | Kind::Platform => return Err(never()),
    };
    context.send(&message, SignedDuration::ZERO).await;
    Ok(())
}

/// Sends an environment on where it stands; one at rest is due because its lifetime is over, or nearly.
async fn wake_environment(context: &Context, environment: Environment, now: Timestamp) -> Handled {
    if let Some(stage) = environment.stage {
        let message = Message::Stage { environment: environment.id, generation: environment.carrying, stage };
        context.send(&message, SignedDuration::ZERO).await;
        return Ok(());
    }
    if environment.is_over(now) {
        let id = environment.id;
        let told = Told::Wanted(Intent::Absent { reason: AbsentReason::Expired });
        let occasion = Occasion::LifetimeOver { at: now.as_millisecond() };
        let cause = Cause { occasion, actor: Actor::Roadstead, at: now };
        let raised = Raise { environment: &id, told, cause: &cause, creation: None, comes_back: false };
        raise(context, raised).await?;
    } else if environment.warn_at().is_some_and(|warn_at| warn_at <= now) {
        warning::warn(context, &environment).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let key = Key::new("zone#Z1", "zone");
        for sent in (0..12).chain([u64::MAX]) {
            let doubled = (PATIENCE * (1 << sent.min(6))).min(PAUSE_LIMIT);
            let longest = doubled * 5 / 4;
            assert!((doubled..longest).contains(&pause(&key, sent)), "{sent}: {}", pause(&key, sent));
        }
        assert!(PATIENCE * (1 << 5) < PAUSE_LIMIT && PAUSE_LIMIT < PATIENCE * (1 << 6));
    }

    #[test]
    fn rows_of_one_shard_that_are_due_together_are_not_for_long() {
        let keys = (0..800).map(|number| Key::new(format!("environment#shop/pr-{number}"), "environment"));
        let shard: Vec<Key> = keys.filter(|key| key.due_shard() == 3).collect();
        let moments: BTreeSet<SignedDuration> = shard.iter().map(|key| pause(key, 0)).collect();
        assert!(
            shard.len() > 50 && moments.len() > shard.len() * 3 / 4,
            "{} of {}",
            moments.len(),
            shard.len()
        );
    }
}
