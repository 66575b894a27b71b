//! What the workload controllers have in common: Pods from a template, whose they are, and how they are.

use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::all;
use crate::cluster::kinds::{Kind, POD};
use crate::cluster::{Cluster, keeping, object};

/// The objects of a kind that `owner` controls.
pub(super) fn controlled(cluster: &Cluster, kind: &Kind, owner: &Value) -> Vec<Arc<Value>> {
    let is_controlled = |object: &Value| {
        let references = object::items(object, "/metadata/ownerReferences").iter();
        references
            .into_iter()
            .any(|reference| reference["uid"] == object::uid(owner) && reference["controller"] == true)
    };
    all(cluster, kind, object::namespace(owner)).into_iter().filter(|object| is_controlled(object)).collect()
}

/// The reference by which `owner` controls something.
pub(super) fn controller_reference(owner: &Value) -> Value {
    json!({
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": object::name(owner),
        "uid": object::uid(owner),
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

/// A Pod of the template of `owner`.
pub(super) fn from_template(owner: &Value, name: &str) -> Value {
    let template = &owner["spec"]["template"];
    let mut pod = json!({
        "metadata": template["metadata"],
        "spec": template["spec"],
    });
    object::set(&mut pod, "/metadata/name", json!(name));
    object::set(&mut pod, "/metadata/namespace", json!(object::namespace(owner)));
    object::set(&mut pod, "/metadata/ownerReferences", json!([controller_reference(owner)]));
    pod
}

/// A generated name that no Pod of the namespace has; the same until one has it.
pub(super) fn free_name(cluster: &Cluster, owner: &Value) -> (String, String) {
    let prefix = format!("{}-", object::name(owner));
    let name = |number: u64| {
        let digest = Sha256::digest(format!("{}/{number}", object::uid(owner)));
        format!("{prefix}{}", keeping::suffix(&hex::encode(digest)))
    };
    let is_free = |name: &String| cluster.store.get(&POD, object::namespace(owner), name).is_none();
    (prefix.clone(), (0..).map(name).find(is_free).unwrap_or_default())
}

/// The hash by which the revisions of a template are told apart; its text has the fields in order.
pub(super) fn template_hash(template: &Value) -> String {
    let digest = hex::encode(Sha256::digest(template.to_string()));
    format!("{}{}", keeping::suffix(&digest), keeping::suffix(&digest[10..]))
}

/// Whether it runs, or is going to.
pub(super) fn is_active(pod: &Value) -> bool {
    !object::is_ending(pod) && !["Succeeded", "Failed"].contains(&object::text(pod, "/status/phase"))
}

pub(super) fn is_ready(pod: &Value) -> bool {
    object::condition(pod, "Ready", "status") == "True"
}

/// Which Pods go first: those that are not ready, then the youngest.
pub(super) fn by_worth(one: &Value, two: &Value) -> std::cmp::Ordering {
    let created = |pod: &Value| object::text(pod, "/metadata/creationTimestamp").to_owned();
    is_ready(one).cmp(&is_ready(two)).then(created(two).cmp(&created(one)))
}

/// Writes a count into a status; zero is left out.
pub(super) fn count(status: &mut Value, field: &str, number: i64) {
    if number != 0 {
        status[field] = json!(number);
    }
}

/// The length of a list as a count.
pub(super) fn length<T>(list: &[T]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}
