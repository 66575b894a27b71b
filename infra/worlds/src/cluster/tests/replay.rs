//! Every recorded request, sent to the model: the same status, reason, causes and effect.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::normal::normal;
use super::recorded::{NAMESPACE, Replay, exchanges, slow, sorted};
use super::{APPLY, Bench, JSON};
use crate::cluster::Settings;

#[test]
fn apply_and_ownership() {
    let mut replay = Replay::new("apply", slow());
    for exchange in exchanges(include_str!("../../../recordings/kubernetes-1.36.2/apply-and-ownership.json"))
    {
        if exchange["note"] == "merge patch by hand" {
            replay.bench.wait(SignedDuration::from_secs(2));
        }
        let before = replay.bench.cluster.store.version();
        replay.step(&exchange);
        if exchange["note"].as_str().unwrap().starts_with("the same again") {
            assert_eq!(replay.bench.cluster.store.version(), before);
        }
    }
}

#[test]
fn preconditions_and_deletion() {
    let mut replay = Replay::new("preconditions", Settings::new(1));
    for exchange in
        exchanges(include_str!("../../../recordings/kubernetes-1.36.2/preconditions-and-deletion.json"))
    {
        if exchange["note"].as_str().unwrap().starts_with("apply with a uid where nothing is") {
            // It was deleted in between, which the recording leaves out.
            let path = format!("/api/v1/namespaces/{NAMESPACE}/configmaps/f");
            assert_eq!(replay.bench.ask("admin", "DELETE", &path, JSON, Value::Null).status, 200);
        }
        replay.step(&exchange);
    }
}

#[test]
fn managed_fields() {
    let mut replay = Replay::new("managed-fields", Settings::new(1));
    for exchange in exchanges(include_str!("../../../recordings/kubernetes-1.36.2/managed-fields.json")) {
        replay.step(&exchange);
    }
}

#[test]
fn refusals() {
    let mut replay = Replay::new("refusals", slow());
    let applied = exchanges(include_str!("../../../recordings/kubernetes-1.36.2/apply-and-ownership.json"));
    replay.step(&applied[0]);
    let here = format!("/api/v1/namespaces/{NAMESPACE}");
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "v" },
        "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "2Gi" } } },
    });
    let claims = format!("{here}/persistentvolumeclaims/v?fieldManager=roadstead");
    assert_eq!(replay.bench.ask("admin", "PATCH", &claims, APPLY, claim).status, 201);
    for exchange in exchanges(include_str!("../../../recordings/kubernetes-1.36.2/refusals.json")) {
        replay.step(&exchange);
    }
}

#[test]
fn quota_limits_and_pod_security() {
    let mut replay = Replay::new("quota", Settings::new(1));
    let namespace = |name: &str, labels: Value| json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels } });
    let secured = json!({ "pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/warn": "restricted" });
    replay.bench.post("/api/v1/namespaces", namespace("quota-1795192645", json!({})));
    replay.bench.post("/api/v1/namespaces", namespace("psa-1795192645", secured));
    // The recorded distribution puts a second certificate authority into every namespace.
    let authority = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "openshift-service-ca.crt" } });
    replay.bench.post("/api/v1/namespaces/quota-1795192645/configmaps", authority);
    for exchange in
        exchanges(include_str!("../../../recordings/kubernetes-1.36.2/quota-limits-pod-security.json"))
    {
        if exchange["request"]["path"].as_str().unwrap().ends_with("/events") {
            says_why(&mut replay.bench, &exchange);
            continue;
        }
        replay.step(&exchange);
        if exchange["note"] == "limit range gives defaults" {
            replay.bench.wait(SignedDuration::from_secs(1));
            let second = &exchanges(include_str!(
                "../../../recordings/kubernetes-1.36.2/quota-limits-pod-security.json"
            ))[4];
            let second = second["request"]["body"].to_string().replace("\"w\"", "\"w2\"");
            let mut second: Value = serde_json::from_str(&second).unwrap();
            second["spec"]["replicas"] = json!(2);
            let path = "/apis/apps/v1/namespaces/quota-1795192645/deployments/w2?fieldManager=roadstead";
            assert_eq!(replay.bench.ask("admin", "PATCH", path, APPLY, second).status, 201);
        }
    }
}

/// The recorded warnings come from the model too; how often they are repeated depends on the moment.
fn says_why(bench: &mut Bench, exchange: &Value) {
    let reply = bench.get(exchange["request"]["path"].as_str().unwrap());
    let said = |list: &Value| {
        let mut said: Vec<String> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|event| event["type"] == "Warning")
            .map(|event| {
                format!("{} {} {}", event["involvedObject"]["kind"], event["reason"], event["source"])
            })
            .collect();
        said.sort();
        said.dedup();
        said
    };
    assert_eq!(said(&reply.body), said(&exchange["response"]["body"]));
}

