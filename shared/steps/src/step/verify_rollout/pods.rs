//! Which pod holds a rollout up, and why.

use super::{
    container,
    readiness::{Finding, Moment, Readiness},
};
use crate::{
    nouns::{Cluster, cluster::Kind},
    step::objects,
};
use jiff::SignedDuration;
use roadstead_domain::{plan::mark, refusal::Refusal, sentence};
use serde_json::Value;

/// How long a pod may wait for a machine before people are told.
const UNSCHEDULED_AFTER: SignedDuration = SignedDuration::from_secs(5);
/// The label by which the Deployment controller tells the ReplicaSets of a Deployment apart (Kubernetes, Deployments).
const HASH_LABEL: &str = "pod-template-hash";

/// An object as the plan has it, and as it is.
pub(super) struct Applied<'a> {
    /// As the plan has it.
    pub(super) manifest: &'a Value,
    /// As it is.
    pub(super) object: Value,
}

/// Looks for the pod that holds the rollout up. A reason that does not pass by itself is a failure; of all reasons the worst
/// is told.
pub(super) async fn look(
    cluster: &dyn Cluster,
    namespace: &str,
    applied: &[Applied<'_>],
    moment: Moment,
) -> Result<Option<Readiness>, Refusal> {
    let label = format!("{}={}", mark::MANAGED_BY_LABEL, mark::MANAGER);
    let sets = kind("apps/v1", "ReplicaSet", "replicasets");
    let sets = cluster.list(&sets, Some(namespace), &label).await?;
    let pods = cluster.list(&kind("v1", "Pod", "pods"), Some(namespace), &label).await?;
    Ok(judge(applied, &sets, &pods, moment))
}

/// A kind that is read and never rendered.
fn kind(api_version: &str, kind: &str, plural: &str) -> Kind {
    Kind {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        namespaced: true,
    }
}

/// The worst of all that holds up the pods of what is rolled out, and not of what is still to be replaced.
fn judge(applied: &[Applied<'_>], sets: &[Value], pods: &[Value], moment: Moment) -> Option<Readiness> {
    let mut told = vec![];
    for Applied { manifest, object } in applied {
        let newest = sets.iter().filter(|set| is_newest(set, object));
        let ours = newest.flat_map(|set| pods.iter().filter(move |pod| is_controlled(pod, set)));
        let planned = planned(manifest);
        told.extend(
            ours.filter(|pod| !objects::is_ending(pod)).flat_map(|pod| of_pod(pod, &planned, moment)),
        );
    }
    told.into_iter().reduce(Readiness::worse)
}

/// Whether a ReplicaSet is the one of a Deployment as it is now: by its template, as the Deployment controller decides.
fn is_newest(set: &Value, deployment: &Value) -> bool {
    let mut template = set["spec"]["template"].clone();
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove(HASH_LABEL);
    }
    is_controlled(set, deployment) && template == deployment["spec"]["template"]
}

fn is_controlled(object: &Value, owner: &Value) -> bool {
    let mut owners = object["metadata"]["ownerReferences"].as_array().into_iter().flatten();
    owners.any(|reference| reference["controller"] == true && reference["uid"] == owner["metadata"]["uid"])
}

/// The names of the containers that the plan runs: others may put theirs beside them.
fn planned(manifest: &Value) -> Vec<&str> {
    let containers = manifest["spec"]["template"]["spec"]["containers"].as_array().into_iter().flatten();
    containers.filter_map(|container| container["name"].as_str()).collect()
}

/// Everything that holds one pod up.
fn of_pod(pod: &Value, planned: &[&str], moment: Moment) -> Vec<Readiness> {
    let of = |field: &str| pod["status"][field].as_array().into_iter().flatten();
    let statuses = of("initContainerStatuses").chain(of("containerStatuses"));
    let judged = statuses.filter_map(|status| {
        if planned.iter().any(|name| status["name"] == **name) {
            container::judge(pod, status, moment)
        } else {
            container::judge_foreign(pod, status)
        }
    });
    judged.chain(unscheduled(pod, moment.age)).collect()
}

/// A pod that no machine takes (`PodCondition`, Kubernetes API reference `v1`). Machines may be on their way.
fn unscheduled(pod: &Value, age: SignedDuration) -> Option<Readiness> {
    let conditions = pod["status"]["conditions"].as_array()?;
    let unscheduled = conditions.iter().find(|condition| {
        condition["type"] == "PodScheduled"
            && condition["status"] == "False"
            && condition["reason"] == "Unschedulable"
    });
    let message = unscheduled?["message"].as_str().unwrap_or_default();
    let name = objects::name_of(pod).unwrap_or_default();
    (age >= UNSCHEDULED_AFTER)
        .then(|| Finding::BlockedByCluster.because(sentence::unschedulable(name, message)))
}

#[cfg(test)]
mod tests;
