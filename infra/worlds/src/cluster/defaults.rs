//! The fields that a server fills in where a request leaves them out.

use serde_json::{Value, json};

use super::kinds::Kind;
use super::{object, pod_defaults as pods};

/// Fills in the defaults of `object`'s kind.
pub(super) fn fill(kind: &Kind, object: &mut Value) {
    match kind.kind {
        "Namespace" => namespace(object),
        "Secret" => object::set_default(object, "/type", json!("Opaque")),
        "Service" => service(object),
        "PersistentVolumeClaim" => claim(object),
        "Pod" => pods::pod(object),
        "Deployment" => deployment(object),
        "ReplicaSet" => replica_set(object),
        "Ingress" => object::set_default(object, "/status", json!({ "loadBalancer": {} })),
        _ => {}
    }
    if kind.status {
        object::set_default(object, "/status", json!({}));
    }
}

pub(super) fn each(object: &mut Value, defaults: &[(&str, Value)]) {
    for (pointer, value) in defaults {
        object::set_default(object, pointer, value.clone());
    }
}

fn namespace(namespace: &mut Value) {
    let name = object::name(namespace).to_owned();
    object::set(namespace, "/metadata/labels/kubernetes.io~1metadata.name", json!(name));
    each(
        namespace,
        &[("/spec", json!({ "finalizers": ["kubernetes"] })), ("/status", json!({ "phase": "Active" }))],
    );
}

fn service(service: &mut Value) {
    let port_defaults = |port: &mut Value| {
        object::set_default(port, "/protocol", json!("TCP"));
        let number = port["port"].clone();
        object::set_default(port, "/targetPort", number);
    };
    object::items_mut(service, "/spec/ports").iter_mut().for_each(port_defaults);
    each(
        service,
        &[
            ("/spec/type", json!("ClusterIP")),
            ("/spec/sessionAffinity", json!("None")),
            ("/spec/ipFamilies", json!(["IPv4"])),
            ("/spec/ipFamilyPolicy", json!("SingleStack")),
            ("/spec/internalTrafficPolicy", json!("Cluster")),
            ("/status", json!({ "loadBalancer": {} })),
        ],
    );
}

fn claim(claim: &mut Value) {
    object::set_default(claim, "/spec/volumeMode", json!("Filesystem"));
    object::set_default(claim, "/status", json!({ "phase": "Pending" }));
}

fn deployment(deployment: &mut Value) {
    pods::pod_spec(deployment, "/spec/template/spec");
    each(
        deployment,
        &[
            ("/spec/replicas", json!(1)),
            ("/spec/strategy/type", json!("RollingUpdate")),
            ("/spec/revisionHistoryLimit", json!(10)),
            ("/spec/progressDeadlineSeconds", json!(600)),
        ],
    );
    if object::text(deployment, "/spec/strategy/type") == "RollingUpdate" {
        object::set_default(deployment, "/spec/strategy/rollingUpdate/maxUnavailable", json!("25%"));
        object::set_default(deployment, "/spec/strategy/rollingUpdate/maxSurge", json!("25%"));
    }
}

fn replica_set(set: &mut Value) {
    pods::pod_spec(set, "/spec/template/spec");
    each(set, &[("/spec/replicas", json!(1)), ("/status", json!({ "replicas": 0 }))]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::kinds::{DEPLOYMENT, Kind};

    fn filled(kind: &Kind, mut object: Value) -> Value {
        fill(kind, &mut object);
        object
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let deployment =
            filled(&DEPLOYMENT, json!({ "spec": { "replicas": 0, "strategy": { "type": "Recreate" } } }));
        assert_eq!(deployment["spec"]["replicas"], 0);
        assert_eq!(deployment["spec"]["strategy"], json!({ "type": "Recreate" }));
    }
}
