//! The release: one write, conditional on the claim and on the `wanted` that it read, which names what comes next.

use super::{Work, next::Next, settle};
use crate::{
    context::{Context, Invocation},
    nouns::{
        CallError,
        state::{COMMIT_LIMIT, Condition, StateError, Write},
    },
    rows,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    environment::Environment, intent::Wanted, message::Message, refusal::Refusal, sentence,
};
use serde_json::json;

/// How often a release is tried again when the table is busy or `wanted` was raised meanwhile.
const TRIES: u32 = 8;
/// How long to wait before the release is tried again, times the number of the try.
const PAUSE: SignedDuration = SignedDuration::from_millis(20);

/// Writes what the work came to. When `wanted` was raised meanwhile, the newest generation comes next.
pub(super) async fn release(
    context: &Context,
    invocation: &Invocation,
    work: Work,
    next: Next,
) -> Result<(), Refusal> {
    let mut wanted = work.environment.wanted.clone();
    for attempt in 1..=TRIES {
        let settled = settle::settle(&work, next.clone(), wanted.clone(), invocation, context.now())?;
        match context.state.commit(&writes(&settled, invocation, &wanted)?).await {
            Ok(()) => {
                send(context, settled).await;
                return Ok(());
            }
            Err(StateError::Refused { write: 0, row: Some(row) }) => {
                let stored: Environment = rows::read(&row)?;
                if stored.released.as_deref() == Some(&invocation.token) {
                    send(context, settled).await;
                    return Ok(());
                }
                if stored.claim.is_none_or(|claim| claim.token != invocation.token) {
                    tracing::warn!(environment = %stored.id, "the claim was lost");
                    return Ok(());
                }
                wanted = stored.wanted;
            }
            Err(StateError::Refused { .. }) => {
                return Err(Refusal::broken("a row beside the environment was not as expected"));
            }
            Err(StateError::Call(CallError::Refused { reason })) => {
                return Err(Refusal::broken(format!(
                    "the table does not take what was to be written: {reason}"
                )));
            }
            Err(StateError::Busy | StateError::Call(_)) => {
                context.time.sleep(PAUSE * attempt.cast_signed()).await
            }
        }
    }
    Err(Refusal::unavailable("the table was busy for too long"))
}

/// What is written and sent once the work and the newest `wanted` are put together.
pub(super) struct Settled {
    pub(super) environment: Environment,
    pub(super) due_at: Option<Timestamp>,
    pub(super) beside: Vec<Write>,
    pub(super) messages: Vec<(Message, SignedDuration)>,
}

fn writes(settled: &Settled, invocation: &Invocation, wanted: &Wanted) -> Result<Vec<Write>, Refusal> {
    let condition = Condition::All(vec![
        Condition::Equals("claim.token".to_owned(), json!(invocation.token)),
        Condition::Equals("wanted.generation".to_owned(), json!(wanted.generation)),
        Condition::Equals("wanted.looks".to_owned(), json!(wanted.looks)),
    ]);
    let row = rows::row(rows::environment(&settled.environment.id), &settled.environment, settled.due_at)?;
    let mut writes = vec![Write::Put(row, condition)];
    writes.extend(settled.beside.iter().cloned());
    if writes.len() > COMMIT_LIMIT {
        return Err(Refusal::rejected(sentence::plan_too_large()));
    }
    Ok(writes)
}

async fn send(context: &Context, settled: Settled) {
    for (message, delay) in &settled.messages {
        context.send(message, *delay).await;
    }
}