#[test]
fn lists() {
    let mut replay = Replay::new("lists", Settings::new(1));
    let applied = exchanges(include_str!("../../../recordings/kubernetes-1.36.2/apply-and-ownership.json"));
    for exchange in &applied[..1] {
        replay.step(exchange);
    }
    let here = format!("/api/v1/namespaces/{NAMESPACE}/configmaps");
    let own = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "openshift-service-ca.crt" } });
    replay.bench.post(&here, own);
    replay.bench.post(
        &here,
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "g" }, "data": { "a": "1" } }),
    );
    for number in 0..5 {
        let part = if number % 2 == 0 { "b" } else { "a" };
        let name = format!("n{number}");
        let body = json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": name, "labels": { "part": part } }, "data": { "a": "1" },
        });
        let reply =
            replay.bench.ask("admin", "PATCH", &format!("{here}/{name}?fieldManager=roadstead"), APPLY, body);
        assert_eq!(reply.status, 201);
    }
    for exchange in exchanges(include_str!("../../../recordings/kubernetes-1.36.2/lists.json")) {
        if exchange["note"].as_str().unwrap().starts_with("as a table") {
            is_a_table(&mut replay.bench, &exchange);
        } else {
            replay.step(&exchange);
        }
    }
}

/// Column names and cells, but for the age and what the Deployment went through before it was listed.
fn is_a_table(bench: &mut Bench, exchange: &Value) {
    let path = exchange["request"]["path"].as_str().unwrap();
    let accept = exchange["request"]["accept"].as_str().unwrap();
    let ours = bench.send("admin", "GET", path, (JSON, accept), b"").body;
    let theirs = &exchange["response"]["body"];
    let columns = |table: &Value| -> Vec<(Value, Value)> {
        let columns = table["columnDefinitions"].as_array().unwrap();
        columns.iter().map(|column| (column["name"].clone(), column["priority"].clone())).collect()
    };
    let cells = |table: &Value| {
        let mut cells = table["rows"][0]["cells"].as_array().unwrap().clone();
        cells.remove(4);
        cells
    };
    assert_eq!(columns(&ours), columns(theirs));
    assert_eq!(cells(&ours), cells(theirs));
    assert_eq!(ours["rows"][0]["object"]["kind"], "PartialObjectMetadata");
}

#[test]
fn discovery() {
    let mut bench = Bench::new();
    for exchange in exchanges(include_str!("../../../recordings/kubernetes-1.36.2/discovery.json")) {
        let path = exchange["request"]["path"].as_str().unwrap();
        let reply = bench.get(path);
        assert_eq!(reply.status, 200, "{path}");
        let theirs = &exchange["response"]["body"];
        match path {
            "/version" => assert_eq!(reply.body["gitVersion"], theirs["gitVersion"]),
            "/apis" => assert_eq!(group_names(&reply.body), group_names(theirs)),
            _ if theirs.get("resources").is_some() => {
                assert_eq!(resources(&reply.body), resources(theirs), "{path}")
            }
            _ => assert_eq!(normal(&reply.body), normal(theirs), "{path}"),
        }
    }
}

fn group_names(list: &Value) -> Vec<String> {
    let mut names: Vec<String> =
        list["groups"].as_array().unwrap().iter().map(|group| group["name"].to_string()).collect();
    names.sort();
    names
}

/// The resources by name; nothing is replaced (`update`) in the model.
fn resources(list: &Value) -> BTreeMap<String, Value> {
    let mut resources = BTreeMap::new();
    for resource in list["resources"].as_array().unwrap() {
        let mut resource = normal(resource);
        resource["verbs"].as_array_mut().unwrap().retain(|verb| verb != "update");
        resources.insert(resource["name"].to_string(), sorted(&resource));
    }
    resources
}

#[test]
fn namespace_end() {
    let mut replay = Replay::new("namespace-end", Settings::new(1));
    let namespace = "end-1795192645";
    replay.bench.post(
        "/api/v1/namespaces",
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace } }),
    );
    let held = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "held", "finalizers": ["example.com/hold"] } });
    replay.bench.post(&format!("/api/v1/namespaces/{namespace}/configmaps"), held);
    let mut watch = replay
        .bench
        .watch(&format!("/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3D{namespace}"));
    replay.bench.cluster.events(&mut watch);
    let exchanges = exchanges(include_str!("../../../recordings/kubernetes-1.36.2/namespace-end.json"));
    old_watch(&mut replay.bench, &exchanges[0]);
    for exchange in &exchanges[1..8] {
        if exchange["note"] == "gone" {
            replay.bench.wait(SignedDuration::from_secs(5));
        }
        replay.step(exchange);
    }
    let recorded: Vec<(Value, Value)> =
        summary(exchanges[8]["events"].as_array().unwrap().iter().map(|event| &event["event"]));
    let seen = replay.bench.cluster.events(&mut watch);
    assert_eq!(summary(seen.iter()), recorded);
}

fn summary<'a>(events: impl Iterator<Item = &'a Value>) -> Vec<(Value, Value)> {
    let shown = events.filter(|event| event["type"] != "BOOKMARK");
    shown.map(|event| (event["type"].clone(), normal(&event["object"]["status"]))).collect()
}

/// A watch from an old version, whose history is still there, starts with what has happened since.
fn old_watch(bench: &mut Bench, exchange: &Value) {
    let reply = bench.get(exchange["request"]["path"].as_str().unwrap());
    let first: Value = serde_json::from_str(reply.body.as_str().unwrap().lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["type"], &first["object"]["metadata"]["name"]),
        (&json!("ADDED"), &json!("kube-root-ca.crt"))
    );
}
