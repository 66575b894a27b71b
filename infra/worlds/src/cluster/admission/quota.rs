//! Resource quotas: what a namespace may hold at most.

use serde_json::Value;

use crate::cluster::kinds::{CLAIM, KINDS, Kind, POD, QUOTA};
use crate::cluster::object;
use crate::cluster::quantity;
use crate::cluster::refusal::Refusal;
use crate::cluster::store::Store;

/// Whether every quota of the namespace leaves room for `new`, which replaces `old`.
pub(in crate::cluster) fn check(
    store: &Store,
    kind: &Kind,
    old: Option<&Value>,
    new: &Value,
) -> Result<(), Refusal> {
    for quota in store.list(&QUOTA, Some(object::namespace(new))) {
        check_one(store, quota, kind, old, new)?;
    }
    Ok(())
}

fn check_one(
    store: &Store,
    quota: &Value,
    kind: &Kind,
    old: Option<&Value>,
    new: &Value,
) -> Result<(), Refusal> {
    let unspecified: Vec<String> =
        hard(quota).filter_map(|(resource, _)| unspecified(kind, new, resource)).collect();
    if !unspecified.is_empty() {
        let why = format!("failed quota: {}: must specify {}", object::name(quota), unspecified.join("; "));
        return Err(Refusal::forbidden(kind, object::name(new), &why));
    }
    let over = |(resource, limit): (&str, &str)| {
        let more = charge(kind, new, resource) - old.map_or(0, |old| charge(kind, old, resource));
        let so_far = usage(store, object::namespace(new), resource);
        let is_over = more > 0 && quantity::parse(limit).is_some_and(|limit| so_far + more > limit);
        let amounts = [quantity::written(more), quantity::written(so_far), limit.to_owned()];
        is_over.then(|| amounts.map(|amount| format!("{resource}={amount}")))
    };
    let over: Vec<[String; 3]> = hard(quota).filter_map(over).collect();
    if over.is_empty() {
        return Ok(());
    }
    let [asked, used, limited] =
        [0, 1, 2].map(|at| over.iter().map(|amounts| amounts[at].as_str()).collect::<Vec<_>>().join(","));
    let name = object::name(quota);
    let why = format!("exceeded quota: {name}, requested: {asked}, used: {used}, limited: {limited}");
    Err(Refusal::forbidden(kind, object::name(new), &why))
}

fn hard(quota: &Value) -> impl Iterator<Item = (&str, &str)> {
    object::entries(quota, "/spec/hard")
}

/// What the namespace holds of one resource, in thousandths.
pub(in crate::cluster) fn usage(store: &Store, namespace: &str, resource: &str) -> i128 {
    let charged = KINDS.into_iter().filter(|kind| kind.namespaced);
    charged
        .flat_map(|kind| store.list(kind, Some(namespace)).map(move |object| charge(kind, object, resource)))
        .sum()
}

/// What one object takes of one resource, in thousandths.
fn charge(kind: &Kind, object: &Value, resource: &str) -> i128 {
    let one = quantity::parse("1").unwrap_or_default();
    let counted = resource.strip_prefix("count/").unwrap_or(resource);
    let is_over = ["Succeeded", "Failed"].contains(&object::text(object, "/status/phase"));
    if counted == kind.resource() && !(kind.kind == POD.kind && is_over) {
        return one;
    }
    if kind.kind == CLAIM.kind && resource == "requests.storage" {
        return quantity::parse(object::text(object, "/spec/resources/requests/storage")).unwrap_or_default();
    }
    if kind.kind == "Service" && resource == "services.loadbalancers" {
        return if object::text(object, "/spec/type") == "LoadBalancer" { one } else { 0 };
    }
    if kind.kind != POD.kind || is_over {
        return 0;
    }
    let pointer = container_pointer(resource);
    let containers = object::items(object, "/spec/containers").iter();
    containers.filter_map(|container| quantity::parse(object::text(container, &pointer))).sum()
}

/// Which containers of a Pod say nothing about a resource that the quota limits.
fn unspecified(kind: &Kind, object: &Value, resource: &str) -> Option<String> {
    let is_computed = matches!(
        resource,
        "cpu" | "memory" | "requests.cpu" | "requests.memory" | "limits.cpu" | "limits.memory"
    );
    if kind.kind != POD.kind || !is_computed {
        return None;
    }
    let pointer = container_pointer(resource);
    let silent: Vec<&str> = object::items(object, "/spec/containers")
        .iter()
        .filter(|container| container.pointer(&pointer).is_none())
        .map(|container| object::text(container, "/name"))
        .collect();
    (!silent.is_empty()).then(|| format!("{resource} for: {}", silent.join(",")))
}

fn container_pointer(resource: &str) -> String {
    let (part, resource) = resource.split_once('.').unwrap_or(("requests", resource));
    format!("/resources/{part}/{}", resource.replace('/', "~1"))
}
