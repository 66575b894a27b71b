//! A zone: changes of many environments, sent in one call by whoever holds it.

use super::changes::of_zone;
use crate::{
    carry::PATIENCE,
    context::{Context, Handled, Invocation},
    nouns::{
        CallError, Dns,
        dns::{BATCH_LIMIT, RecordChange},
        state::{Change, Condition, Consistency, DUE_AT, Query, StateError, Write},
    },
    rows,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    claim::Claim, environment::Environment, message::Message, name::EnvironmentId, refusal::Refusal,
    step::Stage,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How many environments' changes are taken into one round.
const ROUND_LIMIT: usize = 100;
/// How long until a zone that refused for a moment is tried again.
const PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// A zone as its row holds it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Zone {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claim: Option<Claim>,
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    late_until: Option<Timestamp>,
    /// Why the newest batch was not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<String>,
}

/// What one environment wants changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Waiting {
    environment: EnvironmentId,
    generation: u64,
    stage: Stage,
    changes: Vec<RecordChange>,
}

/// The writes that let changes wait in a zone.
pub(super) fn store(
    environment: &Environment,
    zone: &str,
    changes: Vec<RecordChange>,
    now: Timestamp,
) -> Result<[Write; 2], Refusal> {
    let waiting = Waiting {
        environment: environment.id.clone(),
        generation: environment.carrying,
        stage: environment.stage.unwrap_or(Stage::FIRST),
        changes,
    };
    let row = rows::row(rows::zone_change(zone, &environment.id), &waiting, None)?;
    let due = Change::Set(DUE_AT.to_owned(), json!((now + PATIENCE).as_millisecond()));
    Ok([Write::Put(row, Condition::Always), Write::Update(rows::zone(zone), vec![due], Condition::Always)])
}

/// The write that takes back whatever an environment lets wait in a zone.
pub(super) fn forget(environment: &Environment, zone: &str) -> Write {
    Write::Delete(rows::zone_change(zone, &environment.id), Condition::Always)
}

/// Until when a batch that was given up may still be carried out.
///
/// # Errors
/// When the table does not answer.
pub async fn late_until(context: &Context, zone: &str) -> Result<Option<Timestamp>, Refusal> {
    let row = context.state.get(&rows::zone(zone), Consistency::Strong).await?;
    let zone: Option<Zone> = row.as_ref().map(rows::read).transpose()?;
    Ok(zone.and_then(|zone| zone.late_until.max(zone.claim.map(|claim| claim.until))))
}

/// Why the changes that wait in a zone are not sent.
///
/// # Errors
/// When the table does not answer.
pub(super) async fn held(context: &Context, zone: &str) -> Result<Option<String>, Refusal> {
    let row = context.state.get(&rows::zone(zone), Consistency::Strong).await?;
    let zone: Option<Zone> = row.as_ref().map(rows::read).transpose()?;
    Ok(zone.and_then(|zone| zone.held))
}

/// Sends everything that waits in a zone, unless somebody else does.
///
/// # Errors
/// When the table does not answer.
pub async fn send_waiting(context: &Context, dns: &dyn Dns, zone: &str, invocation: &Invocation) -> Handled {
    if !claim(context, zone, invocation).await? {
        return Ok(());
    }
    let mut round = Round { context, dns, zone, maybe_done: false, again: false, held: None };
    let waiting = round.waiting().await?;
    round.again = waiting.len() == ROUND_LIMIT;
    let mut groups = batches(waiting);
    while let Some(group) = groups.pop() {
        groups.extend(round.send(group).await?);
    }
    release(context, zone, invocation, &round).await
}

