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

/// The type of our alias, and of everything that cannot be beside it: a set with a routing policy, for example.
const ADDRESS: &str = "A";

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
        CallError::Missing { reason } => Refusal::broken(sentence::zone_missing(zone, &reason)),
        CallError::Forbidden { reason } => Refusal::broken(sentence::zone_forbidden(zone, &reason)),
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

/// Compares what a zone holds with what was asked of it. Where a batch may have been lost, what is right is made again: when the
/// lost one arrives cannot be asked.
pub(super) fn compare<'a>(asked: &'a Asked, sets: &[RecordSet], lost: bool) -> Compared<'a> {
    let mut all = vec![];
    for wanted in &asked.wanted {
        let there: Vec<&RecordSet> = sets.iter().filter(|set| set.name == wanted.name).collect();
        match compare_name(asked, wanted, &there, lost) {
            Compared::Differs(changes) => all.extend(changes),
            Compared::Right => {}
            Compared::Foreign(name) => return Compared::Foreign(name),
        }
    }
    if all.is_empty() { Compared::Right } else { Compared::Differs(all) }
}

fn compare_name<'a>(asked: &Asked, wanted: &'a Wanted, there: &[&RecordSet], lost: bool) -> Compared<'a> {
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
    if there.iter().any(|set| generation.is_none() || takes_our_place(set)) {
        return Compared::Foreign(&wanted.name);
    }
    let set = |data| RecordSet { name: wanted.name.clone(), data };
    let alias = set(RecordData::Alias { target: target.name.clone(), zone: target.zone.clone() });
    // A mark of this very generation was made by a batch whose answer was lost.
    if there.contains(&&alias) && generation != Some(asked.generation) && !lost {
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

/// Whether somebody put an address where our alias would be.
fn takes_our_place(set: &RecordSet) -> bool {
    match &set.data {
        RecordData::Address { .. } | RecordData::Name { .. } => true,
        RecordData::Other { kind } => kind == ADDRESS,
        RecordData::Alias { .. } | RecordData::Text { .. } => false,
    }
}

/// The generation in a set that holds our mark and nothing else.
fn mark_in(set: &RecordSet, mark: &str) -> Option<u64> {
    let RecordData::Text { values, .. } = &set.data else { return None };
    let [value] = values.as_slice() else { return None };
    mark::parse_dns_mark(value).filter(|(found, _)| *found == mark).map(|(_, generation)| generation)
}

#[cfg(test)]
mod tests {
    use super::{super::asked::Fate, *};
    use jiff::Timestamp;
    use roadstead_domain::{platform::AliasTarget, step::Stage};

    const NAME: &str = "shop.example.com";
    const MARK: &str = "demo/shop/staging";

    fn asked(generation: u64, target: Option<&str>) -> Asked {
        let target = target.map(|name| AliasTarget { name: name.to_owned(), zone: "Z1".to_owned() });
        Asked {
            environment: "shop/staging".parse().unwrap(),
            generation,
            stage: Stage::FIRST,
            mark: MARK.to_owned(),
            since: Timestamp::UNIX_EPOCH,
            until: None,
            before: None,
            wanted: vec![Wanted { name: NAME.to_owned(), target }],
            fate: Fate::Waits,
        }
    }

    fn set(data: RecordData) -> RecordSet {
        RecordSet { name: NAME.to_owned(), data }
    }

    fn alias(target: &str) -> RecordSet {
        set(RecordData::Alias { target: target.to_owned(), zone: "Z1".to_owned() })
    }

    fn marked(generation: u64) -> RecordSet {
        set(RecordData::Text { values: vec![mark::dns_mark(MARK, generation)], ttl: MARK_TTL })
    }

    fn compare<'a>(asked: &'a Asked, sets: &[RecordSet]) -> Compared<'a> {
        super::compare(asked, sets, false)
    }

    #[test]
    fn what_is_right_is_not_touched_and_what_leads_elsewhere_is_exchanged_with_its_mark() {
        let there = [marked(1), alias("entrance")];
        assert_eq!(compare(&asked(2, Some("entrance")), &there), Compared::Right);
        let exchanged = Compared::Differs(vec![
            RecordChange::Delete(marked(1)),
            RecordChange::Delete(alias("entrance")),
            RecordChange::Create(marked(2)),
            RecordChange::Create(alias("other")),
        ]);
        assert_eq!(compare(&asked(2, Some("other")), &there), exchanged);
    }

    #[test]
    fn what_a_lost_batch_made_is_made_again_so_that_its_arrival_can_be_asked() {
        let there = [marked(2), alias("entrance")];
        assert!(
            matches!(compare(&asked(2, Some("entrance")), &there), Compared::Differs(changes) if changes.len() == 4)
        );
    }

    #[test]
    fn what_is_late_touches_nothing_of_a_newer_generation() {
        let there = [marked(3), alias("entrance")];
        assert_eq!(compare(&asked(2, Some("other")), &there), Compared::Right);
        assert_eq!(compare(&asked(2, None), &there), Compared::Right);
    }

    #[test]
    fn what_is_not_ours_is_neither_changed_nor_taken_away() {
        let foreign = set(RecordData::Text { values: vec!["somebody's".to_owned()], ttl: 60 });
        assert_eq!(
            compare(&asked(2, Some("entrance")), std::slice::from_ref(&foreign)),
            Compared::Foreign(NAME)
        );
        assert_eq!(compare(&asked(2, None), std::slice::from_ref(&foreign)), Compared::Right);
        for theirs in [
            RecordData::Address { values: vec!["192.0.2.7".to_owned()], ttl: 60 },
            RecordData::Other { kind: "A".to_owned() },
        ] {
            let there = [marked(1), set(theirs)];
            assert_eq!(compare(&asked(2, Some("entrance")), &there), Compared::Foreign(NAME));
            let gone = Compared::Differs(vec![RecordChange::Delete(marked(1))]);
            assert_eq!(compare(&asked(2, None), &there), gone);
        }
        let gone = vec![RecordChange::Delete(marked(1)), RecordChange::Delete(alias("entrance"))];
        let beside = set(RecordData::Other { kind: "CAA".to_owned() });
        let there = [beside, marked(1), alias("entrance")];
        assert_eq!(compare(&asked(2, None), &there), Compared::Differs(gone));
    }
}
