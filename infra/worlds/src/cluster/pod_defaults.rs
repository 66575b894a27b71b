//! The defaults of Pods and of the Pod templates of workloads.

use serde_json::{Value, json};

use super::defaults::each;
use super::object;

pub(super) fn pod(pod: &mut Value) {
    pod_spec(pod, "/spec");
    each(pod, &[("/spec/enableServiceLinks", json!(true)), ("/status/phase", json!("Pending"))]);
}

/// What admission gives every Pod beyond its defaults: nobody owns these fields.
pub(super) fn admitted_pod(pod: &mut Value) {
    object::set_default(pod, "/spec/serviceAccountName", json!("default"));
    let account = pod["spec"]["serviceAccountName"].clone();
    object::set_default(pod, "/spec/serviceAccount", account);
}

pub(super) fn pod_spec(object: &mut Value, at: &str) {
    for list in ["containers", "initContainers"] {
        object::items_mut(object, &format!("{at}/{list}")).iter_mut().for_each(container);
    }
    object::items_mut(object, &format!("{at}/volumes")).iter_mut().for_each(volume);
    for (field, value) in [
        ("restartPolicy", json!("Always")),
        ("terminationGracePeriodSeconds", json!(30)),
        ("dnsPolicy", json!("ClusterFirst")),
        ("securityContext", json!({})),
        ("schedulerName", json!("default-scheduler")),
    ] {
        object::set_default(object, &format!("{at}/{field}"), value);
    }
    let account = object::text(object, &format!("{at}/serviceAccountName")).to_owned();
    if !account.is_empty() {
        object::set_default(object, &format!("{at}/serviceAccount"), json!(account));
    }
}

fn container(container: &mut Value) {
    for port in object::items_mut(container, "/ports") {
        object::set_default(port, "/protocol", json!("TCP"));
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = container.get_mut(probe) {
            self::probe(probe);
        }
    }
    each(
        container,
        &[
            ("/resources", json!({})),
            ("/terminationMessagePath", json!("/dev/termination-log")),
            ("/terminationMessagePolicy", json!("File")),
        ],
    );
    requests_from_limits(container);
    let policy = if is_latest(object::text(container, "/image")) { "Always" } else { "IfNotPresent" };
    object::set_default(container, "/imagePullPolicy", json!(policy));
}

fn probe(probe: &mut Value) {
    each(
        probe,
        &[
            ("/timeoutSeconds", json!(1)),
            ("/periodSeconds", json!(10)),
            ("/successThreshold", json!(1)),
            ("/failureThreshold", json!(3)),
        ],
    );
    if probe.get("httpGet").is_some() {
        each(probe, &[("/httpGet/scheme", json!("HTTP")), ("/httpGet/path", json!("/"))]);
    }
}

fn requests_from_limits(container: &mut Value) {
    let limits: Vec<(String, Value)> = container
        .pointer("/resources/limits")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(resource, limit)| (resource.clone(), limit.clone()))
        .collect();
    for (resource, limit) in limits {
        object::set_default(
            container,
            &format!("/resources/requests/{}", resource.replace('/', "~1")),
            limit,
        );
    }
}

fn is_latest(image: &str) -> bool {
    let last = image.rsplit('/').next().unwrap_or_default();
    !last.contains('@') && last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn volume(volume: &mut Value) {
    for source in ["secret", "configMap", "projected", "downwardAPI"] {
        if volume.get(source).is_some() {
            object::set_default(volume, &format!("/{source}/defaultMode"), json!(0o644));
        }
    }
    if volume.get("hostPath").is_some() {
        object::set_default(volume, "/hostPath/type", json!(""));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tag_latest_is_pulled_always() {
        for (image, latest) in
            [("a", true), ("h:5/a", true), ("a:latest", true), ("a:1", false), ("h:5/a@sha256:1", false)]
        {
            assert_eq!(is_latest(image), latest, "{image}");
        }
    }
}
