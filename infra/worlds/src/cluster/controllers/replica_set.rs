//! ReplicaSets: as many Pods of a template as asked for.

use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{self, count, length};
use super::{all, events};
use crate::cluster::deletion::Dependents;
use crate::cluster::kinds::{POD, REPLICA_SET};
use crate::cluster::refusal::Refusal;
use crate::cluster::settings::CONTROLLERS;
use crate::cluster::{Cluster, object};

const COMPONENT: &str = "replicaset-controller";

pub(super) fn step(cluster: &mut Cluster, namespace: &str) {
    for set in all(cluster, &REPLICA_SET, namespace) {
        let pods = pods::controlled(cluster, &POD, &set);
        let failure = if object::is_ending(&set) { None } else { manage(cluster, &set, &pods) };
        let mut next = Value::clone(&set);
        next["status"] = status(cluster, &set, &pods, failure.as_deref());
        cluster.update_by_controller(&REPLICA_SET, &set, next, (CONTROLLERS, "status"));
    }
}

/// Makes or ends Pods; returns why one could not be made.
fn manage(cluster: &mut Cluster, set: &Value, pods: &[Arc<Value>]) -> Option<String> {
    let mut active: Vec<&Arc<Value>> = pods.iter().filter(|pod| pods::is_active(pod)).collect();
    let wanted = object::number(set, "/spec/replicas");
    active.sort_by(|one, two| pods::by_worth(one, two));
    let surplus = usize::try_from(length(&active) - wanted).unwrap_or_default();
    for pod in active.iter().take(surplus) {
        cluster.end(&POD, pod, Dependents::Background, None);
    }
    for _ in length(&active)..wanted {
        if let Err(refusal) = create(cluster, set) {
            let message = format!("Error creating: {}", refusal.message);
            events::say(cluster, set, ("Warning", "FailedCreate"), &message, COMPONENT);
            return Some(refusal.message);
        }
    }
    None
}

fn create(cluster: &mut Cluster, set: &Value) -> Result<(), Refusal> {
    let (prefix, name) = pods::free_name(cluster, set);
    let mut pod = pods::from_template(set, &name);
    object::set(&mut pod, "/metadata/generateName", json!(prefix));
    cluster.create_by_controller(&POD, pod)?;
    let message = format!("Created pod: {name}");
    events::say(cluster, set, ("Normal", "SuccessfulCreate"), &message, COMPONENT);
    Ok(())
}

fn status(cluster: &Cluster, set: &Value, pods: &[Arc<Value>], failure: Option<&str>) -> Value {
    let active = pods.iter().filter(|pod| pods::is_active(pod)).count();
    let ready = pods.iter().filter(|pod| pods::is_active(pod) && pods::is_ready(pod)).count();
    let ending = pods.iter().filter(|pod| object::is_ending(pod)).count();
    let mut status = json!({
        "replicas": active,
        "terminatingReplicas": ending,
        "observedGeneration": set["metadata"]["generation"],
    });
    for (field, number) in
        [("fullyLabeledReplicas", active), ("readyReplicas", ready), ("availableReplicas", ready)]
    {
        count(&mut status, field, i64::try_from(number).unwrap_or(i64::MAX));
    }
    if let Some(message) = failure {
        let known = object::condition(set, "ReplicaFailure", "lastTransitionTime");
        let time = if known.is_empty() { cluster.time() } else { known.to_owned() };
        status["conditions"] = json!([{
            "type": "ReplicaFailure",
            "status": "True",
            "lastTransitionTime": time,
            "reason": "FailedCreate",
            "message": message,
        }]);
    }
    status
}
