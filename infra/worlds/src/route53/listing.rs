//! What the service lists: zones by id, record sets by reversed labels and then by type.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::name::DomainName;
use super::refusal::Refusal;
use super::replies::{HostedZoneReply, HostedZonesReply, RecordSetsReply};
use super::wire;
use super::zone::Zone;

/// The most sets of one page.
pub const ITEMS_LIMIT: usize = 300;
/// The most zones of one page.
pub(super) const ZONES_LIMIT: usize = 100;

pub(super) fn record_sets(zone: &Zone, query: Option<&str>) -> Result<String, Refusal> {
    let query = parameters(query);
    let start = start_key(&query)?;
    let limit = page_size(&query, ITEMS_LIMIT)?;
    let mut from_start = zone.records.range(start..).map(|(_, set)| set);
    let page: Vec<_> = from_start.by_ref().take(limit).collect();
    wire::write("ListResourceRecordSetsResponse", &RecordSetsReply::new(page, from_start.next(), limit))
}

fn start_key(query: &BTreeMap<String, String>) -> Result<String, Refusal> {
    match (query.get("name"), query.get("type")) {
        (None, None) => Ok(String::new()),
        (None, Some(_)) => {
            Err(Refusal::invalid_input("The StartRecordName must be specified with StartRecordType."))
        }
        (Some(name), kind) => {
            let name = DomainName::parse(name).map_err(Refusal::invalid_input)?;
            Ok(name.record_key(kind.map_or("", String::as_str)))
        }
    }
}

pub(super) fn hosted_zones(zones: &BTreeMap<String, Zone>, query: Option<&str>) -> Result<String, Refusal> {
    let query = parameters(query);
    let limit = page_size(&query, ZONES_LIMIT)?;
    let marker = query.get("marker").filter(|marker| !marker.is_empty());
    if let Some(marker) = marker
        && !zones.contains_key(marker)
    {
        return Err(Refusal::no_such_hosted_zone(marker));
    }
    let start = marker.map_or(Bound::Unbounded, |marker| Bound::Included(marker.clone()));
    let mut from_start = zones.range((start, Bound::Unbounded)).map(|(_, zone)| zone);
    let page: Vec<_> = from_start.by_ref().take(limit).collect();
    wire::write("ListHostedZonesResponse", &HostedZonesReply::new(page, marker, from_start.next(), limit))
}

pub(super) fn hosted_zone(zone: &Zone) -> Result<String, Refusal> {
    wire::write("GetHostedZoneResponse", &HostedZoneReply::new(zone))
}

fn parameters(query: Option<&str>) -> BTreeMap<String, String> {
    query.and_then(|query| serde_urlencoded::from_str(query).ok()).unwrap_or_default()
}

fn page_size(query: &BTreeMap<String, String>, most: usize) -> Result<usize, Refusal> {
    match query.get("maxitems").map(|text| text.parse::<usize>()) {
        None => Ok(most),
        Some(Ok(size)) if size > 0 => Ok(size.min(most)),
        Some(_) => Err(Refusal::invalid_input("Invalid value for maxitems.")),
    }
}
