//! create-dns: points host names at the entrance.
//!
//! With a wildcard entrance it only looks whether the wildcard points there. With a record for each environment it asks its
//! zone for what it wants, and waits for the answer (`asked`); one holder of the zone reads, changes and awaits what all
//! environments ask for, together (`zone`).

mod asked;
mod changes;
mod holding;
mod wildcard;
pub mod zone;

pub(crate) use asked::has_arrived;
pub use changes::ours;
pub use holding::late_until as zone_late_until;
#[cfg(test)]
pub(crate) use {asked::Asked, holding::Zone};

use super::{StepWork, whose};
use crate::{
    carry::{Next, Work},
    context::Context,
    nouns::Dns,
    record,
};
use asked::{Fate, Wanted};
use jiff::SignedDuration;
use roadstead_domain::{
    environment::{Environment, Phase},
    message::Message,
    name::ClusterName,
    plan::Plan,
    platform::{Entrance, EntranceNames, Platform},
    refusal::Refusal,
    sentence,
    step::Step,
};
use std::{collections::BTreeMap, sync::Arc};

/// How long until what waits in its zone is looked at again, should its holder be lost.
const ZONE_PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// How long until that is looked at where several zones are asked: the answer of one may come while that of another is read.
const ZONES_PAUSE: SignedDuration = SignedDuration::from_secs(5);
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

    async fn carry_out(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal> {
        let environment = &work.environment;
        let plan = record::plan(context.state.as_ref(), &environment.id, environment.carrying).await?;
        let bound = environment.bound.as_ref();
        let bound =
            bound.ok_or_else(|| Refusal::broken("the generation is bound to no platform configuration"))?;
        let platform = context.platforms.by_hash(&bound.platform).await?;
        self.check_wildcards(context, &plan, &platform).await?;
        let wanted = wanted(environment, &plan, &platform)?;
        let fates = ask(context, work, wanted).await?;
        for (zone, fate) in &fates {
            if let Some(refusal) = fate.refusal() {
                return Err(in_zone(&plan, &platform, zone, refusal));
            }
        }
        if fates.values().any(|fate| *fate == Fate::Waits) {
            until_answered(context, work, &fates).await
        } else {
            Ok(Next::On)
        }
    }

    async fn undo(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal> {
        let mut wanted = ByZone::new();
        for record in &work.environment.inventory.records {
            let gone = Wanted { name: record.name.clone(), target: None };
            wanted.entry(record.zone.clone()).or_default().push(gone);
        }
        let fates = ask(context, work, wanted).await?;
        if fates.values().any(|fate| matches!(fate, Fate::Waits | Fate::Sent { .. })) {
            return until_answered(context, work, &fates).await;
        }
        if let Some(until) =
            fates.values().filter_map(Fate::quiet_at).max().filter(|quiet| *quiet > context.now())
        {
            return Ok(Next::Wait { until, phase: None });
        }
        let forgotten = fates.keys().map(|zone| asked::forget(&work.environment, zone));
        work.beside.extend(forgotten);
        match fates.values().find_map(Fate::refusal) {
            Some(refusal) => Err(refusal),
            None => Ok(Next::On),
        }
    }
}

impl CreateDns {
    async fn check_wildcards(
        &self,
        context: &Context,
        plan: &Plan,
        platform: &Platform,
    ) -> Result<(), Refusal> {
        for part in plan.parts.iter().filter(|part| !part.hosts.is_empty()) {
            let entrance = entrance(platform, &part.cluster)?;
            if entrance.names == EntranceNames::Wildcard {
                let checked = wildcard::check(context, self.dns.as_ref(), entrance).await;
                checked.map_err(|refusal| whose(plan, part, refusal))?;
            }
        }
        Ok(())
    }
}

/// What is wanted, by the zone's id.
type ByZone = BTreeMap<String, Vec<Wanted>>;

fn entrance<'a>(platform: &'a Platform, cluster: &ClusterName) -> Result<&'a Entrance, Refusal> {
    let found = platform.clusters.get(cluster);
    found.map(|found| &found.entrance).ok_or_else(|| Refusal::rejected(sentence::cluster_unknown(cluster)))
}

/// The names of the plan lead to their entrances, and those that it does not have go: at once, but for names of clusters that
/// are left, which go when all that takes their place is ready.
fn wanted(environment: &Environment, plan: &Plan, platform: &Platform) -> Result<ByZone, Refusal> {
    let mut wanted = ByZone::new();
    for part in plan.parts.iter().filter(|_| !environment.retiring) {
        let entrance = entrance(platform, &part.cluster)?;
        if entrance.names == EntranceNames::RecordPerEnvironment {
            let target = Some(entrance.target.clone());
            let names = part.hosts.iter().map(|host| Wanted { name: host.clone(), target: target.clone() });
            wanted.entry(entrance.zone.clone()).or_default().extend(names);
        }
    }
    if environment.retiring || environment.inventory.clusters == plan.inventory.clusters {
        for stale in environment.inventory.records.difference(&plan.inventory.records) {
            let gone = Wanted { name: stale.name.clone(), target: None };
            wanted.entry(stale.zone.clone()).or_default().push(gone);
        }
    }
    wanted.retain(|_, names| !names.is_empty());
    Ok(wanted)
}

/// What became of what is wanted, by the zone's id.
async fn ask(context: &Context, work: &mut Work, wanted: ByZone) -> Result<BTreeMap<String, Fate>, Refusal> {
    let mut fates = BTreeMap::new();
    for (zone, wanted) in wanted {
        let fate = asked::ask(context, work, &zone, wanted).await?;
        fates.insert(zone, fate);
    }
    Ok(fates)
}

/// Whoever holds a zone wakes the environment.
async fn until_answered(
    context: &Context,
    work: &mut Work,
    fates: &BTreeMap<String, Fate>,
) -> Result<Next, Refusal> {
    let mut phase = None;
    for (zone, _) in fates.iter().filter(|(_, fate)| **fate == Fate::Waits) {
        phase = phase.or(held_up(context, work, zone).await?);
        work.messages.push(Message::Zone { zone: zone.clone() });
    }
    let pause = if fates.len() > 1 { ZONES_PAUSE } else { ZONE_PAUSE };
    Ok(Next::Wait { until: context.now() + pause, phase })
}

/// What people are told of a change that has waited in its zone for long.
async fn held_up(context: &Context, work: &Work, zone: &str) -> Result<Option<Phase>, Refusal> {
    if context.now() < work.environment.stage_since + ZONE_PAUSE {
        return Ok(None);
    }
    let why = holding::held(context, zone).await?;
    let undone = matches!(work.environment.phase, Phase::Closing { .. } | Phase::NeedsAttention { .. });
    Ok(why.map(|why| if undone { Phase::Closing { held_by: Some(why) } } else { Phase::Waiting { why } }))
}

/// A refusal of a zone, with the cluster whose names are in it.
fn in_zone(plan: &Plan, platform: &Platform, zone: &str, refusal: Refusal) -> Refusal {
    let mut parts = plan.parts.iter();
    match parts.find(|part| entrance(platform, &part.cluster).is_ok_and(|found| found.zone == zone)) {
        Some(part) => whose(plan, part, refusal),
        None => refusal,
    }
}
