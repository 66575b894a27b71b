//! create-dns: points host names at the entrance.
//!
//! With a wildcard entrance it only checks that the wildcard points there. With a record for each environment it stores its
//! change in the zone, where one holder sends all changes that wait ([`zone`]).

mod changes;
pub mod zone;

pub use changes::ours;
pub use zone::late_until as zone_late_until;

use super::{StepWork, whose};
use crate::{
    carry::{Next, Work},
    context::{Context, Invocation},
    nouns::{
        Dns,
        dns::{ChangeStatus, RecordChange, RecordData},
    },
    record,
};
use changes::Looked;
use jiff::SignedDuration;
use roadstead_domain::{
    environment::{Environment, Phase},
    inventory::RecordItem,
    message::Message,
    name::ClusterName,
    platform::{Entrance, EntranceNames},
    refusal::Refusal,
    sentence,
    step::Step,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// How long until a change that waits in its zone is looked at again, should its holder be lost.
const ZONE_PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// How long until the arrival of a change is asked again.
const SYNC_PAUSE: SignedDuration = SignedDuration::from_secs(2);
/// How long resolvers may answer with a record that was taken away: the time to live of an alias of a load balancer.
pub(crate) const RECORD_LIFE: SignedDuration = SignedDuration::from_secs(60);

/// How long until a record that was taken away is forgotten everywhere, where the arrival of that change cannot be asked.
const UNKNOWN_LIFE: SignedDuration = SignedDuration::from_mins(3);

/// Points host names at the entrance.
pub struct CreateDns {
    /// Where.
    pub dns: Arc<dyn Dns>,
}

#[async_trait::async_trait]
impl StepWork for CreateDns {
    fn step(&self) -> Step {
        Step::CreateDns
    }

    async fn carry_out(&self, context: &Context, work: &mut Work, _: &Invocation) -> Result<Next, Refusal> {
        let environment = &work.environment;
        let plan = record::plan(context.state.as_ref(), &environment.id, environment.carrying).await?;
        let hash = environment.bound.as_ref().map(|bound| bound.platform.clone()).unwrap_or_default();
        let platform = record::platform(context.state.as_ref(), &hash).await?;
        let mut waiting = Waiting::new();
        for part in plan.parts.iter().filter(|part| !part.hosts.is_empty()) {
            let entrance = entrance(&platform, &part.cluster)?;
            let pointed = match entrance.names {
                EntranceNames::Wildcard => self.check_wildcard(entrance).await,
                EntranceNames::RecordPerEnvironment => {
                    self.point(environment, &part.hosts, entrance, &mut waiting).await
                }
            };
            pointed.map_err(|refusal| whose(&plan, part, refusal))?;
        }
        let kept = &plan.inventory.records;
        let stale = environment.inventory.records.iter().filter(|record| !kept.contains(record));
        if environment.retiring || environment.inventory.clusters == plan.inventory.clusters {
            self.take_away(environment, stale, &mut waiting).await?;
        }
        store(context, work, waiting).await.map(|wait| wait.unwrap_or(Next::On))
    }

    async fn undo(&self, context: &Context, work: &mut Work, _: &Invocation) -> Result<Next, Refusal> {
        let mut waiting = Waiting::new();
        let environment = &work.environment;
        self.take_away(environment, environment.inventory.records.iter(), &mut waiting).await?;
        let Some(wait) = store(context, work, waiting).await? else {
            return self.until_quiet(context, work).await;
        };
        work.environment.dns_quiet_at.get_or_insert(context.now() + UNKNOWN_LIFE);
        Ok(wait)
    }
}

/// Changes by the zone's id.
type Waiting = BTreeMap<String, Vec<RecordChange>>;

fn entrance<'a>(
    platform: &'a roadstead_domain::platform::Platform,
    cluster: &ClusterName,
) -> Result<&'a Entrance, Refusal> {
    let found = platform.clusters.get(cluster);
    found.map(|found| &found.entrance).ok_or_else(|| Refusal::rejected(sentence::cluster_unknown(cluster)))
}

