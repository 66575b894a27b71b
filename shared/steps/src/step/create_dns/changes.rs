//! What a name in DNS holds, whose it is, and what must change.

use crate::nouns::{
    CallError, Dns,
    dns::{RecordChange, RecordData, RecordSet},
};
use roadstead_domain::{
    environment::Environment, inventory::RecordItem, plan::mark, platform::Entrance, refusal::Refusal,
    sentence,
};

/// The time to live of marks, in seconds.
const MARK_TTL: u32 = 60;

/// How a name compares with what it should hold.
pub(super) enum Looked {
    /// Somebody else's.
    Foreign,
    /// As it should be.
    Right,
    /// To be changed, in one batch with the mark: the old mark is deleted by its exact value.
    Differs(Vec<RecordChange>),
}

/// A call that a zone did not answer, in words that say which zone it is.
pub(super) fn of_zone(zone: &str, error: CallError) -> Refusal {
    match error {
        CallError::Throttled { .. } => Refusal::unavailable(sentence::zone_throttled(zone)),
        CallError::Unavailable { reason, maybe_done } => {
            Refusal { maybe_done, ..Refusal::unavailable(sentence::zone_silent(zone, &reason)) }
        }
        error => error.into(),
    }
}

/// The sets of a name, if they carry our mark; none when nothing is there or it is somebody else's.
///
/// # Errors
/// As the zone says.
pub async fn ours(dns: &dyn Dns, record: &RecordItem, mark: &str) -> Result<Option<Vec<RecordSet>>, Refusal> {
    let sets = dns.records(&record.zone, &record.name).await.map_err(|error| of_zone(&record.zone, error))?;
    Ok(generation_of(&sets, mark).map(|_| made_by_us(sets, mark)))
}

/// Compares a name with what it should hold.
pub(super) async fn look(
    dns: &dyn Dns,
    record: &RecordItem,
    entrance: &Entrance,
    environment: &Environment,
) -> Result<Looked, Refusal> {
    let sets = dns.records(&record.zone, &record.name).await.map_err(|error| of_zone(&record.zone, error))?;
    let generation = generation_of(&sets, &environment.mark);
    if !sets.is_empty() && generation.is_none() {
        return Ok(Looked::Foreign);
    }
    let alias = RecordSet {
        name: record.name.clone(),
        data: RecordData::Alias { target: entrance.target.name.clone(), zone: entrance.target.zone.clone() },
    };
    let arrival_known =
        environment.dns_changes.contains_key(&record.zone) || generation != Some(environment.carrying);
    if sets.contains(&alias) && arrival_known {
        return Ok(Looked::Right);
    }
    let text = mark::dns_mark(&environment.mark, environment.carrying);
    let mark =
        RecordSet { name: record.name.clone(), data: RecordData::Text { values: vec![text], ttl: MARK_TTL } };
    let deletions = made_by_us(sets, &environment.mark).into_iter().map(RecordChange::Delete);
    let creations = [mark, alias].into_iter().map(RecordChange::Create);
    Ok(Looked::Differs(deletions.chain(creations).collect()))
}

/// Of the sets beside our mark, those that we make: the mark and the alias. Others of the name stay.
fn made_by_us(sets: Vec<RecordSet>, mark: &str) -> Vec<RecordSet> {
    let ours = |set: &RecordSet| matches!(set.data, RecordData::Alias { .. }) || mark_in(set, mark).is_some();
    sets.into_iter().filter(ours).collect()
}

/// The generation in our mark, if one of the sets is exactly that.
fn generation_of(sets: &[RecordSet], mark: &str) -> Option<u64> {
    sets.iter().find_map(|set| mark_in(set, mark))
}

/// The generation in a set that holds our mark and nothing else.
fn mark_in(set: &RecordSet, mark: &str) -> Option<u64> {
    let RecordData::Text { values, .. } = &set.data else { return None };
    let [value] = values.as_slice() else { return None };
    mark::parse_dns_mark(value).filter(|(found, _)| *found == mark).map(|(_, generation)| generation)
}
