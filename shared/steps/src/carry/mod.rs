//! Carrying an environment out: claim, one stage's own work, release.

mod claim;
mod next;
mod owed;
pub mod patient;
mod release;
mod settle;

pub use next::Next;
pub(crate) use owed::{Changed, announcements, change_and_owe, owe};
pub(crate) use settle::PATIENCE;

use crate::{
    context::{Context, Handled, Invocation},
    nouns::{Clusters, state::Write},
    pause::{doubled, part_of},
    rows,
    step::StepWork,
};
use jiff::{SignedDuration, Timestamp};
use patient::{Patient, plainly};
use roadstead_domain::{
    environment::{Environment, Phase},
    message::Message,
    name::{ClusterName, EnvironmentId},
    refusal::{Class, Refusal},
    sentence,
    step::{Direction, Stage},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// How often a stage is begun, failures and crashes counted, before it needs attention.
pub const ATTEMPTS_LIMIT: u32 = 25;
/// From which attempt on people are told what holds a stage up: what passes within seconds is no news.
const TOLD_FROM: u32 = 3;
/// The first pause after a failure that may pass; it doubles with each attempt.
const BACKOFF: SignedDuration = SignedDuration::from_secs(1);
/// The longest pause between two attempts.
const BACKOFF_LIMIT: SignedDuration = SignedDuration::from_mins(5);

/// A claimed environment in the hands of a stage.
pub struct Work {
    /// The environment, as it was claimed and as the stage changes it.
    pub environment: Environment,
    /// Rows that are written together with the release.
    pub beside: Vec<Write>,
    /// Messages that are sent after the release.
    pub messages: Vec<Message>,
    /// Raised when a call was given up whose effect may still come.
    maybe_done: Arc<AtomicBool>,
    /// What people were told when it was claimed.
    phase_before: Phase,
    /// The channel in which they were told.
    channel_before: Option<String>,
}

impl Work {
    /// Opens a cluster for the length of this stage.
    ///
    /// # Errors
    /// When nothing is known of it, or its credentials cannot be had.
    pub async fn cluster(
        &self,
        context: &Context,
        clusters: &dyn Clusters,
        name: &ClusterName,
    ) -> Result<Patient, Refusal> {
        let cluster = clusters.open(name).await.map_err(|error| plainly(name, error))?;
        Ok(Patient::new(cluster, context.time.clone(), self.maybe_done.clone(), name.clone()))
    }

    /// Whether every call was answered.
    fn is_clean(&self) -> bool {
        !self.maybe_done.load(Ordering::SeqCst)
    }
}

/// Carries out one stage of one environment, if it stands there and nobody else does.
///
/// # Errors
/// When the table could not be read or written: the message is to be delivered again.
pub async fn carry(
    context: &Context,
    step: &dyn StepWork,
    environment: &EnvironmentId,
    generation: u64,
    stage: Stage,
    invocation: &Invocation,
) -> Handled {
    let place = claim::Place { environment, generation, stage };
    let Some(environment) = claim::claim(context, invocation, &place).await? else { return Ok(()) };
    let mut work = Work {
        phase_before: environment.phase.clone(),
        channel_before: environment.channel.clone(),
        environment,
        beside: vec![],
        messages: vec![],
        maybe_done: Arc::default(),
    };
    let next = if work.environment.is_behind() && !work.environment.hold {
        Next::Superseded
    } else {
        advance(context, step, &mut work, stage).await
    };
    release::release(context, invocation, work, next).await
}

async fn advance(context: &Context, step: &dyn StepWork, work: &mut Work, stage: Stage) -> Next {
    if stage.direction == Direction::Forward && work.environment.attempts > ATTEMPTS_LIMIT {
        let attempts = work.environment.attempts;
        return Next::Failed(Refusal::broken(sentence::begun_too_often(stage, attempts)));
    }
    let result = match stage.direction {
        Direction::Forward => step.carry_out(context, work).await,
        Direction::Undo => step.undo(context, work).await,
    };
    let late = context.now() >= work.environment.deadline;
    match result {
        Ok(Next::Wait { phase, .. }) if late => {
            after_refusal(context, work, stage, Refusal::unavailable(too_long(stage, phase)))
        }
        Ok(next) => next,
        Err(refusal) => after_refusal(context, work, stage, refusal),
    }
}

/// What is told of a wait that lasts past the deadline.
fn too_long(stage: Stage, phase: Option<Phase>) -> String {
    match phase {
        Some(Phase::Closing { held_by: Some(why) } | Phase::Waiting { why }) => why,
        _ => sentence::too_long(stage),
    }
}

/// What its user must mend, and what is waited for, is nothing that whoever operates Roadstead has to look at.
fn note(work: &Work, stage: Stage, refusal: &Refusal, now: Timestamp) {
    let (environment, Refusal { class, text, .. }) = (&work.environment.id, refusal);
    match class {
        Class::Unavailable if now >= work.environment.deadline => {
            tracing::warn!(%environment, %stage, ?class, text, "a stage was refused");
        }
        Class::Rejected | Class::Unavailable => {
            tracing::info!(%environment, %stage, ?class, text, "a stage was refused");
        }
        Class::Broken => tracing::error!(%environment, %stage, ?class, text, "a stage was refused"),
    }
}

/// A refusal ends a generation that goes forward, unless it may pass before the deadline. Teardown never gives up.
fn after_refusal(context: &Context, work: &mut Work, stage: Stage, refusal: Refusal) -> Next {
    note(work, stage, &refusal, context.now());
    work.maybe_done.fetch_or(refusal.maybe_done, Ordering::SeqCst);
    let now = context.now();
    let deadline = work.environment.deadline;
    let late = now >= deadline;
    // Whoever waits for the same moment as many others comes back some time after it, each at its own.
    let asked =
        now + refusal.after.unwrap_or_default() + backoff(&work.environment.id, work.environment.attempts);
    let until = if late { asked } else { asked.min(deadline) };
    match (stage.direction, refusal.class) {
        (Direction::Forward, Class::Unavailable) if !late => {
            let told = work.environment.attempts >= TOLD_FROM;
            Next::Retry { until, phase: told.then_some(Phase::Waiting { why: refusal.text }) }
        }
        (Direction::Forward, Class::Unavailable) => {
            Next::Failed(Refusal { text: sentence::gave_up(&refusal.text), ..refusal })
        }
        (Direction::Forward, _) => Next::Failed(refusal),
        (Direction::Undo, _) if late => Next::Retry { until, phase: Some(Phase::NeedsAttention { refusal }) },
        (Direction::Undo, _) => {
            Next::Retry { until, phase: Some(Phase::Closing { held_by: Some(refusal.text) }) }
        }
    }
}

/// The pause before the next attempt: doubled with each, and of that between a half and all, so that many environments which
/// one thing held up do not all come again at once.
fn backoff(id: &EnvironmentId, attempts: u32) -> SignedDuration {
    let half = doubled(BACKOFF, attempts.saturating_sub(1).into(), BACKOFF_LIMIT) / 2;
    half + part_of(half, &rows::environment(id), attempts.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let pause = |attempts| backoff(&"shop/pr-1".parse().unwrap(), attempts);
        for attempts in 1..=9 {
            let all = BACKOFF * (1 << (attempts - 1));
            assert!(all < BACKOFF_LIMIT && (all / 2..=all).contains(&pause(attempts)), "{attempts}");
        }
        assert!(BACKOFF * (1 << 9) > BACKOFF_LIMIT);
        for attempts in 10..=ATTEMPTS_LIMIT + 1 {
            assert!((BACKOFF_LIMIT / 2..=BACKOFF_LIMIT).contains(&pause(attempts)), "{attempts}");
        }
    }
}
