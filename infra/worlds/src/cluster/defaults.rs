//! The fields that a server fills in where a request leaves them out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::kinds::Kind;
use super::{object, pod_defaults as pods};

/// Fills in the defaults of `object`'s kind.
pub(super) fn fill(kind: &Kind, object: &mut Value) {
    match kind.kind {
        "Namespace" => namespace(object),
        "Secret" => secret(object),
        "Service" => service(object),
        "PersistentVolumeClaim" => claim(object),
        "Pod" => pods::pod(object),
        "Deployment" => deployment(object),
        "StatefulSet" => stateful_set(object),
        "ReplicaSet" => replica_set(object),
        "Job" => job(object, ""),
        "CronJob" => cron_job(object),
        "Ingress" => object::set_default(object, "/status", json!({ "loadBalancer": {} })),
        "NetworkPolicy" => network_policy(object),
        "HorizontalPodAutoscaler" => object::set_default(object, "/spec/minReplicas", json!(1)),
        "RoleBinding" => role_binding(object),
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

fn secret(secret: &mut Value) {
    let plain: Vec<(String, String)> = object::entries(secret, "/stringData")
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    object::remove(secret, "/stringData");
    for (key, value) in plain {
        secret["data"][key] = json!(STANDARD.encode(value));
    }
    object::set_default(secret, "/type", json!("Opaque"));
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
    if object::text(service, "/spec/type") == "LoadBalancer" {
        object::set_default(service, "/spec/allocateLoadBalancerNodePorts", json!(true));
        object::set_default(service, "/spec/externalTrafficPolicy", json!("Cluster"));
    }
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

fn stateful_set(set: &mut Value) {
    pods::pod_spec(set, "/spec/template/spec");
    for template in object::items_mut(set, "/spec/volumeClaimTemplates") {
        each(template, &[("/apiVersion", json!("v1")), ("/kind", json!("PersistentVolumeClaim"))]);
        claim(template);
    }
    each(
        set,
        &[
            ("/spec/replicas", json!(1)),
            ("/spec/podManagementPolicy", json!("OrderedReady")),
            ("/spec/updateStrategy/type", json!("RollingUpdate")),
            ("/spec/revisionHistoryLimit", json!(10)),
            (
                "/spec/persistentVolumeClaimRetentionPolicy",
                json!({ "whenDeleted": "Retain", "whenScaled": "Retain" }),
            ),
            ("/status", json!({ "replicas": 0, "availableReplicas": 0 })),
        ],
    );
    if object::text(set, "/spec/updateStrategy/type") == "RollingUpdate" {
        object::set_default(set, "/spec/updateStrategy/rollingUpdate/partition", json!(0));
    }
}

fn replica_set(set: &mut Value) {
    pods::pod_spec(set, "/spec/template/spec");
    each(set, &[("/spec/replicas", json!(1)), ("/status", json!({ "replicas": 0 }))]);
}

fn job(job: &mut Value, at: &str) {
    pods::pod_spec(job, &format!("{at}/spec/template/spec"));
    for (field, value) in [
        ("parallelism", json!(1)),
        ("completions", json!(1)),
        ("backoffLimit", json!(6)),
        ("completionMode", json!("NonIndexed")),
        ("suspend", json!(false)),
        ("podReplacementPolicy", json!("TerminatingOrFailed")),
    ] {
        object::set_default(job, &format!("{at}/spec/{field}"), value);
    }
}

/// What only a Job of its own has: a selector of its uid, and the labels that it selects.
pub(super) fn job_selector(job: &mut Value) {
    let (name, uid) = (object::name(job).to_owned(), object::uid(job).to_owned());
    let labels = [
        ("batch.kubernetes.io~1controller-uid", &uid),
        ("batch.kubernetes.io~1job-name", &name),
        ("controller-uid", &uid),
        ("job-name", &name),
    ];
    for (label, value) in labels {
        object::set_default(job, &format!("/spec/template/metadata/labels/{label}"), json!(value));
    }
    object::set_default(
        job,
        "/spec/selector",
        json!({ "matchLabels": { "batch.kubernetes.io/controller-uid": uid } }),
    );
}

fn cron_job(cron_job: &mut Value) {
    pods::pod_spec(cron_job, "/spec/jobTemplate/spec/template/spec");
    each(
        cron_job,
        &[
            ("/spec/concurrencyPolicy", json!("Allow")),
            ("/spec/suspend", json!(false)),
            ("/spec/successfulJobsHistoryLimit", json!(3)),
            ("/spec/failedJobsHistoryLimit", json!(1)),
        ],
    );
}

fn network_policy(policy: &mut Value) {
    let types = if policy.pointer("/spec/egress").is_some() {
        json!(["Ingress", "Egress"])
    } else {
        json!(["Ingress"])
    };
    object::set_default(policy, "/spec/policyTypes", types);
}

fn role_binding(binding: &mut Value) {
    for subject in object::items_mut(binding, "/subjects") {
        if subject["kind"] != "ServiceAccount" {
            object::set_default(subject, "/apiGroup", json!("rbac.authorization.k8s.io"));
        }
    }
    object::set_default(binding, "/roleRef/apiGroup", json!("rbac.authorization.k8s.io"));
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
    fn plain_texts_of_a_secret_are_stored_encoded() {
        let secret = filled(
            Kind::served("", "v1", "secrets").unwrap(),
            json!({ "metadata": {}, "stringData": { "a": "b" } }),
        );
        assert_eq!(secret, json!({ "metadata": {}, "data": { "a": "Yg==" }, "type": "Opaque" }));
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let deployment =
            filled(&DEPLOYMENT, json!({ "spec": { "replicas": 0, "strategy": { "type": "Recreate" } } }));
        assert_eq!(deployment["spec"]["replicas"], 0);
        assert_eq!(deployment["spec"]["strategy"], json!({ "type": "Recreate" }));
    }
}
