//! The rules that Roadstead rests on: rights, watches, what a cluster does by itself.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::given::{RIGHTS, apply, binding, environment, fenced, unfenced};
use super::{Bench, JSON, MERGE};
use crate::cluster::Cluster;

fn config_map() -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "c" }, "data": { "a": "1" } })
}

#[test]
fn a_token_that_nobody_has_is_refused() {
    let mut bench = Bench::new();
    assert_eq!(bench.ask("stranger", "GET", "/api/v1/namespaces", JSON, Value::Null).status, 401);
}

#[test]
fn rights_begin_with_the_binding_to_the_one_role() {
    let mut bench = unfenced();
    bench.post(
        "/api/v1/namespaces",
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "n" } }),
    );
    assert_eq!(apply(&mut bench, "n", None), 403);
    let refused = bench.ask("roadstead", "POST", RIGHTS, JSON, binding("cluster-admin"));
    assert_eq!((refused.status, &refused.body["reason"]), (403, &json!("Forbidden")));
    assert_eq!(apply(&mut bench, "n", None), 403);
    assert_eq!(bench.ask("roadstead", "POST", RIGHTS, JSON, binding("roadstead-environment")).status, 201);
    assert_eq!(apply(&mut bench, "n", None), 201);
    assert_eq!(apply(&mut bench, "default", None), 403);
    let secrets = "/api/v1/namespaces/default/secrets";
    assert_eq!(bench.ask("roadstead", "GET", secrets, JSON, Value::Null).status, 403);
    assert_eq!(bench.ask("roadstead", "GET", "/api/v1/secrets", JSON, Value::Null).status, 403);
    for (path, status) in
        [("secrets", 403), ("secrets/s", 403), ("configmaps/c", 403), ("pods", 200), ("services/s", 404)]
    {
        let path = format!("/api/v1/namespaces/n/{path}");
        assert_eq!(bench.ask("roadstead", "GET", &path, JSON, Value::Null).status, status, "{path}");
    }
}

#[test]
fn images_are_pulled_once_the_registry_has_them() {
    let mut bench = Bench::new();
    bench.cluster.set_images(Some(BTreeSet::new()));
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p" },
        "spec": { "containers": [{ "name": "c", "image": "shop/web:main@sha256:1" }] },
    });
    bench.post("/api/v1/namespaces/default/pods", pod);
    let reason = "/status/containerStatuses/0/state/waiting/reason";
    let path = "/api/v1/namespaces/default/pods/p";
    assert_eq!(bench.get(path).body.pointer(reason), Some(&json!("ImagePullBackOff")));
    bench.cluster.set_images(Some(BTreeSet::from(["shop/web@sha256:1".to_owned()])));
    let pod = bench.get(path).body;
    assert_eq!(pod["status"]["phase"], "Running");
    assert_eq!(pod["status"]["conditions"][3]["status"], "True");
}

#[test]
fn what_is_owned_goes_with_its_owner() {
    let mut bench = Bench::new();
    bench.post("/api/v1/namespaces/default/configmaps", config_map());
    let owner = bench.get("/api/v1/namespaces/default/configmaps/c").body;
    let reference =
        json!([{ "apiVersion": "v1", "kind": "ConfigMap", "name": "c", "uid": owner["metadata"]["uid"] }]);
    let owned = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s", "ownerReferences": reference } });
    bench.post("/api/v1/namespaces/default/secrets", owned);
    assert_eq!(bench.get("/api/v1/namespaces/default/secrets/s").status, 200);
    let path = "/api/v1/namespaces/default/configmaps/c";
    assert_eq!(bench.ask("admin", "DELETE", path, JSON, Value::Null).status, 200);
    assert_eq!(bench.get("/api/v1/namespaces/default/secrets/s").status, 404);
}

#[test]
fn a_watch_tells_what_enters_and_leaves_its_selection() {
    let mut bench = Bench::new();
    let path = "/api/v1/namespaces/default/configmaps";
    let mut watch = bench.watch(&format!("{path}?watch=true&labelSelector=part%3Da"));
    let mut label = |bench: &mut Bench, part: &str| {
        let patch = json!({ "metadata": { "labels": { "part": part } } });
        assert_eq!(bench.ask("admin", "PATCH", &format!("{path}/c"), MERGE, patch).status, 200);
        let events = bench.cluster.events(&mut watch);
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    bench.post(path, config_map());
    assert_eq!(label(&mut bench, "a"), ["ADDED"]);
    assert_eq!(label(&mut bench, "a"), Vec::<String>::new());
    assert_eq!(label(&mut bench, "b"), ["DELETED"]);
}

#[test]
fn a_watch_from_a_forgotten_version_is_told_so_and_ends() {
    let mut bench = Bench::new();
    let stored = serde_json::to_string(&bench.cluster).unwrap();
    bench.cluster = serde_json::from_str::<Cluster>(&stored).unwrap();
    let mut watch = bench.watch("/api/v1/namespaces?watch=true&resourceVersion=1");
    let events = bench.cluster.events(&mut watch);
    assert_eq!((&events[0]["type"], &events[0]["object"]["code"]), (&json!("ERROR"), &json!(410)));
    assert!(watch.is_over());
}

#[test]
fn the_same_requests_give_the_same_cluster() {
    let run = || {
        let mut bench = unfenced();
        environment(&mut bench);
        apply(&mut bench, "n", Some(3));
        bench.wait(SignedDuration::from_secs(60));
        serde_json::to_string(&bench.cluster).unwrap()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_namespace_at_rest_waits_for_nothing() {
    let mut bench = fenced();
    environment(&mut bench);
    bench.wait(SignedDuration::from_secs(1));
    assert_eq!(bench.cluster.next_event(), None);
    assert_eq!(bench.ask("roadstead", "DELETE", "/api/v1/namespaces/n", JSON, Value::Null).status, 200);
    bench.wait(SignedDuration::ZERO);
    let swept = bench.now.checked_add(SignedDuration::from_secs(5)).unwrap();
    assert_eq!(bench.cluster.next_event(), Some(swept));
    bench.wait(SignedDuration::from_secs(5));
    assert!(bench.cluster.objects().all(|object| object["metadata"]["namespace"] != "n"));
    assert_eq!(bench.get("/api/v1/namespaces/n").status, 404);
}

#[test]
fn bodies_are_read_up_to_their_limit() {
    const LIMIT: usize = 3 * 1024 * 1024;
    let mut bench = Bench::new();
    let path = "/api/v1/namespaces/default/configmaps";
    for (size, status) in [(LIMIT, 400), (LIMIT + 1, 413)] {
        assert_eq!(bench.send("admin", "POST", path, (JSON, JSON), &vec![b'x'; size]).status, status);
    }
}

#[test]
fn what_is_outside_the_closed_list_is_refused() {
    let mut bench = Bench::new();
    for (method, path, media, status) in [
        ("GET", "/apis/apps/v1/namespaces/default/statefulsets", JSON, 404),
        ("GET", "/apis/batch/v1", JSON, 404),
        ("GET", "/api/v1/namespaces/default/pods/p/log", JSON, 404),
        ("GET", "/api/v1/nodes", JSON, 404),
        ("GET", "/openapi/v2", JSON, 404),
        ("POST", "/api/v1/namespaces/default", JSON, 405),
        ("PATCH", "/api/v1/namespaces/default", "application/strategic-merge-patch+json", 415),
        ("PATCH", "/api/v1/namespaces/default", "application/json-patch+json", 415),
    ] {
        assert_eq!(bench.ask("admin", method, path, media, Value::Null).status, status, "{method} {path}");
    }
}