/// Groups of changes that fit into one call.
fn batches(waiting: Vec<Waiting>) -> Vec<Vec<Waiting>> {
    let mut groups: Vec<Vec<Waiting>> = vec![];
    let mut size = BATCH_LIMIT;
    for one in waiting {
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

struct Round<'a> {
    context: &'a Context,
    dns: &'a dyn Dns,
    zone: &'a str,
    maybe_done: bool,
    again: bool,
    held: Option<String>,
}

impl Round<'_> {
    async fn waiting(&self) -> Result<Vec<Waiting>, Refusal> {
        let query = Query {
            partition: rows::zone(self.zone).partition,
            prefix: "change#".to_owned(),
            consistency: Consistency::Strong,
            backwards: false,
            limit: ROUND_LIMIT,
            after: None,
        };
        self.context.state.query(&query).await?.iter().map(rows::read).collect()
    }

    /// Sends one group. A refused one is halved until the bad change is alone; that one's environment looks again.
    async fn send(&mut self, group: Vec<Waiting>) -> Result<Vec<Vec<Waiting>>, Refusal> {
        let changes: Vec<_> = group.iter().flat_map(|one| one.changes.iter().cloned()).collect();
        match self.dns.change(self.zone, &changes).await {
            Ok(change) => {
                for one in group {
                    self.tell(one, Some(&change)).await?;
                }
            }
            Err(CallError::Conflict { .. } | CallError::Refused { .. }) if group.len() > 1 => {
                let (left, right) = group.split_at(group.len() / 2);
                return Ok(vec![left.to_vec(), right.to_vec()]);
            }
            Err(CallError::Conflict { .. } | CallError::Refused { .. }) => {
                for one in group {
                    self.tell(one, None).await?;
                }
            }
            Err(error) => {
                match error {
                    CallError::Throttled { .. } => tracing::info!(zone = self.zone, %error, "a batch waits"),
                    _ => tracing::warn!(zone = self.zone, %error, "a batch was not sent"),
                }
                self.maybe_done |= error.maybe_done();
                self.again = true;
                self.held = Some(of_zone(self.zone, error).text);
            }
        }
        Ok(vec![])
    }

    /// Tells an environment that its change was made, or refused: it looks at its records and goes on.
    async fn tell(&self, one: Waiting, change: Option<&str>) -> Result<(), Refusal> {
        let Waiting { environment, generation, stage, .. } = one;
        if let Some(change) = change {
            let here = Condition::All(vec![
                Condition::Equals("carrying".to_owned(), json!(generation)),
                Condition::Missing("claim".to_owned()),
            ]);
            let set = Change::Set(format!("dns_changes.{}", self.zone), json!(change));
            match self.context.state.update(&rows::environment(&environment), &[set], &here).await {
                Ok(_) | Err(StateError::Refused { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let same = Condition::Any(vec![
            Condition::RowMissing,
            Condition::Equals("generation".to_owned(), json!(generation)),
        ]);
        match self
            .context
            .state
            .commit(&[Write::Delete(rows::zone_change(self.zone, &environment), same)])
            .await
        {
            Ok(()) | Err(StateError::Refused { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let delay = if change.is_some() { SignedDuration::ZERO } else { PAUSE };
        self.context.send(&Message::Stage { environment, generation, stage }, delay).await;
        Ok(())
    }
}

async fn claim(context: &Context, zone: &str, invocation: &Invocation) -> Result<bool, Refusal> {
    let claim = Claim { token: invocation.token.clone(), until: invocation.until() };
    let mut changes = vec![
        Change::Set("claim".to_owned(), rows::attribute(&claim)?),
        Change::Set(DUE_AT.to_owned(), json!(claim.until.as_millisecond())),
    ];
    let key = rows::zone(zone);
    let row = match context.state.update(&key, &changes, &Condition::Missing("claim".to_owned())).await {
        Ok(_) => return Ok(true),
        Err(StateError::Refused { row: Some(row), .. }) => row,
        Err(StateError::Refused { row: None, .. }) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let stored: Zone = rows::read(&row)?;
    let Some(other) = stored.claim else { return Ok(false) };
    if other.token == invocation.token || other.is_live(context.now()) {
        return Ok(other.token == invocation.token);
    }
    let late = stored.late_until.max(Some(other.until)).map(|late| late.as_millisecond());
    changes.push(Change::Set("late_until".to_owned(), json!(late)));
    let same = Condition::Equals("claim.token".to_owned(), json!(other.token));
    Ok(context.state.update(&key, &changes, &same).await.is_ok())
}

/// Gives the claim back. The zone is due no more only if nobody stored a change since it was claimed.
async fn release(context: &Context, zone: &str, invocation: &Invocation, round: &Round<'_>) -> Handled {
    let mut changes = vec![Change::Remove("claim".to_owned())];
    changes.push(match &round.held {
        Some(held) => Change::Set("held".to_owned(), json!(held)),
        None => Change::Remove("held".to_owned()),
    });
    if round.maybe_done {
        changes.push(Change::Set("late_until".to_owned(), json!(invocation.until().as_millisecond())));
    }
    let ours = Condition::Equals("claim.token".to_owned(), json!(invocation.token));
    let again = round.again || !round.waiting().await?.is_empty();
    if !again {
        let unchanged = Condition::Equals(DUE_AT.to_owned(), json!(invocation.until().as_millisecond()));
        let settled: Vec<_> = changes.iter().cloned().chain([Change::Remove(DUE_AT.to_owned())]).collect();
        if write(context, zone, &settled, &Condition::All(vec![ours.clone(), unchanged])).await? {
            return Ok(());
        }
    }
    changes.push(Change::Set(DUE_AT.to_owned(), json!((context.now() + PATIENCE).as_millisecond())));
    write(context, zone, &changes, &ours).await?;
    context.send(&Message::Zone { zone: zone.to_owned() }, PAUSE).await;
    Ok(())
}

/// Answers whether the condition held.
async fn write(
    context: &Context,
    zone: &str,
    changes: &[Change],
    condition: &Condition,
) -> Result<bool, Refusal> {
    match context.state.update(&rows::zone(zone), changes, condition).await {
        Ok(_) => Ok(true),
        Err(StateError::Refused { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
