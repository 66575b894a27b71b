//! Which pod holds a rollout up, and why.

use super::{container, readiness::Readiness};
use crate::{
    nouns::{Cluster, cluster::Kind},
    step::objects,
};
use jiff::SignedDuration;
use roadstead_domain::{
    plan::{Part, mark},
    refusal::Refusal,
    sentence,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// How long a pod may wait for a machine before people are told.
const UNSCHEDULED_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// Looks for the pod that holds the rollout up. A reason that does not pass by itself is a failure; of all reasons the worst
/// is told.
pub(super) async fn look(
    cluster: &dyn Cluster,
    namespace: &str,
    part: &Part,
    age: SignedDuration,
) -> Result<Option<Readiness>, Refusal> {
    let pods = Kind {
        api_version: "v1".to_owned(),
        kind: "Pod".to_owned(),
        plural: "pods".to_owned(),
        namespaced: true,
    };
    let label = format!("{}={}", mark::MANAGED_BY_LABEL, mark::MANAGER);
    let found = cluster.list(&pods, Some(namespace), &label).await?;
    let planned = images(part);
    let ours = found.iter().filter(|pod| !objects::is_ending(pod) && is_planned(pod, &planned));
    Ok(ours.flat_map(|pod| of_pod(pod, age)).reduce(Readiness::worse))
}

/// The images that the plan runs.
fn images(part: &Part) -> BTreeSet<&str> {
    let containers = part
        .manifests
        .iter()
        .filter_map(|manifest| manifest["spec"]["template"]["spec"]["containers"].as_array());
    containers.flatten().filter_map(|container| container["image"].as_str()).collect()
}

/// Whether a pod is of this plan, and not one that is still to be replaced.
fn is_planned(pod: &Value, planned: &BTreeSet<&str>) -> bool {
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    containers.filter_map(|container| container["image"].as_str()).all(|image| planned.contains(image))
}

/// Everything that holds one pod up.
fn of_pod(pod: &Value, age: SignedDuration) -> Vec<Readiness> {
    let of = |field: &str| pod["status"][field].as_array().into_iter().flatten();
    let statuses = of("initContainerStatuses").chain(of("containerStatuses"));
    let containers = statuses.filter_map(|status| container::judge(pod, status, age));
    containers.chain(unscheduled(pod, age)).collect()
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
    (age >= UNSCHEDULED_AFTER).then(|| Readiness::Held(sentence::unschedulable(name, message)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pod_that_no_machine_takes_is_told_after_some_seconds() {
        let message = "0/3 nodes are available: 3 Insufficient memory.";
        let condition = json!({ "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message });
        let pod = json!({ "metadata": { "name": "web-1" }, "status": { "conditions": [condition] } });
        assert_eq!(of_pod(&pod, UNSCHEDULED_AFTER - SignedDuration::from_millis(1)), []);
        let told = Readiness::Held(sentence::unschedulable("web-1", message));
        assert_eq!(of_pod(&pod, UNSCHEDULED_AFTER), [told]);
    }
}
