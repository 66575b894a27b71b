//! What names in DNS hold, whose they are, and what must change.

use super::asked::{Asked, Wanted};
use crate::nouns::{
    CallError, Dns,
    dns::{RecordChange, RecordData, RecordSet},
};
use roadstead_domain::{inventory::RecordItem, plan::mark, refusal::Refusal, sentence};
use std::collections::{BTreeMap, BTreeSet};

/// The time to live of marks, in seconds.
const MARK_TTL: u32 = 60;

/// How what a zone holds compares with what was asked of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Compared<'a> {
    /// This name is somebody else's.
    Foreign(&'a str),
    /// As it should be, or a newer generation has seen to it.
    Right,
    /// To be changed, in one batch with the marks: an old mark is deleted by its exact value.
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

/// Of these records, those that carry the mark.
///
/// # Errors
/// As the zones say.
pub async fn ours<'a>(
    dns: &dyn Dns,
    records: impl IntoIterator<Item = &'a RecordItem>,
    mark: &str,
) -> Result<Vec<RecordItem>, Refusal> {
    let mut by_zone: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for record in records {
        by_zone.entry(&record.zone).or_default().insert(record.name.clone());
    }
    let mut ours = vec![];
    for (zone, names) in by_zone {
        let sets = dns.records(zone, &names).await.map_err(|error| of_zone(zone, error))?;
        let marked = sets.iter().filter(|set| mark_in(set, mark).is_some());
        ours.extend(marked.map(|set| RecordItem { zone: zone.to_owned(), name: set.name.clone() }));
    }
    Ok(ours)
}

/// Compares what a zone holds with what was asked of it.
pub(super) fn compare<'a>(asked: &'a Asked, sets: &[RecordSet]) -> Compared<'a> {
    let mut all = vec![];
    for wanted in &asked.wanted {
        let there: Vec<&RecordSet> = sets.iter().filter(|set| set.name == wanted.name).collect();
        match compare_name(asked, wanted, &there) {
            Compared::Differs(changes) => all.extend(changes),
            Compared::Right => {}
            Compared::Foreign(name) => return Compared::Foreign(name),
        }
    }
    if all.is_empty() { Compared::Right } else { Compared::Differs(all) }
}

fn compare_name<'a>(asked: &Asked, wanted: &'a Wanted, there: &[&RecordSet]) -> Compared<'a> {
    let generation = there.iter().find_map(|set| mark_in(set, &asked.mark));
    if generation.is_some_and(|there| there > asked.generation) {
        return Compared::Right;
    }
    let ours = there.iter().filter(|_| generation.is_some()).filter(|set| is_made_by_us(set, &asked.mark));
    let deletions = ours.map(|set| RecordChange::Delete((*set).clone()));
    let Some(target) = &wanted.target else {
        let deletions: Vec<_> = deletions.collect();
        return if deletions.is_empty() { Compared::Right } else { Compared::Differs(deletions) };
    };
    if !there.is_empty() && generation.is_none() {
        return Compared::Foreign(&wanted.name);
    }
    let set = |data| RecordSet { name: wanted.name.clone(), data };
    let alias = set(RecordData::Alias { target: target.name.clone(), zone: target.zone.clone() });
    // A mark of this very generation was made by a batch whose answer was lost: when it arrives cannot be asked.
    if there.contains(&&alias) && generation != Some(asked.generation) {
        return Compared::Right;
    }
    let text = mark::dns_mark(&asked.mark, asked.generation);
    let mark = set(RecordData::Text { values: vec![text], ttl: MARK_TTL });
    let creations = [mark, alias].into_iter().map(RecordChange::Create);
    Compared::Differs(deletions.chain(creations).collect())
}

/// Of the sets beside our mark, those that we make: the mark and the alias. Others of the name stay.
fn is_made_by_us(set: &RecordSet, mark: &str) -> bool {
    matches!(set.data, RecordData::Alias { .. }) || mark_in(set, mark).is_some()
}

/// The generation in a set that holds our mark and nothing else.
fn mark_in(set: &RecordSet, mark: &str) -> Option<u64> {
    let RecordData::Text { values, .. } = &set.data else { return None };
    let [value] = values.as_slice() else { return None };
    mark::parse_dns_mark(value).filter(|(found, _)| *found == mark).map(|(_, generation)| generation)
}
