//! What the service answers with, element by element.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::record::RecordSet;
use super::wire::NAMESPACE;
use super::zone::{NAME_SERVERS, Zone};

/// A change as the service remembers it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ChangeInfo {
    pub(super) submitted_at: Timestamp,
    pub(super) insync_at: Timestamp,
    pub(super) comment: Option<String>,
}

/// The reply of ChangeResourceRecordSets and of GetChange: both hold one `ChangeInfo`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeInfoReply<'a> {
    #[serde(rename = "@xmlns")]
    namespace: &'static str,
    change_info: ChangeInfoBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeInfoBody<'a> {
    id: String,
    status: &'static str,
    submitted_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
}

impl<'a> ChangeInfoReply<'a> {
    pub(super) fn new(id: &str, change: &'a ChangeInfo, now: Timestamp) -> Self {
        let change_info = ChangeInfoBody {
            id: format!("/change/{id}"),
            status: if change.insync_at <= now { "INSYNC" } else { "PENDING" },
            submitted_at: format!("{:.3}", change.submitted_at),
            comment: change.comment.as_deref(),
        };
        Self { namespace: NAMESPACE, change_info }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RecordSetsReply<'a> {
    #[serde(rename = "@xmlns")]
    namespace: &'static str,
    resource_record_sets: RecordSetsBody<'a>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_record_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_record_type: Option<&'a str>,
    max_items: String,
}

#[derive(Serialize)]
struct RecordSetsBody<'a> {
    #[serde(rename = "ResourceRecordSet")]
    sets: Vec<&'a RecordSet>,
}

impl<'a> RecordSetsReply<'a> {
    pub(super) fn new(sets: Vec<&'a RecordSet>, next: Option<&'a RecordSet>, limit: usize) -> Self {
        Self {
            namespace: NAMESPACE,
            resource_record_sets: RecordSetsBody { sets },
            is_truncated: next.is_some(),
            next_record_name: next.map(|set| set.name.as_str()),
            next_record_type: next.map(|set| set.kind.as_str()),
            max_items: limit.to_string(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct HostedZoneBody<'a> {
    id: String,
    name: &'a str,
    caller_reference: &'a str,
    config: ZoneConfig,
    resource_record_set_count: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ZoneConfig {
    private_zone: bool,
}

impl<'a> HostedZoneBody<'a> {
    fn new(zone: &'a Zone) -> Self {
        Self {
            id: format!("/hostedzone/{}", zone.id),
            name: zone.name.as_str(),
            caller_reference: &zone.caller_reference,
            config: ZoneConfig { private_zone: false },
            resource_record_set_count: zone.records.len(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HostedZoneReply<'a> {
    #[serde(rename = "@xmlns")]
    namespace: &'static str,
    hosted_zone: HostedZoneBody<'a>,
    delegation_set: DelegationSet,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DelegationSet {
    name_servers: NameServers,
}

#[derive(Serialize)]
struct NameServers {
    #[serde(rename = "NameServer")]
    servers: [&'static str; 2],
}

impl<'a> HostedZoneReply<'a> {
    pub(super) fn new(zone: &'a Zone) -> Self {
        let delegation_set = DelegationSet { name_servers: NameServers { servers: NAME_SERVERS } };
        Self { namespace: NAMESPACE, hosted_zone: HostedZoneBody::new(zone), delegation_set }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HostedZonesReply<'a> {
    #[serde(rename = "@xmlns")]
    namespace: &'static str,
    hosted_zones: HostedZonesBody<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<&'a String>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<&'a str>,
    max_items: String,
}

#[derive(Serialize)]
struct HostedZonesBody<'a> {
    #[serde(rename = "HostedZone")]
    zones: Vec<HostedZoneBody<'a>>,
}

impl<'a> HostedZonesReply<'a> {
    pub(super) fn new(
        zones: Vec<&'a Zone>,
        marker: Option<&'a String>,
        next: Option<&'a Zone>,
        limit: usize,
    ) -> Self {
        Self {
            namespace: NAMESPACE,
            hosted_zones: HostedZonesBody { zones: zones.into_iter().map(HostedZoneBody::new).collect() },
            marker,
            is_truncated: next.is_some(),
            next_marker: next.map(|zone| zone.id.as_str()),
            max_items: limit.to_string(),
        }
    }
}
