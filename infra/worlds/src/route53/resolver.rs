//! What a resolver learns from the name servers (RFC 1034, 4.3.2; wildcards as in RFC 4592).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::name::DomainName;
use super::record::RecordSet;
use super::view::View;
use super::zone::Zone;

/// How many canonical names and aliases are followed.
pub(super) const HOPS_LIMIT: usize = 8;

/// What a resolver learns about a name and a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The values, after following canonical names and aliases inside this account's zones.
    Values {
        /// Seconds that the answer may be kept.
        ttl: u32,
        /// In the order in which they were given.
        values: Vec<String>,
    },
    /// An alias to something of AWS; its addresses are not Route 53's to know here.
    Alias {
        /// The zone that the target lies in.
        hosted_zone_id: String,
        /// The target.
        name: String,
    },
    /// A canonical name outside of this account's zones.
    Elsewhere {
        /// The canonical name.
        name: String,
    },
    /// The name exists, the type does not.
    NoData,
    /// The name does not exist (NXDOMAIN).
    NoSuchName,
}

pub(super) fn answer(zones: &BTreeMap<String, Zone>, name: &str, kind: &str, now: Timestamp) -> Answer {
    let Ok(mut name) = DomainName::parse(name) else { return Answer::NoSuchName };
    for hop in 0..HOPS_LIMIT {
        let Some(zone) = closest_zone(zones, &name) else {
            return if hop == 0 {
                Answer::NoSuchName
            } else {
                Answer::Elsewhere { name: name.as_str().to_owned() }
            };
        };
        let view = zone.published_at(now);
        let set = match find(&view, &zone.name, &name, kind) {
            Ok(set) => set,
            Err(nothing) => return nothing,
        };
        match next_hop(zones, set, kind) {
            Ok(next) => name = next,
            Err(found) => return found,
        }
    }
    Answer::NoData
}

fn closest_zone<'a>(zones: &'a BTreeMap<String, Zone>, name: &DomainName) -> Option<&'a Zone> {
    zones.values().filter(|zone| name.is_within(&zone.name)).max_by_key(|zone| zone.name.as_str().len())
}

/// The set that answers: of the type or the canonical name, at the name itself or at the wildcard that covers it.
fn find<'a>(
    view: &'a View<'_>,
    apex: &DomainName,
    name: &DomainName,
    kind: &str,
) -> Result<&'a RecordSet, Answer> {
    let owner = if exists(view, name) { name.clone() } else { covering_wildcard(view, apex, name)? };
    let of_type = view.get(&owner.record_key(kind));
    of_type.or_else(|| view.get(&owner.record_key("CNAME"))).ok_or(Answer::NoData)
}

/// A name exists when it or anything below it has records.
fn exists(view: &View<'_>, name: &DomainName) -> bool {
    !view.under(&name.key()).is_empty()
}

fn covering_wildcard(view: &View<'_>, apex: &DomainName, name: &DomainName) -> Result<DomainName, Answer> {
    let mut encloser = name.parent();
    while let Some(parent) = encloser {
        if parent == *apex || exists(view, &parent) {
            let wildcard = parent.wildcard();
            return if exists(view, &wildcard) { Ok(wildcard) } else { Err(Answer::NoSuchName) };
        }
        encloser = parent.parent();
    }
    Err(Answer::NoSuchName)
}

fn next_hop(zones: &BTreeMap<String, Zone>, set: &RecordSet, kind: &str) -> Result<DomainName, Answer> {
    if let Some(target) = &set.alias_target {
        let outside =
            Answer::Alias { hosted_zone_id: target.hosted_zone_id.clone(), name: target.dns_name.clone() };
        let inside = zones.contains_key(&target.hosted_zone_id);
        return DomainName::parse(&target.dns_name).ok().filter(|_| inside).ok_or(outside);
    }
    let values: Vec<String> = set.values().map(str::to_owned).collect();
    match values.first() {
        Some(canonical) if set.kind == "CNAME" && kind != "CNAME" => {
            DomainName::parse(canonical).map_err(|_| Answer::NoData)
        }
        _ => Err(Answer::Values { ttl: set.ttl.unwrap_or_default(), values }),
    }
}
