//! Namespaces: what each one starts with, and how it ends.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::garbage::in_namespace;
use crate::cluster::deletion::Dependents;
use crate::cluster::kinds::{CONFIG_MAP, Kind, NAMESPACE, SERVICE_ACCOUNT};
use crate::cluster::settings::CONTROLLERS;
use crate::cluster::{Cluster, object};

/// The ConfigMap with the certificate authority that every namespace gets.
const AUTHORITY: &str = "kube-root-ca.crt";

impl Cluster {
    /// Makes the namespace `default`.
    pub(in crate::cluster) fn bring_up(&mut self) {
        let namespace = json!({ "metadata": { "name": "default" } });
        // Nothing limits it yet.
        if self.create_by_controller(&NAMESPACE, namespace).is_ok() {
            self.touch("default");
        }
    }
}

pub(super) fn step(cluster: &mut Cluster, name: &str) {
    let Some(namespace) = cluster.store.get(&NAMESPACE, "", name).cloned() else { return };
    if !object::is_ending(&namespace) {
        furnish(cluster, name);
    } else if ends_at(cluster, &namespace).is_none_or(|at| at <= cluster.now) {
        sweep(cluster, name, &namespace);
    }
}

/// When a namespace that ends is swept.
pub(super) fn next(cluster: &Cluster, name: &str) -> Option<Timestamp> {
    let namespace = cluster.store.get(&NAMESPACE, "", name)?;
    ends_at(cluster, namespace).filter(|at| *at > cluster.now)
}

fn ends_at(cluster: &Cluster, namespace: &Value) -> Option<Timestamp> {
    let since = cluster.since.get(object::uid(namespace))?;
    since.checked_add(cluster.settings.namespace_swept_after).ok()
}

fn furnish(cluster: &mut Cluster, name: &str) {
    let starts_with = [
        (&SERVICE_ACCOUNT, json!({ "metadata": { "name": "default", "namespace": name } })),
        (
            &CONFIG_MAP,
            json!({
                "metadata": {
                    "name": AUTHORITY,
                    "namespace": name,
                    "annotations": { "kubernetes.io/description": "Contains a CA bundle of the kube-apiserver." },
                },
                "data": { "ca.crt": "" },
            }),
        ),
    ];
    for (kind, object) in starts_with {
        if cluster.store.get(kind, name, object::name(&object)).is_none() {
            // A quota may refuse even these; then they are missing until there is room, as on a real cluster.
            cluster.create_by_controller(kind, object).ok();
        }
    }
}

/// Deletes all that is in it; once nothing is left the namespace itself goes.
fn sweep(cluster: &mut Cluster, name: &str, namespace: &Value) {
    for (kind, object) in in_namespace(&cluster.store, name) {
        if !object::is_ending(&object) {
            cluster.end(kind, &object, Dependents::Background, None);
        }
    }
    let left = in_namespace(&cluster.store, name);
    let mut next = namespace.clone();
    object::set(&mut next, "/status/conditions", conditions(cluster, namespace, &left));
    cluster.update_by_controller(&NAMESPACE, namespace, next, (CONTROLLERS, "status"));
    if left.is_empty() {
        cluster.forget(&NAMESPACE, namespace);
    }
}

/// What is left of it, and what holds that; the other steps of a real server's deletion never fail here.
fn conditions(cluster: &Cluster, namespace: &Value, left: &[(&Kind, Arc<Value>)]) -> Value {
    let listed = |what: &str, names: BTreeSet<String>| {
        if names.is_empty() { String::new() } else { format!("{what}: {}", Vec::from_iter(names).join(", ")) }
    };
    let kinds =
        listed("Some resources are remaining", left.iter().map(|(kind, _)| kind.resource()).collect());
    let holders = left.iter().flat_map(|(_, object)| object::items(object, "/metadata/finalizers"));
    let holders = holders.filter_map(Value::as_str).map(str::to_owned).collect();
    let holders = listed("Some content in the namespace has finalizers remaining", holders);
    let conditions = [
        ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "", ""),
        ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "", ""),
        ("NamespaceDeletionContentFailure", "ContentDeleted", "", ""),
        ("NamespaceContentRemaining", "ContentRemoved", "SomeResourcesRemain", &kinds),
        ("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "SomeFinalizersRemain", &holders),
    ];
    let shown = |(kind, fine, trouble, message): (&str, &str, &str, &str)| {
        let (status, reason) = if message.is_empty() { ("False", fine) } else { ("True", trouble) };
        let same = object::condition(namespace, kind, "status") == status;
        let known = object::condition(namespace, kind, "lastTransitionTime");
        let time = if same { known.to_owned() } else { cluster.time() };
        json!({ "type": kind, "status": status, "lastTransitionTime": time, "reason": reason, "message": message })
    };
    conditions.into_iter().map(shown).collect()
}
