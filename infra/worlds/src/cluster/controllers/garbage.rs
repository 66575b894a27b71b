//! Garbage: what is owned by something that is gone, or that goes after it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::cluster::deletion::{Dependents, FOREGROUND};
use crate::cluster::kinds::{KINDS, Kind};
use crate::cluster::settings::CONTROLLERS;
use crate::cluster::store::Store;
use crate::cluster::{Cluster, object};

type Found = (&'static Kind, Arc<Value>);

pub(super) fn step(cluster: &mut Cluster, namespace: &str) {
    let objects = in_namespace(&cluster.store, namespace);
    let uids: BTreeSet<&str> = objects.iter().map(|(_, object)| object::uid(object)).collect();
    let is_gone = |reference: &Value| !uids.contains(object::text(reference, "/uid"));
    for (kind, object) in &objects {
        let owners = object::items(object, "/metadata/ownerReferences");
        if !owners.is_empty() && owners.iter().all(is_gone) && !object::is_ending(object) {
            cluster.end(kind, object, Dependents::Background, None);
        }
    }
    for (kind, owner) in objects.iter().filter(|(_, object)| waits_for_dependents(object)) {
        foreground(cluster, kind, owner, namespace);
    }
}

/// The objects of a namespace that name `owner` among their owners.
fn dependents(store: &Store, namespace: &str, owner: &str) -> Vec<Found> {
    let is_owned = |object: &Value| {
        object::items(object, "/metadata/ownerReferences").iter().any(|reference| reference["uid"] == owner)
    };
    in_namespace(store, namespace).into_iter().filter(|(_, object)| is_owned(object)).collect()
}

/// Everything that is in a namespace.
pub(super) fn in_namespace(store: &Store, namespace: &str) -> Vec<Found> {
    let kinds = KINDS.into_iter().filter(|kind| kind.namespaced);
    kinds
        .flat_map(|kind| store.list(kind, Some(namespace)).map(move |object| (kind, Arc::clone(object))))
        .collect()
}

fn waits_for_dependents(object: &Value) -> bool {
    object::is_ending(object) && object::items(object, "/metadata/finalizers").contains(&json!(FOREGROUND))
}

/// Ends what the owner owns; once nothing is left, lets the owner go.
fn foreground(cluster: &mut Cluster, kind: &'static Kind, owner: &Value, namespace: &str) {
    let owned = dependents(&cluster.store, namespace, object::uid(owner));
    for (kind, dependent) in owned.iter().filter(|(_, object)| !object::is_ending(object)) {
        let has_own = !dependents(&cluster.store, namespace, object::uid(dependent)).is_empty();
        let policy = if has_own { Dependents::Foreground } else { Dependents::Background };
        cluster.end(kind, dependent, policy, None);
    }
    if owned.is_empty() {
        let others = object::without(owner, "/metadata/finalizers", |finalizer| finalizer == FOREGROUND);
        let mut object = owner.clone();
        object::set(&mut object, "/metadata/finalizers", Value::Array(others));
        cluster.update_by_controller(kind, owner, object, (CONTROLLERS, ""));
    }
}
