//! The namespace and what guards it: rights, quota, defaults, network, and an account without rights.

use super::{
    amounts::Amount,
    mark::INCARNATION_ANNOTATION,
    network,
    rules::{LIMIT_RANGE, NAMESPACE, RESOURCE_QUOTA, ROLE_BINDING, SERVICE_ACCOUNT},
    scene::Scene,
};
use serde_json::{Value, json};

/// The ClusterRole, installed with the cluster, of what Roadstead may do in an environment; also its binding's name.
pub const ENVIRONMENT_ROLE: &str = "roadstead-environment";
/// The user that Roadstead is to a cluster.
pub const USER: &str = "roadstead";
/// The account that workloads run as.
pub(super) const WORKLOAD_ACCOUNT: &str = "workload";
/// What the quota and the defaults are called.
const GUARD: &str = "environment";
/// How many claims of storage an environment may have.
const CLAIM_LIMIT: &str = "20";
/// How much storage an environment may claim.
const STORAGE_LIMIT: &str = "100Gi";

/// All guards, in the order in which they are applied: whatever comes later meets them.
pub(super) fn render(scene: &Scene<'_>) -> Vec<Value> {
    let mut guards =
        vec![namespace(scene), own_binding(&scene.namespace), resource_quota(scene), limit_range(scene)];
    guards.extend(network::render(scene));
    guards.push(service_account(scene));
    guards
}

/// Privileged pods are refused; what the strictest standard would refuse is told in a warning, because Score has no
/// word for the user that an image runs as.
fn namespace(scene: &Scene<'_>) -> Value {
    json!({
        "apiVersion": NAMESPACE.api_version,
        "kind": NAMESPACE.kind,
        "metadata": {
            "name": scene.namespace,
            "labels": {
                "pod-security.kubernetes.io/enforce": "baseline",
                "pod-security.kubernetes.io/warn": "restricted",
            },
            "annotations": {INCARNATION_ANNOTATION: scene.incarnation.to_string()},
        },
    })
}

/// Our right in one namespace.
pub fn own_binding(namespace: &str) -> Value {
    let group = "rbac.authorization.k8s.io";
    json!({
        "apiVersion": ROLE_BINDING.api_version,
        "kind": ROLE_BINDING.kind,
        "metadata": {"name": ENVIRONMENT_ROLE, "namespace": namespace},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": ENVIRONMENT_ROLE},
        "subjects": [{"apiGroup": group, "kind": "User", "name": USER}],
    })
}

fn resource_quota(scene: &Scene<'_>) -> Value {
    let quota = &scene.kind.quota;
    let hard = json!({
        "requests.cpu": quota.cpu,
        "requests.memory": quota.memory,
        "pods": quota.pods.to_string(),
        "persistentvolumeclaims": CLAIM_LIMIT,
        "requests.storage": STORAGE_LIMIT,
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    });
    scene.object(RESOURCE_QUOTA, GUARD, json!({"spec": {"hard": hard}}))
}

fn limit_range(scene: &Scene<'_>) -> Value {
    let amount = Amount::default_of(&scene.kind.quota);
    let limit = json!({
        "type": "Container",
        "default": amount.limits(),
        "defaultRequest": amount.requests(),
        "max": {"memory": scene.kind.quota.memory},
    });
    scene.object(LIMIT_RANGE, GUARD, json!({"spec": {"limits": [limit]}}))
}

fn service_account(scene: &Scene<'_>) -> Value {
    scene.object(SERVICE_ACCOUNT, WORKLOAD_ACCOUNT, json!({"automountServiceAccountToken": false}))
}
