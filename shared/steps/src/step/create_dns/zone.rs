//! A zone: what many environments ask of it is read, changed and awaited together, by whoever holds it.

use super::{
    asked::{self, Asked, Fate},
    changes::{Compared, compare, of_zone},
    holding::{self, Held, Leftover, ROUND_PAUSE},
};
use crate::{
    context::{Context, Handled, Invocation},
    nouns::{
        CallError, Dns,
        dns::{BATCH_LIMIT, ChangeStatus, RecordChange},
    },
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    message::Message,
    refusal::Refusal,
    sentence,
    step::{Stage, Step},
};
use std::collections::{BTreeMap, BTreeSet};

/// How many environments are answered in one round.
const ROUND_LIMIT: usize = 100;
/// How many rounds one holder makes before it hands over.
const ROUNDS: usize = 8;
/// How many answers are written at the same time.
const ANSWERS: usize = 8;

/// Sees to everything that is asked of a zone, unless somebody else does.
///
/// # Errors
/// When the table does not answer.
pub async fn send_waiting(context: &Context, dns: &dyn Dns, zone: &str, invocation: &Invocation) -> Handled {
    let Some(late) = holding::claim(context, zone, invocation).await? else { return Ok(()) };
    let mut holder =
        Holder { context, dns, zone, late, maybe_done: false, held: None, leftover: Leftover::None };
    for round in 0..ROUNDS {
        if round > 0 {
            context.time.sleep(ROUND_PAUSE).await;
        }
        if !holder.round().await? {
            break;
        }
    }
    let Holder { maybe_done, held, leftover, .. } = holder;
    holding::release(context, zone, invocation, &Held { maybe_done, held, leftover }).await
}

/// What must change for one environment.
#[derive(Clone)]
struct Pending {
    asked: Asked,
    changes: Vec<RecordChange>,
}

struct Holder<'a> {
    context: &'a Context,
    dns: &'a dyn Dns,
    zone: &'a str,
    /// Until when a batch of an earlier holder may still be carried out.
    late: Option<Timestamp>,
    maybe_done: bool,
    held: Option<String>,
    leftover: Leftover,
}

