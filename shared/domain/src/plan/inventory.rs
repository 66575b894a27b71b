//! What a plan makes outside.

use super::{Part, rules::NAMESPACE, scene::Scene};
use crate::{
    inventory::{Inventory, NamespaceItem, ObjectItem, RecordItem},
    platform::EntranceNames,
};
use serde_json::Value;

/// Covers the namespace, every object in it, and the names in DNS that no wildcard covers.
pub(super) fn cover(scene: &Scene<'_>, part: &Part) -> Inventory {
    let objects = part.guards.iter().chain(&part.manifests);
    let cluster = part.cluster.clone();
    let namespace = NamespaceItem { cluster: cluster.clone(), name: scene.namespace.clone() };
    let objects = objects.filter(|object| object["kind"] != NAMESPACE.kind).map(|object| ObjectItem {
        cluster: cluster.clone(),
        api_version: text(&object["apiVersion"]),
        kind: text(&object["kind"]),
        namespace: scene.namespace.clone(),
        name: text(&object["metadata"]["name"]),
    });
    let own = part.hosts.iter().filter(|_| scene.entrance.names == EntranceNames::RecordPerEnvironment);
    let records = own.map(|name| RecordItem { zone: scene.entrance.zone.clone(), name: name.clone() });
    Inventory {
        clusters: [cluster.clone()].into(),
        namespaces: [namespace].into(),
        objects: objects.collect(),
        records: records.collect(),
        adopted: [].into(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
