//! A team that made a namespace by hand, and what it does until Roadstead has taken that over.

use super::{
    A_WHILE,
    admin::deployment,
    calm,
    commands::{ADA, with_people},
    world::World,
};
use roadstead_domain::environment::Phase;
use roadstead_steps::nouns::Time as _;
use serde_json::{Value, json};
use std::sync::Arc;

pub const STAGING: &str = "shop/staging";
pub const MARK: &str = "demo/shop/staging";
pub const LIVE: &str = "shop-live";
pub const ADOPT: &str = "roadstead.dev/adopt";
pub const AGREED: &str = "roadstead.dev/adopt-difference";

/// Staging runs in one cluster, in a namespace that the team has already.
pub fn named(platform: String) -> String {
    with_people(platform)
        .replace("clusters: [main, second]", "clusters: [main]")
        .replace("branch: main }", "branch: main, namespace: shop-live }")
}

pub fn at(plural: &str, name: &str) -> String {
    match plural {
        "deployments" => deployment(LIVE, name),
        "networkpolicies" => format!("/apis/networking.k8s.io/v1/namespaces/{LIVE}/{plural}/{name}"),
        _ => format!("/api/v1/namespaces/{LIVE}/{plural}/{name}"),
    }
}

/// What the team runs: `web` behind a Service, and something that Roadstead knows nothing of.
pub fn by_hand(world: &World) {
    let labels = json!({ "app.kubernetes.io/name": "web", "team": "shop" });
    let container = json!({
        "name": "web", "image": "example.com/web@sha256:0000000000000000000000000000000000000000000000000000000000000001",
        "env": [{ "name": "PASSWORD", "value": "hunter1" }],
    });
    let web = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "web", "labels": { "app.kubernetes.io/managed-by": "Helm" } },
        "spec": {
            "replicas": 2, "selector": { "matchLabels": { "app.kubernetes.io/name": "web" } },
            "template": { "metadata": { "labels": labels }, "spec": { "containers": [container] } },
        },
    });
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web" },
        "spec": { "selector": { "app.kubernetes.io/name": "web" }, "ports": [{ "name": "www", "port": 80 }] },
    });
    let other = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "other" }, "data": { "a": "b" } });
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": LIVE, "labels": { "team": "shop" } } });
    world.admin("POST", "/api/v1/namespaces", &namespace);
    world.admin("POST", &at("deployments", ""), &web);
    world.admin("POST", &at("services", ""), &service);
    world.admin("POST", &at("configmaps", ""), &other);
}

/// `kubectl annotate`.
pub fn annotate(world: &World, address: &str, name: &str, value: &str) {
    world.admin("PATCH", address, &json!({ "metadata": { "annotations": { name: value } } }));
}

pub const NAMESPACE: &str = "/api/v1/namespaces/shop-live";

/// The team lets everything that is in the way be taken over.
pub fn let_adopt(world: &World) {
    annotate(world, NAMESPACE, ADOPT, MARK);
    annotate(world, &at("deployments", "web"), ADOPT, MARK);
    annotate(world, &at("services", "web"), ADOPT, MARK);
}

/// All that is in the namespace and the namespace itself, as its owners wrote it.
pub fn everything(world: &World) -> Vec<Value> {
    let mut cluster = world.cluster.lock().unwrap();
    cluster.advance(world.time.now());
    let within = |object: &&Value| {
        let metadata = &object["metadata"];
        metadata["namespace"] == LIVE || (object["kind"] == "Namespace" && metadata["name"] == LIVE)
    };
    cluster.objects().filter(within).cloned().collect()
}

pub fn names(world: &World) -> Vec<String> {
    let told = |object: &Value| {
        format!("{} {}", object["kind"].as_str().unwrap(), object["metadata"]["name"].as_str().unwrap())
    };
    let mut names: Vec<_> = everything(world).iter().map(told).collect();
    names
        .retain(|name| !["Pod", "Repl", "Even", "ConfigMap kube-"].iter().any(|kind| name.starts_with(kind)));
    names
}

/// A world whose staging is wanted, and meets what the team made.
pub async fn wanted(prepare: impl FnOnce(&World)) -> (Arc<World>, [String; 2]) {
    let world = calm(named).await;
    by_hand(&world);
    prepare(&world);
    world.push("main", "a beginning");
    let built = world.build_main();
    world.pass(A_WHILE).await;
    (world, built)
}

pub async fn retry(world: &World) {
    world.typed(ADA, "/env", "retry shop/staging").await;
    world.pass(A_WHILE).await;
}

/// Why staging is not taken over.
pub fn refused(world: &World) -> Result<String, String> {
    match world.environment(STAGING).map(|environment| environment.phase) {
        Some(Phase::Failed { refusal } | Phase::NeedsAttention { refusal }) => Ok(refusal.text),
        other => Err(format!("it is {other:?}")),
    }
}

pub fn told(world: &World) -> String {
    refused(world).unwrap()
}

/// Nothing of the environment is left, but for what the controller of Deployments once copied to its ReplicaSets.
pub fn gone(world: &World) -> Result<(), String> {
    let phase = world.environment(STAGING).map(|environment| environment.phase);
    let mut marked = world.objects_of(STAGING);
    marked.retain(|object| object["kind"] != "ReplicaSet");
    if phase == Some(Phase::Gone) && marked.is_empty() && world.marked_records(STAGING).is_empty() {
        Ok(())
    } else {
        Err(format!("it is {phase:?}, and of it there are {marked:#?}"))
    }
}

/// The agreement that a refusal asks for.
pub fn agreement(told: &str) -> Result<String, String> {
    let asked = told.split_once("roadstead.dev/adopt-difference=");
    let (_, after) = asked.ok_or_else(|| format!("it asks for no agreement: {told}"))?;
    Ok(after.split('`').next().unwrap_or_default().to_owned())
}

pub async fn agree(world: &World) -> Result<(), String> {
    annotate(world, NAMESPACE, AGREED, &agreement(&refused(world)?)?);
    retry(world).await;
    Ok(())
}

/// A world whose staging has taken over what the team made.
pub async fn taken_over() -> (Arc<World>, [String; 2]) {
    let (world, built) = wanted(let_adopt).await;
    agree(&world).await.unwrap();
    world.runs(STAGING, &built[0], &built[1]).unwrap();
    (world, built)
}
