//! StatefulSets: Pods with numbers, made in order, each with its own volume claims.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{self, count, length};
use super::{all, events};
use crate::cluster::deletion::Dependents;
use crate::cluster::kinds::{CLAIM, POD, STATEFUL_SET};
use crate::cluster::refusal::Refusal;
use crate::cluster::settings::CONTROLLERS;
use crate::cluster::{Cluster, object};

const REVISION_LABEL: &str = "/metadata/labels/controller-revision-hash";
const COMPONENT: &str = "statefulset-controller";

pub(super) fn step(cluster: &mut Cluster, namespace: &str) {
    for set in all(cluster, &STATEFUL_SET, namespace) {
        let pods = by_number(&set, pods::controlled(cluster, &POD, &set));
        if !object::is_ending(&set) {
            manage(cluster, &set, &pods);
        }
        let mut next = Value::clone(&set);
        next["status"] = status(&set, &pods);
        cluster.update_by_controller(&STATEFUL_SET, &set, next, (CONTROLLERS, "status"));
    }
}

type Numbered = BTreeMap<i64, Arc<Value>>;

fn by_number(set: &Value, pods: Vec<Arc<Value>>) -> Numbered {
    let prefix = format!("{}-", object::name(set));
    let number = |pod: &Value| object::name(pod).strip_prefix(&prefix)?.parse().ok();
    pods.into_iter().filter_map(|pod| Some((number(&pod)?, pod))).collect()
}

fn revision(set: &Value) -> String {
    format!("{}-{}", object::name(set), pods::template_hash(&set["spec"]["template"]))
}

/// One move: a missing Pod is made, a surplus one ended, or one of an old revision; each waits for those before it.
fn manage(cluster: &mut Cluster, set: &Value, pods: &Numbered) {
    let wanted = object::number(set, "/spec/replicas");
    let in_order = object::text(set, "/spec/podManagementPolicy") != "Parallel";
    for number in 0..wanted {
        match pods.get(&number) {
            None => {
                create(cluster, set, number);
                if in_order {
                    return;
                }
            }
            Some(pod) if in_order && !is_current(pod) && is_of(set, pod) => return,
            Some(_) => {}
        }
    }
    if let Some((_, pod)) = pods.iter().next_back().filter(|(number, _)| **number >= wanted) {
        end(cluster, pod);
        return;
    }
    let rolls = object::text(set, "/spec/updateStrategy/type") == "RollingUpdate";
    let partition = object::number(set, "/spec/updateStrategy/rollingUpdate/partition");
    for (number, pod) in pods.iter().rev() {
        if rolls && *number >= partition && !is_of(set, pod) {
            end(cluster, pod);
            return;
        }
        if !is_current(pod) {
            return;
        }
    }
}

fn is_of(set: &Value, pod: &Value) -> bool {
    object::text(pod, REVISION_LABEL) == revision(set)
}

fn is_current(pod: &Value) -> bool {
    pods::is_active(pod) && pods::is_ready(pod)
}

fn end(cluster: &mut Cluster, pod: &Value) {
    if !object::is_ending(pod) {
        cluster.end(&POD, pod, Dependents::Background, None);
    }
}

fn create(cluster: &mut Cluster, set: &Value, number: i64) {
    if let Err(refusal) = create_all(cluster, set, number) {
        let name = object::name(set);
        let message =
            format!("create Pod {name}-{number} in StatefulSet {name} failed error: {}", refusal.message);
        events::say(cluster, set, ("Warning", "FailedCreate"), &message, COMPONENT);
    }
}

fn create_all(cluster: &mut Cluster, set: &Value, number: i64) -> Result<(), Refusal> {
    let name = format!("{}-{number}", object::name(set));
    let mut pod = pods::from_template(set, &name);
    object::set(&mut pod, REVISION_LABEL, json!(revision(set)));
    object::set(&mut pod, "/metadata/labels/statefulset.kubernetes.io~1pod-name", json!(name));
    object::set(&mut pod, "/metadata/labels/apps.kubernetes.io~1pod-index", json!(number.to_string()));
    object::set(&mut pod, "/spec/hostname", json!(name));
    let mut volumes = object::items(&pod, "/spec/volumes").to_vec();
    for template in object::items(set, "/spec/volumeClaimTemplates") {
        let claim = format!("{}-{name}", object::name(template));
        create_claim(cluster, set, template, &claim)?;
        let volume = object::name(template);
        volumes.push(json!({ "name": volume, "persistentVolumeClaim": { "claimName": claim } }));
    }
    if !volumes.is_empty() {
        object::set(&mut pod, "/spec/volumes", Value::Array(volumes));
    }
    cluster.create_by_controller(&POD, pod)?;
    Ok(())
}

fn create_claim(cluster: &mut Cluster, set: &Value, template: &Value, name: &str) -> Result<(), Refusal> {
    let namespace = object::namespace(set);
    if cluster.store.get(&CLAIM, namespace, name).is_some() {
        return Ok(());
    }
    let mut claim = json!({ "metadata": template["metadata"], "spec": template["spec"] });
    object::set(&mut claim, "/metadata/name", json!(name));
    object::set(&mut claim, "/metadata/namespace", json!(namespace));
    object::set_default(&mut claim, "/metadata/labels", set["spec"]["selector"]["matchLabels"].clone());
    cluster.create_by_controller(&CLAIM, claim)?;
    Ok(())
}

fn status(set: &Value, pods: &Numbered) -> Value {
    let active: Vec<&Arc<Value>> = pods.values().filter(|pod| pods::is_active(pod)).collect();
    let ready = active.iter().filter(|pod| pods::is_ready(pod)).count();
    let updated = active.iter().filter(|pod| is_of(set, pod)).count();
    let update = revision(set);
    let is_rolled = updated == active.len();
    let known = object::text(set, "/status/currentRevision");
    let current = if is_rolled || known.is_empty() { update.clone() } else { known.to_owned() };
    let of_current = active.iter().filter(|pod| object::text(pod, REVISION_LABEL) == current).count();
    let mut status = json!({
        "observedGeneration": set["metadata"]["generation"],
        "replicas": active.len(),
        "availableReplicas": ready,
        "currentRevision": current,
        "updateRevision": update,
        "collisionCount": 0,
    });
    for (field, number) in
        [("readyReplicas", ready), ("currentReplicas", of_current), ("updatedReplicas", updated)]
    {
        count(&mut status, field, length(&active).min(i64::try_from(number).unwrap_or_default()));
    }
    status
}
