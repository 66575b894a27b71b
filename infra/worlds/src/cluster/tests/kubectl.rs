//! What kubectl asks for beside the objects themselves: tables, published schemas, validation.

use serde_json::{Value, json};

use super::{APPLY, Bench, JSON, MERGE};

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "d", "namespace": "default" },
        "spec": {
            "selector": { "matchLabels": { "app": "d" } },
            "template": {
                "metadata": { "labels": { "app": "d" } },
                "spec": { "containers": [{ "name": "c", "image": "a:1" }] },
            },
        },
    })
}

/// The names of the columns, and the cells of the first row.
fn table(bench: &mut Bench, path: &str) -> Vec<(String, Value)> {
    let table = bench.send("admin", "GET", path, (JSON, TABLE), b"").body;
    let columns = table["columnDefinitions"].as_array().unwrap();
    let names = columns.iter().map(|column| column["name"].as_str().unwrap().to_owned());
    names.zip(table["rows"][0]["cells"].as_array().unwrap().iter().cloned()).collect()
}

#[test]
fn kinds_have_their_columns() {
    let mut bench = Bench::new();
    bench.post(DEPLOYMENTS, deployment());
    let pods = table(&mut bench, "/api/v1/namespaces/default/pods");
    let shown = |name: &str| pods.iter().find(|(column, _)| column == name).map(|(_, cell)| cell.clone());
    assert_eq!(shown("Ready"), Some(json!("1/1")));
    assert_eq!(shown("Status"), Some(json!("Running")));
    assert_eq!(shown("Restarts"), Some(json!(0)));
    assert_eq!(shown("Node"), Some(json!("node-1")));
    assert_eq!(shown("Readiness Gates"), Some(json!("<none>")));
    let events =
        table(&mut bench, "/api/v1/namespaces/default/events?fieldSelector=reason%3DScalingReplicaSet");
    assert_eq!(events[3], ("Object".to_owned(), json!("deployment/d")));
    let accounts = table(&mut bench, "/api/v1/namespaces/default/serviceaccounts");
    assert_eq!(accounts[0], ("Name".to_owned(), json!("default")));
}

#[test]
fn a_table_to_sort_holds_whole_objects() {
    let mut bench = Bench::new();
    let kind = |bench: &mut Bench, query: &str| {
        let path = format!("/api/v1/namespaces/default/configmaps{query}");
        bench.send("admin", "GET", &path, (JSON, TABLE), b"").body["rows"][0]["object"]["kind"].clone()
    };
    assert_eq!(kind(&mut bench, ""), "PartialObjectMetadata");
    assert_eq!(kind(&mut bench, "?includeObject=Object"), "ConfigMap");
}

#[test]
fn every_served_kind_says_that_the_server_validates_it() {
    let mut bench = Bench::new();
    let index = bench.get("/openapi/v3").body;
    let mut kinds = 0;
    for (_, document) in index["paths"].as_object().unwrap() {
        let document = bench.get(document["serverRelativeURL"].as_str().unwrap()).body;
        for (path, methods) in document["paths"].as_object().unwrap() {
            assert_eq!(methods["patch"]["parameters"][0]["name"], "fieldValidation", "{path}");
            kinds += 1;
        }
    }
    assert_eq!(kinds, crate::cluster::kinds::KINDS.len());
}

#[test]
fn unknown_fields_are_named_where_they_are() {
    let mut bench = Bench::new();
    let mut wrong = deployment();
    wrong["spec"]["wrong"] = json!(1);
    wrong["spec"]["template"]["spec"]["containers"][0]["unknown"] = json!(1);
    let (one, two) = ("spec.template.spec.containers[0].unknown", "spec.wrong");
    let path = format!("{DEPLOYMENTS}/d?fieldManager=kubectl&fieldValidation=Strict");
    let reply = bench.ask("admin", "PATCH", &path, APPLY, wrong.clone());
    let why = "errors:\n  .spec.template.spec.containers[name=\"c\"].unknown: field not declared in schema\n  \
               .spec.wrong: field not declared in schema";
    assert_eq!(reply.status, 500);
    assert!(reply.body["message"].as_str().unwrap().ends_with(why), "{}", reply.body);
    let strict = format!("{DEPLOYMENTS}?fieldValidation=Strict");
    let reply = bench.ask("admin", "POST", &strict, JSON, wrong.clone());
    let why = format!("strict decoding error: unknown field \"{one}\", unknown field \"{two}\"");
    assert_eq!(reply.status, 400);
    assert!(reply.body["message"].as_str().unwrap().ends_with(&why), "{}", reply.body);
    bench.post(DEPLOYMENTS, wrong);
    let patch = json!({ "spec": { "wrong": 1, "replicas": 1 } });
    for (query, status) in [("?fieldValidation=Strict", 400), ("", 200)] {
        let path = format!("{DEPLOYMENTS}/d{query}");
        assert_eq!(bench.ask("admin", "PATCH", &path, MERGE, patch.clone()).status, status);
    }
    let spec = bench.get(&format!("{DEPLOYMENTS}/d")).body["spec"].clone();
    assert!(spec.get("wrong").is_none());
    assert!(spec["template"]["spec"]["containers"][0].get("unknown").is_none());
}

#[test]
fn a_field_that_is_there_twice_is_refused_where_that_is_asked_for() {
    let body = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1","a":"2"}}"#;
    for (query, status) in [("?fieldValidation=Strict", 400), ("", 201)] {
        let path = format!("/api/v1/namespaces/default/configmaps{query}");
        let reply = Bench::new().send("admin", "POST", &path, (JSON, JSON), body.as_bytes());
        assert_eq!(reply.status, status, "{}", reply.body);
    }
}

#[test]
fn what_is_not_in_the_model_is_refused_plainly() {
    let mut bench = Bench::new();
    bench.post(DEPLOYMENTS, deployment());
    let one = format!("{DEPLOYMENTS}/d");
    let orphan = bench.ask("admin", "DELETE", &one, JSON, json!({ "propagationPolicy": "Orphan" }));
    assert_eq!((orphan.status, bench.get(&one).status), (501, 200));
    assert_eq!(bench.ask("admin", "PUT", &one, JSON, deployment()).status, 405);
    let protobuf = "application/vnd.kubernetes.protobuf";
    assert_eq!(bench.send("admin", "POST", "/api/v1/namespaces", (protobuf, JSON), b"k8s").status, 415);
    let streamed = "/api/v1/namespaces?watch=true&sendInitialEvents=true";
    assert_eq!(bench.get(streamed).status, 422);
    let mut expression = deployment();
    expression["metadata"]["name"] = json!("e");
    expression["spec"]["selector"]["matchExpressions"] = json!([{ "key": "app", "operator": "Exists" }]);
    assert_eq!(bench.ask("admin", "POST", DEPLOYMENTS, JSON, expression).status, 422);
}
