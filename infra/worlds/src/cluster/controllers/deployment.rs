//! Deployments: one ReplicaSet per revision of the template, and the walk from the old ones to the new one.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pods::{controlled, controller_reference, template_hash};
use super::{all, events, rollout};
use crate::cluster::kinds::{DEPLOYMENT, POD, REPLICA_SET};
use crate::cluster::settings::CONTROLLERS;
use crate::cluster::{Cluster, object};

const REVISION: &str = "/metadata/annotations/deployment.kubernetes.io~1revision";
const HASH_LABEL: &str = "pod-template-hash";
const COMPONENT: &str = "deployment-controller";

/// The ReplicaSets of a Deployment.
pub(super) struct Sets {
    pub(super) new: Option<Arc<Value>>,
    pub(super) old: Vec<Arc<Value>>,
}

impl Sets {
    fn of(cluster: &Cluster, deployment: &Value) -> Sets {
        let name = set_name(deployment);
        let (new, old): (Vec<_>, Vec<_>) = controlled(cluster, &REPLICA_SET, deployment)
            .into_iter()
            .partition(|set| object::name(set) == name);
        Sets { new: new.into_iter().next(), old }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Value>> {
        self.new.iter().chain(&self.old)
    }

    /// A number of every ReplicaSet, added up.
    pub(super) fn sum(&self, pointer: &str) -> i64 {
        self.all().map(|set| object::number(set, pointer)).sum()
    }

    /// The same of the old ones only.
    fn sum_of_old(&self, pointer: &str) -> i64 {
        self.old.iter().map(|set| object::number(set, pointer)).sum()
    }

    fn last_revision(&self) -> i64 {
        self.old.iter().map(|set| revision(set)).max().unwrap_or_default()
    }
}

pub(super) fn step(cluster: &mut Cluster, namespace: &str) {
    for deployment in all(cluster, &DEPLOYMENT, namespace) {
        let sets = Sets::of(cluster, &deployment);
        let stands_still = object::is_ending(&deployment) || deployment["spec"]["paused"] == true;
        if stands_still || !walk(cluster, &deployment, &sets) {
            rollout::report(cluster, &deployment, &Sets::of(cluster, &deployment), stands_still);
        }
    }
}

/// When the next progress deadline is over.
pub(super) fn next(cluster: &Cluster, namespace: &str) -> Option<Timestamp> {
    let deadlines =
        cluster.store.list(&DEPLOYMENT, Some(namespace)).filter_map(|found| rollout::deadline(found));
    deadlines.filter(|at| *at > cluster.now).min()
}

/// One move towards the new revision; whether the Deployment itself was written.
fn walk(cluster: &mut Cluster, deployment: &Value, sets: &Sets) -> bool {
    let recreates = object::text(deployment, "/spec/strategy/type") == "Recreate";
    let Some(new) = &sets.new else {
        if recreates && !is_cleared(cluster, sets) {
            clear(cluster, deployment, sets);
            return false;
        }
        create_set(cluster, deployment, sets);
        return true;
    };
    if recreates {
        if is_cleared(cluster, sets) {
            scale(cluster, deployment, new, object::number(deployment, "/spec/replicas"));
        } else {
            clear(cluster, deployment, sets);
        }
    } else if !raise_new(cluster, deployment, sets, new) {
        lower_old(cluster, deployment, sets, new);
    }
    false
}

fn set_name(deployment: &Value) -> String {
    format!("{}-{}", object::name(deployment), template_hash(&deployment["spec"]["template"]))
}

fn revision(object: &Value) -> i64 {
    object::text(object, REVISION).parse().unwrap_or_default()
}

/// The Pods that may be there at most.
fn most(deployment: &Value) -> i64 {
    object::number(deployment, "/spec/replicas") + bounds(deployment).0
}

/// `maxSurge` and `maxUnavailable` as numbers; both zero would stand still.
pub(super) fn bounds(deployment: &Value) -> (i64, i64) {
    let replicas = object::number(deployment, "/spec/replicas");
    let number = |field: &str, round_up: bool| match &deployment["spec"]["strategy"]["rollingUpdate"][field] {
        Value::String(percent) => {
            let percent: i64 = percent.trim_end_matches('%').parse().unwrap_or_default();
            (replicas * percent + if round_up { 99 } else { 0 }) / 100
        }
        number => number.as_i64().unwrap_or_default(),
    };
    match (number("maxSurge", true), number("maxUnavailable", false)) {
        (0, 0) => (0, 1),
        bounds => bounds,
    }
}

fn create_set(cluster: &mut Cluster, deployment: &Value, sets: &Sets) {
    let (replicas, revision) = (object::number(deployment, "/spec/replicas"), sets.last_revision() + 1);
    let room = (most(deployment) - sets.sum("/spec/replicas")).max(0);
    let hash = template_hash(&deployment["spec"]["template"]);
    let mut set = json!({
        "metadata": {
            "name": set_name(deployment),
            "namespace": object::namespace(deployment),
            "labels": deployment["spec"]["template"]["metadata"]["labels"],
            "annotations": deployment["metadata"]["annotations"],
            "ownerReferences": [controller_reference(deployment)],
        },
        "spec": {
            "replicas": replicas.min(room),
            "selector": deployment["spec"]["selector"],
            "template": deployment["spec"]["template"],
        },
    });
    for labels in ["/metadata/labels", "/spec/selector/matchLabels", "/spec/template/metadata/labels"] {
        object::set(&mut set, &format!("{labels}/{HASH_LABEL}"), json!(hash));
    }
    object::set(&mut set, REVISION, json!(revision.to_string()));
    let Ok(set) = cluster.create_by_controller(&REPLICA_SET, set) else { return };
    let name = object::name(&set);
    let mut next = deployment.clone();
    object::set(&mut next, REVISION, json!(revision.to_string()));
    let message = format!("Created new replica set {name:?}");
    rollout::set_progress(&mut next, "True", "NewReplicaSetCreated", &message, &cluster.time());
    cluster.update_by_controller(&DEPLOYMENT, deployment, next, (CONTROLLERS, "status"));
    if replicas.min(room) > 0 {
        say_scaled(cluster, deployment, name, 0, replicas.min(room));
    }
}

fn scale(cluster: &mut Cluster, deployment: &Value, set: &Value, replicas: i64) {
    let before = object::number(set, "/spec/replicas");
    let mut next = set.clone();
    next["spec"]["replicas"] = json!(replicas);
    cluster.update_by_controller(&REPLICA_SET, set, next, (CONTROLLERS, ""));
    if before != replicas {
        say_scaled(cluster, deployment, object::name(set), before, replicas);
    }
}

fn say_scaled(cluster: &mut Cluster, deployment: &Value, set: &str, before: i64, after: i64) {
    let direction = if after > before { "up" } else { "down" };
    let message = format!("Scaled {direction} replica set {set} from {before} to {after}");
    events::say(cluster, deployment, ("Normal", "ScalingReplicaSet"), &message, COMPONENT);
}

/// Brings the new ReplicaSet up as far as there is room; whether it was scaled.
fn raise_new(cluster: &mut Cluster, deployment: &Value, sets: &Sets, new: &Value) -> bool {
    let (wanted, has) = (object::number(deployment, "/spec/replicas"), object::number(new, "/spec/replicas"));
    let room = (most(deployment) - sets.sum("/spec/replicas")).max(0);
    let target = if has > wanted { wanted } else { has + room.min(wanted - has) };
    scale(cluster, deployment, new, target);
    target != has
}

/// Takes down of the old ReplicaSets what may be missing: first what does not run anyway.
fn lower_old(cluster: &mut Cluster, deployment: &Value, sets: &Sets, new: &Value) {
    let least = object::number(deployment, "/spec/replicas") - bounds(deployment).1;
    let new_missing =
        object::number(new, "/spec/replicas") - object::number(new, "/status/availableReplicas");
    let mut spare = sets.sum("/spec/replicas") - least - new_missing;
    let mut available_spare = sets.sum("/status/availableReplicas") - least;
    for set in &sets.old {
        let has = object::number(set, "/spec/replicas");
        let available = object::number(set, "/status/availableReplicas");
        let broken = (has - available).clamp(0, spare.max(0));
        let running = (has - broken).min(available_spare).min(spare - broken).max(0);
        if broken + running > 0 {
            scale(cluster, deployment, set, has - broken - running);
            spare -= broken + running;
            available_spare -= running;
        }
    }
}

fn clear(cluster: &mut Cluster, deployment: &Value, sets: &Sets) {
    for set in sets.old.iter().filter(|set| object::number(set, "/spec/replicas") > 0) {
        scale(cluster, deployment, set, 0);
    }
}

/// Whether no Pod of an old revision is left.
fn is_cleared(cluster: &Cluster, sets: &Sets) -> bool {
    sets.sum_of_old("/spec/replicas") == 0
        && sets.old.iter().all(|set| controlled(cluster, &POD, set).is_empty())
}
