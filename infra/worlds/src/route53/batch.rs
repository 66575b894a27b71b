//! ChangeResourceRecordSets: every change is judged against the zone as the changes before it leave it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Route53;
use super::name::DomainName;
use super::record::{RecordSet, TTL_LIMIT, TYPES};
use super::refusal::Refusal;
use super::view::{Effects, View};
use super::zone::Zone;

/// The most records of one batch; those of an UPSERT count twice.
pub const RECORDS_LIMIT: usize = 1_000;
/// The most characters of all values of one batch; those of an UPSERT count twice.
pub const VALUE_CHARACTERS_LIMIT: usize = 32_000;

/// What is done with a record set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Action {
    /// Makes one that must not exist.
    Create,
    /// Removes one that must exist just so.
    Delete,
    /// Makes or replaces.
    Upsert,
}

/// One change of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Change {
    /// What is done.
    pub action: Action,
    /// With which set.
    pub resource_record_set: RecordSet,
}

/// What the batch makes of single sets, or the refusal of the whole.
pub(super) fn apply(world: &Route53, zone: &Zone, changes: &[Change]) -> Result<Effects, Refusal> {
    check_shape(changes)?;
    let limits = limit_complaints(changes);
    if !limits.is_empty() {
        return Err(Refusal::invalid_change_batch(&limits));
    }
    let (changes, mut complaints) = normalised(changes);
    complaints.extend(contradictions(&changes));
    let mut view = View::of(&zone.records);
    for (key, change) in &changes {
        if let Err(complaint) = apply_one(&mut view, key, change) {
            complaints.push(complaint);
        }
    }
    complaints.extend(changes.iter().flat_map(|(_, change)| complaints_after(world, zone, &view, change)));
    complaints.dedup();
    match complaints.as_slice() {
        [] => Ok(view.effects),
        complaints => Err(Refusal::invalid_change_batch(complaints)),
    }
}

