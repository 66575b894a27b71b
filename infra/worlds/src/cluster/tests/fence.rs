//! The fence: what the cluster itself refuses of Roadstead's writes.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::given::{MARK, account, apply, environment, fenced, marked, unfenced};
use super::{APPLY, Bench, JSON, MERGE};

#[test]
fn the_fence_refuses_what_is_late_and_what_is_not_marked() {
    let mut bench = fenced();
    environment(&mut bench);
    assert_eq!(apply(&mut bench, "n", Some(3)), 201);
    assert_eq!(apply(&mut bench, "n", None), 403);
    assert_eq!(apply(&mut bench, "n", Some(2)), 403);
    let raise = json!({ "metadata": { "annotations": { "roadstead.dev/generation": "4" } } });
    assert_eq!(bench.ask("roadstead", "PATCH", "/api/v1/namespaces/n", MERGE, raise).status, 200);
    assert_eq!(apply(&mut bench, "n", Some(3)), 403);
    assert_eq!(apply(&mut bench, "n", Some(4)), 200);
    assert_eq!(apply(&mut bench, "n", Some(5)), 200);
}

#[test]
fn the_fence_keeps_marks_apart() {
    let mut bench = fenced();
    environment(&mut bench);
    let path = "/api/v1/namespaces/n/serviceaccounts/c?fieldManager=roadstead&force=true";
    let other = marked(account(None), "here/shop/pr-2", 3);
    let refused = bench.ask("roadstead", "PATCH", path, APPLY, other);
    assert_eq!((refused.status, &refused.body["reason"]), (403, &json!("Forbidden")));
    bench.post("/api/v1/namespaces/n/serviceaccounts", account(None));
    assert_eq!(apply(&mut bench, "n", Some(3)), 403);
    let mut namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "n" } });
    for (mark, generation, status) in [("here/shop/pr-2", 4, 403), (MARK, 2, 403), (MARK, 4, 200)] {
        namespace = marked(namespace, mark, generation);
        let path = "/api/v1/namespaces/n?fieldManager=roadstead&force=true";
        assert_eq!(bench.ask("roadstead", "PATCH", path, APPLY, namespace.clone()).status, status);
    }
    bench.post(
        "/api/v1/namespaces",
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "m" } }),
    );
    let theirs = bench.ask("roadstead", "DELETE", "/api/v1/namespaces/m", JSON, Value::Null);
    assert_eq!(theirs.status, 403);
}

#[test]
fn the_fence_lets_only_marked_objects_be_deleted() {
    let mut bench = fenced();
    environment(&mut bench);
    bench.wait(SignedDuration::from_secs(1));
    let path = "/api/v1/namespaces/n/serviceaccounts";
    let delete = |bench: &mut Bench, name: &str| {
        bench.ask("roadstead", "DELETE", &format!("{path}/{name}"), JSON, Value::Null).status
    };
    assert_eq!(delete(&mut bench, "default"), 403);
    assert_eq!(apply(&mut bench, "n", Some(3)), 201);
    assert_eq!(delete(&mut bench, "c"), 200);
}

#[test]
fn the_fence_does_not_concern_controllers_nor_others() {
    let mut bench = fenced();
    environment(&mut bench);
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "d" },
        "spec": {
            "selector": { "matchLabels": { "app": "d" } },
            "template": {
                "metadata": { "labels": { "app": "d" } },
                "spec": { "containers": [{ "name": "c", "image": "a:1" }] },
            },
        },
    });
    let deployments = "/apis/apps/v1/namespaces/n/deployments";
    let reply = bench.ask("roadstead", "POST", deployments, JSON, marked(deployment, MARK, 3));
    assert_eq!(reply.status, 201);
    bench.wait(SignedDuration::from_secs(1));
    let status = bench.get(&format!("{deployments}/d")).body["status"].clone();
    assert_eq!(status["availableReplicas"], 1);
    bench.post("/api/v1/namespaces/n/serviceaccounts", account(None));
}

#[test]
fn without_policy_and_binding_there_is_no_fence() {
    let mut bench = unfenced();
    environment(&mut bench);
    assert_eq!(apply(&mut bench, "n", None), 201);
}
