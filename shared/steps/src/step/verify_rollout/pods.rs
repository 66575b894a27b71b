//! Which container holds a rollout up, and why.

use super::readiness::Readiness;
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

/// How long a reason that may pass by itself is waited for.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// Looks for the container that holds the rollout up. A reason that does not pass by itself is a failure.
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
    let mut told = None;
    let planned = images(part);
    for pod in found.iter().filter(|pod| !objects::is_ending(pod) && is_planned(pod, &planned)) {
        for status in containers(pod) {
            match judge(pod, status, age) {
                Some(Readiness::Failed(why)) => return Ok(Some(Readiness::Failed(why))),
                Some(waits) => told = Some(waits),
                None => {}
            }
        }
    }
    Ok(told)
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

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let of = |field: &str| pod["status"][field].as_array().into_iter().flatten();
    of("initContainerStatuses").chain(of("containerStatuses"))
}

/// What a container's state means (`ContainerStateWaiting`, Kubernetes API reference `v1`).
fn judge(pod: &Value, status: &Value, age: SignedDuration) -> Option<Readiness> {
    let waiting = &status["state"]["waiting"];
    let reason = waiting["reason"].as_str()?;
    let (container, image) =
        (status["name"].as_str().unwrap_or_default(), status["image"].as_str().unwrap_or_default());
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let message = waiting["message"].as_str().unwrap_or_default();
    let why = sentence::container_waits(name, container, image, reason, message);
    let for_good = match reason {
        "InvalidImageName" | "CreateContainerConfigError" | "ErrImageNeverPull" => true,
        "ImagePullBackOff" => age > GRACE,
        "CrashLoopBackOff" => status["restartCount"].as_u64().unwrap_or(0) >= 3 || age > GRACE,
        _ => false,
    };
    let told = matches!(reason, "ImagePullBackOff" | "ErrImagePull" | "CrashLoopBackOff");
    match (for_good, told) {
        (true, _) => Some(Readiness::Failed(why)),
        (false, true) => Some(Readiness::Waits(why)),
        (false, false) => None,
    }
}
