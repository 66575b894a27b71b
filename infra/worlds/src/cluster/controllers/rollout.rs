//! How a Deployment reports its rollout: counts, conditions, and the progress deadline.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::after;
use super::deployment::{Sets, bounds};
use super::pods::count;
use crate::cluster::kinds::DEPLOYMENT;
use crate::cluster::settings::CONTROLLERS;
use crate::cluster::{Cluster, object};

const PROGRESSING: &str = "Progressing";
const COMPLETE: &str = "NewReplicaSetAvailable";
const TIMED_OUT: &str = "ProgressDeadlineExceeded";

/// Writes the status that its ReplicaSets give a Deployment.
pub(super) fn report(cluster: &mut Cluster, deployment: &Value, sets: &Sets, stands_still: bool) {
    let time = cluster.time();
    let mut next = deployment.clone();
    next["status"] = counts(deployment, sets);
    object::copy(deployment, &mut next, "/status/conditions");
    report_availability(&mut next, sets, &time);
    if !stands_still {
        report_progress(cluster, deployment, &mut next, sets, &time);
        report_failure(&mut next, sets, &time);
    }
    cluster.update_by_controller(&DEPLOYMENT, deployment, next, (CONTROLLERS, "status"));
}

/// Whether everything asked for was reported as running.
fn is_complete(deployment: &Value) -> bool {
    let wanted = object::number(deployment, "/spec/replicas");
    let all = ["replicas", "updatedReplicas", "availableReplicas"];
    all.iter().all(|field| object::number(deployment, &format!("/status/{field}")) == wanted)
        && object::number(deployment, "/status/observedGeneration")
            >= object::number(deployment, "/metadata/generation")
}

/// When a rollout that makes no progress has failed.
pub(super) fn deadline(deployment: &Value) -> Option<Timestamp> {
    let seconds = object::number(deployment, "/spec/progressDeadlineSeconds");
    let waits = object::condition(deployment, PROGRESSING, "status") == "True"
        && object::condition(deployment, PROGRESSING, "reason") != COMPLETE;
    // Its time is noted in whole seconds, so it is over one later.
    let span = SignedDuration::from_secs(seconds + 1);
    let at = after(object::condition(deployment, PROGRESSING, "lastUpdateTime"), span);
    at.filter(|_| waits)
}

/// Notes how a rollout goes on; the time of it starts the deadline again.
pub(super) fn set_progress(deployment: &mut Value, status: &str, reason: &str, message: &str, time: &str) {
    set_condition(deployment, (PROGRESSING, status, reason), message, time);
}

fn counts(deployment: &Value, sets: &Sets) -> Value {
    let available = sets.sum("/status/availableReplicas");
    let updated = sets.new.as_ref().map_or(0, |set| object::number(set, "/status/replicas"));
    let mut status = json!({
        "observedGeneration": deployment["metadata"]["generation"],
        "terminatingReplicas": sets.sum("/status/terminatingReplicas"),
    });
    count(&mut status, "replicas", sets.sum("/status/replicas"));
    count(&mut status, "updatedReplicas", updated);
    count(&mut status, "readyReplicas", sets.sum("/status/readyReplicas"));
    count(&mut status, "availableReplicas", available);
    count(&mut status, "unavailableReplicas", (sets.sum("/spec/replicas") - available).max(0));
    status
}

fn report_availability(deployment: &mut Value, sets: &Sets, time: &str) {
    let least = object::number(deployment, "/spec/replicas") - bounds(deployment).1;
    let (status, reason, message) = if sets.sum("/status/availableReplicas") >= least {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    if object::condition(deployment, "Available", "reason") != reason {
        set_condition(deployment, ("Available", status, reason), message, time);
    }
}

fn report_progress(cluster: &Cluster, before: &Value, deployment: &mut Value, sets: &Sets, time: &str) {
    let reason = object::condition(before, PROGRESSING, "reason").to_owned();
    let number = |deployment: &Value, field: &str| object::number(deployment, &format!("/status/{field}"));
    let stays_complete =
        number(deployment, "replicas") == number(deployment, "updatedReplicas") && reason == COMPLETE;
    if stays_complete {
        return;
    }
    let set = sets.new.as_ref().map(|set| object::name(set)).unwrap_or_default();
    let of_old = |deployment: &Value| number(deployment, "replicas") - number(deployment, "updatedReplicas");
    let more = |field: &str| number(deployment, field) > number(before, field);
    if is_complete(deployment) {
        if reason != COMPLETE {
            let message = format!("ReplicaSet {set:?} has successfully progressed.");
            set_progress(deployment, "True", COMPLETE, &message, time);
        }
    } else if more("updatedReplicas")
        || of_old(deployment) < of_old(before)
        || more("readyReplicas")
        || more("availableReplicas")
    {
        let message = format!("ReplicaSet {set:?} is progressing.");
        set_progress(deployment, "True", "ReplicaSetUpdated", &message, time);
    } else if deadline(before).is_some_and(|at| at <= cluster.now) {
        let message = format!("ReplicaSet {set:?} has timed out progressing.");
        set_progress(deployment, "False", TIMED_OUT, &message, time);
    }
}

/// Shows why a ReplicaSet could not make its Pods.
fn report_failure(deployment: &mut Value, sets: &Sets, time: &str) {
    const FAILURE: &str = "ReplicaFailure";
    let failing = sets.all().find(|set| object::condition(set, FAILURE, "status") == "True");
    let Some(set) = failing else {
        let others =
            object::without(deployment, "/status/conditions", |condition| condition["type"] == FAILURE);
        object::set(deployment, "/status/conditions", Value::Array(others));
        return;
    };
    let (reason, message) =
        (object::condition(set, FAILURE, "reason"), object::condition(set, FAILURE, "message"));
    if object::condition(deployment, FAILURE, "reason") != reason {
        set_condition(deployment, (FAILURE, "True", reason), message, time);
    }
}

/// Sets a condition, at the end of the list; the time of its last transition stays while its status does.
fn set_condition(
    deployment: &mut Value,
    (kind, status, reason): (&str, &str, &str),
    message: &str,
    time: &str,
) {
    let same = object::condition(deployment, kind, "status") == status;
    let known = object::condition(deployment, kind, "lastTransitionTime").to_owned();
    let mut conditions =
        object::without(deployment, "/status/conditions", |condition| condition["type"] == kind);
    conditions.push(json!({
        "type": kind,
        "status": status,
        "lastUpdateTime": time,
        "lastTransitionTime": if same { known.as_str() } else { time },
        "reason": reason,
        "message": message,
    }));
    object::set(deployment, "/status/conditions", Value::Array(conditions));
}
