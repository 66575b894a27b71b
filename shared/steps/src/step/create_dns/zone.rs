//! A zone: what many environments ask of it is read, changed and awaited together, by whoever holds it.

use super::{
    RECORD_LIFE,
    asked::{self, Asked, Fate},
    changes::{Compared, compare, of_zone},
    holding::{self, Held, PAUSE, ROUND_PAUSE, Zone},
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

/// How many environments are answered in one round: a pace, because the next round answers the others.
const ROUND: usize = 100;
/// How many are, where the round before was not finished: a large zone is then read in pieces that its limits allow.
const SMALL_ROUND: usize = 4;
/// How many rounds one holder makes before it hands over to the next, which goes on.
const ROUNDS: usize = 8;
/// How many answers are written at the same time.
const ANSWERS: usize = 8;

/// Sees to everything that is asked of a zone, unless somebody else does, or comes soon.
///
/// # Errors
/// When the table does not answer.
pub async fn send_waiting(context: &Context, dns: &dyn Dns, zone: &str, invocation: &Invocation) -> Handled {
    let Some(row) = holding::claim(context, zone, invocation).await? else { return Ok(()) };
    if row.rests_until.is_some_and(|until| until > context.now()) {
        return holding::leave(context, zone, invocation).await;
    }
    let mut holder = Holder { context, dns, zone, row, maybe_done: false, held: None, arrivals_at: None };
    for round in 0..ROUNDS {
        if round > 0 {
            context.time.sleep(ROUND_PAUSE).await;
        }
        if !holder.round().await? {
            break;
        }
    }
    let Holder { maybe_done, held: why, arrivals_at, row, .. } = holder;
    let asked = arrivals_at.is_some();
    let held = Held { maybe_done, why, arrivals_at: arrivals_at.max(row.arrivals_at), asked };
    holding::release(context, zone, invocation, &held).await
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
    /// The zone as it was claimed.
    row: Zone,
    maybe_done: bool,
    held: Option<String>,
    arrivals_at: Option<Timestamp>,
}

impl Holder<'_> {
    /// One round: what arrived is told, and what is asked is seen to. Answers whether another round makes sense at once.
    async fn round(&mut self) -> Result<bool, Refusal> {
        let all = asked::all(self.context, self.zone).await?;
        self.tell_arrivals(&all).await?;
        let now = self.context.now();
        let waits = all.into_iter().filter(|asked| asked.fate == Fate::Waits);
        let (waits, over): (Vec<_>, Vec<_>) =
            waits.partition(|asked| asked.until.is_none_or(|until| now <= until));
        let given_up = |asked: Asked| {
            let why = self.row.held.clone().unwrap_or_else(|| sentence::too_long(asked.stage));
            (asked, Fate::Refused { refusal: Refusal::unavailable(why) })
        };
        self.answer(over.into_iter().map(given_up).collect()).await?;
        if waits.is_empty() {
            return Ok(false);
        }
        let limit = if self.row.held.is_some() { SMALL_ROUND } else { ROUND };
        self.see_to(waits.into_iter().take(limit).collect()).await?;
        Ok(self.held.is_none())
    }

    /// Asks for each change once whether it has arrived, the oldest first; one that has not holds up those after it.
    async fn tell_arrivals(&mut self, all: &[Asked]) -> Result<(), Refusal> {
        let mut by_change: BTreeMap<(Timestamp, &str), Vec<&Asked>> = BTreeMap::new();
        for asked in all {
            if let Fate::Sent { change, at } = &asked.fate {
                by_change.entry((*at, change)).or_default().push(asked);
            }
        }
        let now = self.context.now();
        if by_change.is_empty() || self.arrivals_at.max(self.row.arrivals_at).is_some_and(|at| at > now) {
            return Ok(());
        }
        self.arrivals_at = Some(now + PAUSE);
        for ((_, change), told) in by_change {
            let fate = match self.dns.status(change).await {
                Ok(ChangeStatus::Pending) => break,
                // One that is not known any more was made long ago.
                Ok(ChangeStatus::InSync) | Err(CallError::Missing { .. }) => Fate::Arrived { at: now },
                Err(error) => match self.hold(error) {
                    Some(refusal) => Fate::Refused { refusal },
                    None => break,
                },
            };
            self.answer(told.into_iter().map(|asked| (asked.clone(), fate.clone())).collect()).await?;
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
                let Some(refusal) = self.hold(error) else { return Ok(()) };
                let refused = Fate::Refused { refusal };
                return self.answer(waits.into_iter().map(|asked| (asked, refused.clone())).collect()).await;
            }
        };
        let (mut answers, mut pending) = (vec![], vec![]);
        for asked in waits {
            let late = self.row.late_until.filter(|late| *late + RECORD_LIFE >= asked.since);
            let fate = match compare(&asked, &sets, late.is_some()) {
                Compared::Differs(changes) => {
                    pending.push(Pending { changes, asked });
                    continue;
                }
                Compared::Right => asked.before.clone().unwrap_or(Fate::Nothing { late }),
                Compared::Foreign(name) => {
                    Fate::Refused { refusal: Refusal::rejected(sentence::foreign_record(name)) }
                }
            };
            answers.push((asked, fate));
        }
        self.answer(answers).await?;
        let mut groups = batches(pending);
        while let Some(group) = groups.pop().filter(|_| self.held.is_none()) {
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
            Err(error) => {
                if let Some(refusal) = self.hold(error) {
                    self.answer_all(group, &Fate::Refused { refusal }).await?;
                }
            }
        }
        Ok(vec![])
    }

    /// The zone does not do it just now: it is tried again after a pause. Answers the refusal where what was asked is at fault,
    /// or somebody else changed the name since it was read: then its environment asks again, and nobody else waits for that.
    fn hold(&mut self, error: CallError) -> Option<Refusal> {
        let maybe_done = error.maybe_done();
        let passes = matches!(error, CallError::Throttled { .. } | CallError::Unavailable { .. });
        match error {
            CallError::Unavailable { .. } => {
                tracing::warn!(zone = self.zone, %error, "a zone is tried again")
            }
            _ => tracing::info!(zone = self.zone, %error, "a zone did not do what was asked"),
        }
        let refusal = of_zone(self.zone, error);
        if !passes {
            return Some(refusal);
        }
        self.maybe_done |= maybe_done;
        self.held = Some(refusal.text);
        None
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