/// What the original checks before it looks at any zone.
fn check_shape(changes: &[Change]) -> Result<(), Refusal> {
    if changes.is_empty() {
        return Err(Refusal::invalid_input(
            "1 validation error detected: Value '[]' at 'changeBatch.changes' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ));
    }
    changes.iter().try_for_each(check_set)
}

fn check_set(change: &Change) -> Result<(), Refusal> {
    let set = &change.resource_record_set;
    let action = format!("{:?}", change.action).to_uppercase();
    let place =
        format!("Change with [Action={action}, Name={}, Type={}, SetIdentifier=null]", set.name, set.kind);
    if !TYPES.contains(&set.kind.as_str()) {
        return Err(Refusal::invalid_input(format!(
            "Invalid request: Value '{}' is no type in {place}",
            set.kind
        )));
    }
    let has_values = set.values().next().is_some();
    let choice = "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]";
    let wrong = match (&set.alias_target, set.ttl, has_values) {
        (Some(_), None, false) | (None, Some(0..=TTL_LIMIT), true) => return Ok(()),
        (None, None, false) => format!("{choice}, but found none in {place}"),
        (Some(_), ..) => format!("{choice}, but found more than one in {place}"),
        (None, None, true) => format!("Missing field 'TTL' in {place}"),
        (None, Some(0..=TTL_LIMIT), false) => format!("Missing field 'ResourceRecords' in {place}"),
        (None, Some(_), _) => format!("Value of field 'TTL' must be at most {TTL_LIMIT} in {place}"),
    };
    Err(Refusal::invalid_input(format!("Invalid request: {wrong}")))
}

fn limit_complaints(changes: &[Change]) -> Vec<String> {
    let weight = |change: &Change| if change.action == Action::Upsert { 2 } else { 1 };
    // An alias counts as one record.
    let records = |change: &Change| change.resource_record_set.values().count().max(1) * weight(change);
    let length = |change: &Change| {
        change.resource_record_set.values().map(|value| value.chars().count()).sum::<usize>() * weight(change)
    };
    let mut complaints = Vec::new();
    if changes.iter().map(records).sum::<usize>() > RECORDS_LIMIT {
        complaints.push(format!("Number of records limit of {RECORDS_LIMIT} exceeded."));
    }
    if changes.iter().map(length).sum::<usize>() > VALUE_CHARACTERS_LIMIT {
        complaints.push(format!("Number of characters limit of {VALUE_CHARACTERS_LIMIT} exceeded."));
    }
    complaints
}

fn normalised(changes: &[Change]) -> (Vec<(String, Change)>, Vec<String>) {
    let mut good = Vec::new();
    let mut complaints = Vec::new();
    for Change { action, resource_record_set } in changes {
        complaints.extend(resource_record_set.complaints());
        let named = DomainName::parse(&resource_record_set.name).and_then(|name| {
            let set = resource_record_set.normalised()?;
            Ok((name.record_key(&set.kind), Change { action: *action, resource_record_set: set }))
        });
        match named {
            Ok(change) => good.push(change),
            Err(complaint) => complaints.push(complaint),
        }
    }
    (good, complaints)
}

/// One set may appear once in a batch, or as a DELETE followed by a CREATE.
fn contradictions(changes: &[(String, Change)]) -> Vec<String> {
    let mut actions: BTreeMap<&str, (Vec<Action>, &RecordSet)> = BTreeMap::new();
    for (key, change) in changes {
        let entry = actions.entry(key).or_insert_with(|| (Vec::new(), &change.resource_record_set));
        entry.0.push(change.action);
    }
    let wrong = actions
        .into_values()
        .filter(|(actions, _)| !matches!(actions.as_slice(), [_] | [Action::Delete, Action::Create]));
    wrong
        .map(|(_, set)| {
            let (kind, name) = (&set.kind, &set.name);
            format!(
                "The request contains an invalid set of changes for a resource record set '{kind} {name}'"
            )
        })
        .collect()
}

fn apply_one(view: &mut View<'_>, key: &str, change: &Change) -> Result<(), String> {
    let set = &change.resource_record_set;
    let tried = |verb: &str, why: &str| {
        format!("Tried to {verb} resource record set [name='{}', type='{}'] but {why}", set.name, set.kind)
    };
    let after = match (change.action, view.get(key)) {
        (Action::Create, Some(_)) => return Err(tried("create", "it already exists")),
        (Action::Delete, None) => return Err(tried("delete", "it was not found")),
        (Action::Delete, Some(current)) if !current.has_values_of(set) => {
            return Err(tried("delete", "the values provided do not match the current values"));
        }
        (Action::Delete, Some(_)) => None,
        (Action::Create | Action::Upsert, _) => Some(set.clone()),
    };
    view.effects.insert(key.to_owned(), after);
    Ok(())
}

/// What is wrong with the zone as the whole batch leaves it.
fn complaints_after(world: &Route53, zone: &Zone, after: &View<'_>, change: &Change) -> Vec<String> {
    let set = &change.resource_record_set;
    let Ok(name) = DomainName::parse(&set.name) else { return Vec::new() };
    if !name.is_within(&zone.name) {
        let (name, zone) = (name.as_str(), zone.name.as_str());
        return vec![format!("RRSet with DNS name {name} is not permitted in zone {zone}")];
    }
    if change.action == Action::Delete {
        return missing_authority(zone, after).into_iter().collect();
    }
    let alias =
        set.alias_target.as_ref().and_then(|target| world.check_alias(zone, after, set, target).err());
    conflict(zone, after, set, &name).into_iter().chain(alias).collect()
}

fn missing_authority(zone: &Zone, after: &View<'_>) -> Option<String> {
    let has = |kind: &str| after.get(&zone.name.record_key(kind)).is_some();
    match (has("SOA"), has("NS")) {
        (false, _) => Some("A HostedZone must contain exactly one SOA record.".to_owned()),
        (_, false) => {
            Some("A HostedZone must contain at least one NS record for the zone itself.".to_owned())
        }
        _ => None,
    }
}

fn conflict(zone: &Zone, after: &View<'_>, set: &RecordSet, name: &DomainName) -> Option<String> {
    let (kind, shown, place) = (&set.kind, name.as_str(), zone.name.as_str());
    if kind == "CNAME" && *name == zone.name {
        return Some(format!(
            "RRSet of type CNAME with DNS name {shown} is not permitted at apex in zone {place}"
        ));
    }
    let here = after.under(&name.record_key(""));
    if kind == "CNAME" && here.iter().any(|other| other.kind != "CNAME") {
        return Some(format!(
            "RRSet of type CNAME with DNS name {shown} is not permitted as it conflicts with other records with the same DNS name in zone {place}"
        ));
    }
    (kind != "CNAME" && here.iter().any(|other| other.kind == "CNAME")).then(|| {
        format!(
            "RRSet of type {kind} with DNS name {shown} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone {place}"
        )
    })
}