impl Holder<'_> {
    /// One round: what arrived is told, and what is asked is seen to. Answers whether another round makes sense at once.
    async fn round(&mut self) -> Result<bool, Refusal> {
        let all = asked::all(self.context, self.zone).await?;
        self.leftover = if all.iter().any(|asked| asked.fate == Fate::Waits) {
            Leftover::Asked
        } else if all.iter().any(|asked| matches!(asked.fate, Fate::Sent { .. })) {
            Leftover::Arrivals
        } else {
            Leftover::None
        };
        if self.leftover == Leftover::None {
            return Ok(false);
        }
        self.tell_arrivals(&all).await?;
        let waits: Vec<Asked> =
            all.into_iter().filter(|asked| asked.fate == Fate::Waits).take(ROUND_LIMIT).collect();
        if !waits.is_empty() {
            self.see_to(waits).await?;
        }
        Ok(self.held.is_none() && self.leftover == Leftover::Asked)
    }

    /// Asks for each change once whether it has arrived, the oldest first; one that has not holds up those after it.
    async fn tell_arrivals(&mut self, all: &[Asked]) -> Result<(), Refusal> {
        let mut by_change: BTreeMap<(Timestamp, &str), Vec<&Asked>> = BTreeMap::new();
        for asked in all {
            if let Fate::Sent { change, at } = &asked.fate {
                by_change.entry((*at, change)).or_default().push(asked);
            }
        }
        for ((_, change), told) in by_change {
            match self.dns.status(change).await {
                // One that is not known any more was made long ago.
                Ok(ChangeStatus::InSync) | Err(CallError::Missing { .. }) => {
                    let arrived = Fate::Arrived { at: self.context.now() };
                    let told = told.into_iter().map(|asked| (asked.clone(), arrived.clone())).collect();
                    self.answer(told).await?;
                }
                Ok(ChangeStatus::Pending) => break,
                Err(error) => {
                    self.hold(error);
                    break;
                }
            }
        }
        Ok(())
    }

    /// Reads all names at once, answers what needs no change, and sends the rest.
    async fn see_to(&mut self, waits: Vec<Asked>) -> Result<(), Refusal> {
        let names: BTreeSet<String> =
            waits.iter().flat_map(|asked| asked.wanted.iter().map(|wanted| wanted.name.clone())).collect();
        let sets = match self.dns.records(self.zone, &names).await {
            Ok(sets) => sets,
            Err(error) => {
                self.hold(error);
                return Ok(());
            }
        };
        let (mut answers, mut pending) = (vec![], vec![]);
        for asked in waits {
            let fate = match compare(&asked, &sets) {
                Compared::Differs(changes) => {
                    pending.push(Pending { changes, asked });
                    continue;
                }
                Compared::Right => Fate::Nothing { late: self.late.filter(|late| *late >= asked.since) },
                Compared::Foreign(name) => Fate::Refused { why: sentence::foreign_record(name) },
            };
            answers.push((asked, fate));
        }
        self.answer(answers).await?;
        let mut groups = batches(pending);
        while let Some(group) = groups.pop() {
            groups.extend(self.send(group).await?);
        }
        Ok(())
    }

    /// Sends one group. A refused one is halved until the bad change is alone.
    async fn send(&mut self, group: Vec<Pending>) -> Result<Vec<Vec<Pending>>, Refusal> {
        let changes: Vec<_> = group.iter().flat_map(|one| one.changes.iter().cloned()).collect();
        match self.dns.change(self.zone, &changes).await {
            Ok(change) => {
                let sent = Fate::Sent { change, at: self.context.now() };
                self.answer_all(group, &sent).await?;
            }
            Err(CallError::Conflict { .. } | CallError::Refused { .. }) if group.len() > 1 => {
                let (left, right) = group.split_at(group.len() / 2);
                return Ok(vec![left.to_vec(), right.to_vec()]);
            }
            // Somebody else changed the name since it was read: it is read again in the next round.
            Err(CallError::Conflict { .. }) => {}
            Err(error @ CallError::Refused { .. }) => {
                let refused = Fate::Refused { why: of_zone(self.zone, error).text };
                self.answer_all(group, &refused).await?;
            }
            Err(error) => self.hold(error),
        }
        Ok(vec![])
    }

    /// The zone does not answer just now.
    fn hold(&mut self, error: CallError) {
        match error {
            CallError::Throttled { .. } => tracing::info!(zone = self.zone, %error, "a zone is tried again"),
            _ => tracing::warn!(zone = self.zone, %error, "a zone is tried again"),
        }
        self.maybe_done |= error.maybe_done();
        self.held = Some(of_zone(self.zone, error).text);
    }

    async fn answer_all(&self, group: Vec<Pending>, fate: &Fate) -> Result<(), Refusal> {
        self.answer(group.into_iter().map(|one| (one.asked, fate.clone())).collect()).await
    }

    async fn answer(&self, answers: Vec<(Asked, Fate)>) -> Result<(), Refusal> {
        let told = answers.into_iter().map(|(asked, fate)| self.tell(asked, fate));
        stream::iter(told).buffer_unordered(ANSWERS).try_collect().await
    }

    /// Writes what became of it, and wakes the environment.
    async fn tell(&self, asked: Asked, fate: Fate) -> Result<(), Refusal> {
        asked::answer(self.context, self.zone, &asked, &fate).await?;
        let stage = stage_after(&asked, &fate);
        let Asked { environment, generation, .. } = asked;
        self.context.send(&Message::Stage { environment, generation, stage }, SignedDuration::ZERO).await;
        Ok(())
    }
}

/// Where an environment waits for such an answer: for the arrival of what it made in verify-rollout.
fn stage_after(asked: &Asked, fate: &Fate) -> Stage {
    match fate {
        Fate::Arrived { .. } if asked.is_forward() => Stage { step: Step::VerifyRollout, ..asked.stage },
        _ => asked.stage,
    }
}

/// Groups of changes that fit into one call.
fn batches(pending: Vec<Pending>) -> Vec<Vec<Pending>> {
    let mut groups: Vec<Vec<Pending>> = vec![];
    let mut size = BATCH_LIMIT;
    for one in pending {
        if size + one.changes.len() > BATCH_LIMIT {
            groups.push(vec![]);
            size = 0;
        }
        size += one.changes.len();
        if let Some(group) = groups.last_mut() {
            group.push(one);
        }
    }
    groups
}
