//! What watches see of a rollout: first, with a new image, with one that cannot be pulled, and at its end.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{APPLY, Bench, JSON};
use crate::cluster::{Settings, Watch};

const NAMESPACE: &str = "/api/v1/namespaces";
const HERE: &str = "/apis/apps/v1/namespaces/n";

fn recorded() -> Value {
    serde_json::from_str(include_str!("../../../recordings/kubernetes-1.36.2/rollouts-watched.json")).unwrap()
}

/// A cluster whose nodes are as fast as those of the recording.
fn bench() -> Bench {
    let mut settings = Settings::new(1);
    settings.ready_after = SignedDuration::from_millis(200);
    settings.stopped_after = SignedDuration::from_millis(50);
    let mut bench = Bench::with(settings);
    bench.post(NAMESPACE, json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "n" } }));
    bench.cluster.set_missing_images(BTreeSet::from(["missing".to_owned()]));
    bench.wait(SignedDuration::from_secs(1));
    bench
}

fn deployment(image: &str, more: Value) -> Value {
    let image = format!("registry.example/{image}");
    let mut deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "roll", "labels": { "app": "roll" } },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": "roll" } },
            "template": {
                "metadata": { "labels": { "app": "roll" } },
                "spec": { "containers": [{ "name": "main", "image": image }] },
            },
        },
    });
    for (field, value) in more.as_object().unwrap() {
        deployment["spec"][field] = value.clone();
    }
    deployment
}

fn apply(bench: &mut Bench, deployment: Value) {
    let path = format!("{HERE}/deployments/roll?fieldManager=roadstead");
    let reply = bench.ask("admin", "PATCH", &path, APPLY, deployment);
    assert!(reply.status < 300, "{}", reply.body);
}

/// Time passes, as it did while this was recorded.
fn pass(bench: &mut Bench) {
    for _ in 0..500 {
        bench.wait(SignedDuration::from_millis(10));
    }
}

fn watches(bench: &mut Bench) -> [Watch; 3] {
    let version = bench.cluster.store.version();
    [
        "/apis/apps/v1/namespaces/n/deployments",
        "/apis/apps/v1/namespaces/n/replicasets",
        "/api/v1/namespaces/n/pods",
    ]
    .map(|path| bench.watch(&format!("{path}?watch=true&resourceVersion={version}")))
}

/// What is compared of an event: its type, and the status with its conditions as a set.
fn summary(kind: &Value, object: &Value) -> String {
    let mut status = object["status"].clone();
    let conditions: BTreeSet<String> = status["conditions"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|condition| format!("{}={}:{}", condition["type"], condition["status"], condition["reason"]))
        .collect();
    for container in status["containerStatuses"].as_array_mut().into_iter().flatten() {
        container["state"]["running"] = json!(container["state"].get("running").is_some());
        container["image"].take();
        container["imageID"].take();
    }
    let status = status.as_object_mut().unwrap();
    for field in ["conditions", "startTime", "podIP", "podIPs", "qosClass"] {
        status.remove(field);
    }
    let fields: BTreeSet<String> = status.iter().map(|(field, value)| format!("{field}={value}")).collect();
    format!("{kind} {fields:?} {conditions:?}")
}

/// Nothing is seen that a real watch did not see, and it begins and ends the same. The one Deployment is also seen
/// in the same order; of several objects that change at the same moment the order is a matter of luck.
fn check(phase: &str, bench: &mut Bench, watches: [Watch; 3]) {
    let recorded = recorded();
    for (kind, mut watch) in ["deployments", "replicasets", "pods"].into_iter().zip(watches) {
        let theirs = recorded[phase][kind].as_array().unwrap();
        let theirs: Vec<String> =
            theirs.iter().map(|event| summary(&event["type"], &event["object"])).collect();
        let events = bench.cluster.events(&mut watch);
        let ours: Vec<String> =
            events.iter().map(|event| summary(&event["type"], &event["object"])).collect();
        let shown = format!("{phase}: {kind}\n{}\n-- recorded\n{}", ours.join("\n"), theirs.join("\n"));
        if phase == "deleted" {
            // How many Pods are gone at each moment is a matter of luck too.
            assert_eq!(ends(&ours), ends(&theirs), "{shown}");
            continue;
        }
        assert_eq!((ours.first(), ours.last()), (theirs.first(), theirs.last()), "{shown}");
        assert!(ours.iter().all(|event| theirs.contains(event)), "{shown}");
        let mut rest = theirs.iter();
        let in_order = ours.iter().all(|event| rest.any(|recorded| recorded == event));
        assert!(in_order || kind != "deployments", "{shown}");
    }
}

/// The last word about every object.
fn ends(events: &[String]) -> Vec<&String> {
    let mut ends: Vec<&String> = events.iter().filter(|event| event.starts_with("\"DELETED")).collect();
    ends.sort();
    ends
}

#[test]
fn rollouts_as_they_were_watched() {
    let mut bench = bench();
    let image = |number: u8| format!("shop/web@sha256:{}", number.to_string().repeat(64));

    let watching = watches(&mut bench);
    apply(&mut bench, deployment(&image(1), json!({})));
    pass(&mut bench);
    check("first rollout", &mut bench, watching);

    let watching = watches(&mut bench);
    apply(&mut bench, deployment(&image(2), json!({})));
    pass(&mut bench);
    check("new image", &mut bench, watching);

    let watching = watches(&mut bench);
    let missing = format!("missing@sha256:{}", "3".repeat(64));
    apply(&mut bench, deployment(&missing, json!({ "progressDeadlineSeconds": 3 })));
    pass(&mut bench);
    check("image that cannot be pulled, progressDeadlineSeconds 3", &mut bench, watching);

    let watching = watches(&mut bench);
    let path = format!("{HERE}/deployments/roll");
    let reply = bench.ask("admin", "DELETE", &path, JSON, json!({ "propagationPolicy": "Foreground" }));
    assert_eq!(reply.status, 200);
    pass(&mut bench);
    check("deleted", &mut bench, watching);
}