/// Stores the changes of one zone in it, if there are any; whoever holds the zone sends them, and wakes the environment. One
/// zone after the other: an environment that is being carried out cannot be told by another zone what became of its change.
async fn store(context: &Context, work: &mut Work, waiting: Waiting) -> Result<Option<Next>, Refusal> {
    let Some((zone, changes)) = waiting.into_iter().next() else { return Ok(None) };
    work.beside.extend(zone::store(&work.environment, &zone, changes, context.now())?);
    let phase = held_up(context, work, &zone).await?;
    work.messages.push(Message::Zone { zone });
    Ok(Some(Next::Wait { until: context.now() + ZONE_PAUSE, phase }))
}

/// What people are told of a change that has waited in its zone for long.
async fn held_up(context: &Context, work: &Work, zone: &str) -> Result<Option<Phase>, Refusal> {
    if context.now() < work.environment.stage_since + ZONE_PAUSE {
        return Ok(None);
    }
    let why = zone::held(context, zone).await?;
    let undone = matches!(work.environment.phase, Phase::Closing { .. } | Phase::NeedsAttention { .. });
    Ok(why.map(|why| if undone { Phase::Closing { held_by: Some(why) } } else { Phase::Waiting { why } }))
}

impl CreateDns {
    async fn check_wildcard(&self, entrance: &Entrance) -> Result<(), Refusal> {
        let name = format!("*.{}", entrance.domain);
        let sets = self.dns.records(&entrance.zone, &name).await;
        let sets = sets.map_err(|error| changes::of_zone(&entrance.zone, error))?;
        let points_there = sets.iter().any(|set| match &set.data {
            RecordData::Alias { target, .. } | RecordData::Name { target, .. } => {
                *target == entrance.target.name
            }
            _ => false,
        });
        match points_there {
            true => Ok(()),
            false => Err(Refusal::rejected(sentence::wildcard_elsewhere(&name, &entrance.target.name))),
        }
    }

    /// Compares what is there with what the plan says; the difference waits.
    async fn point(
        &self,
        environment: &Environment,
        hosts: &[String],
        entrance: &Entrance,
        waiting: &mut Waiting,
    ) -> Result<(), Refusal> {
        for host in hosts {
            let record = RecordItem { zone: entrance.zone.clone(), name: host.clone() };
            match changes::look(self.dns.as_ref(), &record, entrance, environment).await? {
                Looked::Foreign => return Err(Refusal::rejected(sentence::foreign_record(host))),
                Looked::Right => {}
                Looked::Differs(changes) => waiting.entry(record.zone).or_default().extend(changes),
            }
        }
        Ok(())
    }

    /// Of these names, those that are ours are to go.
    async fn take_away(
        &self,
        environment: &Environment,
        records: impl Iterator<Item = &RecordItem> + Send,
        waiting: &mut Waiting,
    ) -> Result<(), Refusal> {
        for record in records {
            if let Some(sets) = ours(self.dns.as_ref(), record, &environment.mark).await? {
                let deletions = sets.into_iter().map(RecordChange::Delete);
                waiting.entry(record.zone.clone()).or_default().extend(deletions);
            }
        }
        Ok(())
    }

    /// After the last record was taken away: until that has arrived everywhere, and nobody remembers it.
    async fn until_quiet(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal> {
        let now = context.now();
        while let Some(change) = work.environment.dns_changes.first_entry() {
            if self.dns.status(change.get()).await? == ChangeStatus::Pending {
                return Ok(Next::Wait { until: now + SYNC_PAUSE, phase: None });
            }
            change.remove();
            work.environment.dns_quiet_at = Some(now + RECORD_LIFE);
        }
        match work.environment.dns_quiet_at.filter(|quiet| *quiet > now) {
            Some(until) => Ok(Next::Wait { until, phase: None }),
            None => {
                work.environment.dns_quiet_at = None;
                let zones: BTreeSet<_> =
                    work.environment.inventory.records.iter().map(|record| record.zone.clone()).collect();
                let forget = zones.iter().map(|zone| zone::forget(&work.environment, zone));
                work.beside.extend(forget);
                Ok(Next::On)
            }
        }
    }
}
