//! The nodes: they take Pods, pull images, run containers, and end them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{all, pods};
use crate::cluster::kinds::POD;
use crate::cluster::settings::Settings;
use crate::cluster::{Cluster, object};

const NODE: &str = "node-1";
const MANAGER: &str = "kubelet";

pub(super) fn step(cluster: &mut Cluster, namespace: &str) {
    for pod in all(cluster, &POD, namespace) {
        if object::is_ending(&pod) {
            stop(cluster, &pod);
        } else if object::text(&pod, "/spec/nodeName").is_empty() {
            take(cluster, &pod);
        } else {
            run(cluster, &pod);
        }
    }
}

/// When a Pod of the namespace changes next.
pub(super) fn next(cluster: &Cluster, namespace: &str) -> Option<Timestamp> {
    let pods = cluster.store.list(&POD, Some(namespace));
    pods.filter_map(|pod| changes_at(cluster, pod)).filter(|at| *at > cluster.now).min()
}

fn changes_at(cluster: &Cluster, pod: &Value) -> Option<Timestamp> {
    let settings = &cluster.settings;
    let span = if object::is_ending(pod) {
        settings.stopped_after
    } else if object::text(pod, "/status/startTime").is_empty() {
        settings.ready_after
    } else {
        return None;
    };
    since(cluster, pod)?.checked_add(span).ok()
}

/// Since when the node has known a Pod as it is: as one to run, or as one to end.
fn since(cluster: &Cluster, pod: &Value) -> Option<Timestamp> {
    cluster.since.get(&key(pod)).copied()
}

fn key(pod: &Value) -> String {
    let uid = object::uid(pod);
    if object::is_ending(pod) { format!("{uid}/end") } else { uid.to_owned() }
}

fn is_over(cluster: &Cluster, pod: &Value, span: SignedDuration) -> bool {
    let at = since(cluster, pod).and_then(|since| since.checked_add(span).ok());
    at.is_none_or(|at| at <= cluster.now)
}

fn stop(cluster: &mut Cluster, pod: &Value) {
    cluster.since.entry(key(pod)).or_insert(cluster.now);
    let is_held = !object::items(pod, "/metadata/finalizers").is_empty();
    if is_held || !is_over(cluster, pod, cluster.settings.stopped_after) {
        return;
    }
    cluster.forget(&POD, pod);
}

fn take(cluster: &mut Cluster, pod: &Value) {
    cluster.since.insert(object::uid(pod).to_owned(), cluster.now);
    let mut next = pod.clone();
    object::set(&mut next, "/spec/nodeName", json!(NODE));
    object::set(&mut next, "/status/conditions", json!([condition("PodScheduled", true, &cluster.time())]));
    // A binding leaves no trace in the ownership of fields, nor does it count as a change of the spec.
    cluster.store.put(&POD, next);
}

fn run(cluster: &mut Cluster, pod: &Value) {
    if !is_over(cluster, pod, cluster.settings.ready_after) || !pods::is_active(pod) {
        return;
    }
    let time = cluster.time();
    let mut next = pod.clone();
    let starts = |container: &Value| cluster.settings.stands(container).is_none();
    if !object::items(pod, "/spec/containers").iter().all(starts) {
        wait(&mut next, &cluster.settings, &time);
    } else {
        start(&mut next, &time);
    }
    cluster.update_by_controller(&POD, pod, next, (MANAGER, "status"));
}

fn condition(kind: &str, holds: bool, time: &str) -> Value {
    let status = if holds { "True" } else { "False" };
    json!({ "type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": time })
}

fn start(pod: &mut Value, time: &str) {
    if pods::is_ready(pod) {
        return;
    }
    place(pod, "Running", true, time);
    set_containers(pod, |_| json!({ "state": { "running": { "startedAt": time } }, "ready": true }));
}

fn wait(pod: &mut Value, settings: &Settings, time: &str) {
    if !object::text(pod, "/status/startTime").is_empty() {
        return;
    }
    place(pod, "Pending", false, time);
    let creating = json!({ "state": { "waiting": { "reason": "ContainerCreating" } } });
    set_containers(pod, |container| settings.stands(container).unwrap_or_else(|| creating.clone()));
}

fn place(pod: &mut Value, phase: &str, ready: bool, time: &str) {
    let (one, two) = address(object::uid(pod));
    let address = format!("10.1.{one}.{two}");
    object::set(pod, "/status/phase", json!(phase));
    object::set_default(pod, "/status/podIP", json!(address));
    object::set_default(pod, "/status/podIPs", json!([{ "ip": address }]));
    object::set_default(pod, "/status/startTime", json!(time));
    let conditions = json!([
        condition("PodScheduled", true, time),
        condition("Initialized", ready, time),
        condition("ContainersReady", ready, time),
        condition("Ready", ready, time),
    ]);
    object::set(pod, "/status/conditions", conditions);
}

fn address(uid: &str) -> (u8, u8) {
    let byte = |at: usize| uid.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (byte(0).unwrap_or_default(), byte(2).unwrap_or_default().max(1))
}

fn set_containers(pod: &mut Value, stands: impl Fn(&Value) -> Value) {
    let statuses: Vec<Value> = object::items(pod, "/spec/containers")
        .iter()
        .map(|container| {
            let told = stands(container);
            let or = |field: &str, otherwise: Value| told.get(field).cloned().unwrap_or(otherwise);
            json!({
                "name": container["name"],
                "state": told["state"],
                "lastState": or("lastState", json!({})),
                "ready": or("ready", json!(false)),
                "restartCount": or("restartCount", json!(0)),
                "image": container["image"],
                "imageID": container["image"],
                "started": told["state"].get("running").is_some(),
            })
        })
        .collect();
    object::set(pod, "/status/containerStatuses", Value::Array(statuses));
}
