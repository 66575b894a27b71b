//! A namespace that a team made by hand is taken over: what that changes is shown first, and in the end it is given back.

use super::{
    commands::{ADA, with_people},
    *,
};
use crate::simulation::admin::deployment;
use roadstead_steps::nouns::Time as _;
use serde_json::{Value, json};

pub const STAGING: &str = "shop/staging";
pub const MARK: &str = "demo/shop/staging";
pub const LIVE: &str = "shop-live";
pub const ADOPT: &str = "roadstead.dev/adopt";
const AGREED: &str = "roadstead.dev/adopt-difference";

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
fn everything(world: &World) -> Vec<Value> {
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

pub fn told(world: &World) -> String {
    match world.environment(STAGING).unwrap().phase {
        Phase::Failed { refusal } | Phase::NeedsAttention { refusal } => refusal.text,
        other => panic!("it is {other:?}"),
    }
}

/// Nothing of the environment is left, but for what the controller of Deployments once copied to its ReplicaSets.
pub fn gone(world: &World) {
    assert_eq!(world.environment(STAGING).unwrap().phase, Phase::Gone);
    let mut marked = world.objects_of(STAGING);
    marked.retain(|object| object["kind"] != "ReplicaSet");
    assert!(marked.is_empty() && world.marked_records(STAGING).is_empty(), "{marked:#?}");
}

/// The agreement that a refusal asks for.
fn agreement(told: &str) -> String {
    let (_, after) = told.split_once("roadstead.dev/adopt-difference=").unwrap_or_else(|| panic!("{told}"));
    after.split('`').next().unwrap().to_owned()
}

pub async fn agree(world: &World) {
    annotate(world, NAMESPACE, AGREED, &agreement(&told(world)));
    retry(world).await;
}

/// A world whose staging has taken over what the team made.
pub async fn taken_over() -> (Arc<World>, [String; 2]) {
    let (world, built) = wanted(let_adopt).await;
    agree(&world).await;
    world.runs(STAGING, &built[0], &built[1]).unwrap();
    (world, built)
}

#[test]
fn what_nobody_annotated_is_refused_and_left_as_it_is() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = wanted(|_| ()).await;
        let before = everything(&world);
        let told = told(&world);
        assert!(told.starts_with("A Namespace `shop-live` exists and is not ours"), "{told}");
        assert!(told.contains(
            "kubectl annotate --overwrite namespace shop-live roadstead.dev/adopt=demo/shop/staging"
        ));
        annotate(&world, NAMESPACE, ADOPT, "demo/shop/qa");
        retry(&world).await;
        assert!(self::told(&world).contains("It is annotated for `demo/shop/qa`."), "{}", self::told(&world));
        annotate(&world, NAMESPACE, ADOPT, MARK);
        retry(&world).await;
        let told = self::told(&world);
        assert!(
            told.contains("-n shop-live deployment/web service/web roadstead.dev/adopt=demo/shop/staging"),
            "{told}"
        );
        let untouched = |object: &Value| object["kind"] != "Namespace" && object["kind"] != "RoleBinding";
        let after: Vec<_> = everything(&world).into_iter().filter(untouched).collect();
        assert_eq!(after, before.into_iter().filter(untouched).collect::<Vec<_>>());

        annotate(&world, &at("deployments", "web"), ADOPT, "demo/shop/qa");
        annotate(&world, &at("services", "web"), ADOPT, MARK);
        retry(&world).await;
        assert!(
            self::told(&world).contains("-n shop-live deployment/web roadstead"),
            "{}",
            self::told(&world)
        );
    });
}

#[test]
fn what_would_change_is_shown_and_changed_only_after_a_person_agreed() {
    crate::simulation::in_virtual_time(async {
        let (world, built) = wanted(let_adopt).await;
        let before = names(&world);
        assert!(before.contains(&"RoleBinding roadstead-environment".to_owned()));
        assert_eq!(before.len(), 5 + 1, "what was there, and our right: {before:?}");
        let namespace = world.object("Namespace", "", LIVE).unwrap();
        assert_eq!(namespace["metadata"]["labels"]["team"], "shop");
        assert_eq!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], Value::Null);
        let told = told(&world);
        for line in [
            "Deployment `web`: spec.template.spec.containers[web].image: \"example.com/web@",
            "Namespace `shop-live`: metadata.labels[pod-security.kubernetes.io/enforce]: nothing → \"baseline\"",
            "NetworkPolicy `default-deny` is made.",
            "Deployment `worker` is made.",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
        assert!(!told.contains("hunter1"), "{told}");
        let web = world.object("Deployment", LIVE, "web").unwrap();
        assert_eq!(web["metadata"]["annotations"]["roadstead.dev/mark"], Value::Null);

        retry(&world).await;
        assert_eq!(agreement(&self::told(&world)), agreement(&told), "it is the same difference");
        agree(&world).await;
        world.runs(STAGING, &built[0], &built[1]).unwrap();
        let web = world.object("Deployment", LIVE, "web").unwrap();
        assert_eq!(web["spec"]["replicas"], 2, "what we do not say stays");
        assert_eq!(web["metadata"]["annotations"]["roadstead.dev/mark"], MARK);
        assert!(world.object("ConfigMap", LIVE, "other").unwrap()["metadata"]["annotations"].is_null());
        world.at_rest().unwrap();
    });
}

#[test]
fn an_agreement_is_to_nothing_else_than_was_shown() {
    crate::simulation::in_virtual_time(async {
        let (world, built) = wanted(let_adopt).await;
        let first = agreement(&told(&world));
        annotate(&world, NAMESPACE, AGREED, &first);
        world.admin("PATCH", &at("deployments", "web"), &json!({ "spec": { "paused": true } }));
        world.admin(
            "PATCH",
            &at("services", "web"),
            &json!({ "spec": { "selector": { "app.kubernetes.io/name": "old" } } }),
        );
        retry(&world).await;
        let told = told(&world);
        assert!(
            told.contains("Service `web`: spec.selector[app.kubernetes.io/name]: \"old\" → \"web\""),
            "{told}"
        );
        assert_ne!(agreement(&told), first);
        assert_eq!(
            world.object("Service", LIVE, "web").unwrap()["metadata"]["annotations"]["roadstead.dev/mark"],
            Value::Null
        );
        world.admin("PATCH", &at("deployments", "web"), &json!({ "spec": { "paused": null } }));
        agree(&world).await;
        world.runs(STAGING, &built[0], &built[1]).unwrap();
    });
}

#[test]
fn teardown_gives_back_what_was_there_before() {
    crate::simulation::in_virtual_time(async {
        let (world, built) = taken_over().await;
        let pods = |world: &World| {
            let all = everything(world).into_iter();
            let mut uids: Vec<_> = all
                .filter(|object| {
                    object["kind"] == "Pod" && object["metadata"]["name"].as_str().unwrap().starts_with("web")
                })
                .map(|pod| pod["metadata"]["uid"].clone().to_string())
                .collect();
            uids.sort();
            uids
        };
        let running = pods(&world);
        assert_eq!(running.len(), 2);
        world.typed(ADA, "/env", "destroy shop/staging").await;
        world.pass(UNTIL_LOOKED).await;
        gone(&world);
        let mut there = names(&world);
        there.sort();
        let before = ["ConfigMap other", "Deployment web", "Namespace shop-live"];
        let (storage, after) =
            (there.remove(3), ["Service web", "ServiceAccount default", "ServiceAccount workload"]);
        assert_eq!(there, [before, after].concat(), "what runs on needs the account");
        assert!(storage.starts_with("PersistentVolumeClaim worker-"), "nobody loses data: {storage}");
        let web = world.object("Deployment", LIVE, "web").unwrap();
        assert!(
            web["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().ends_with(&built[0])
        );
        assert_eq!(web["metadata"]["labels"], json!({}));
        assert_eq!(web["metadata"]["annotations"][ADOPT], MARK);
        assert_eq!(pods(&world), running, "nothing was restarted");

        world.push("main", "once more");
        let again = world.build_main();
        world.pass(A_WHILE).await;
        agree(&world).await;
        world.runs(STAGING, &again[0], &again[1]).unwrap();
    });
}

#[test]
fn a_workload_that_is_taken_out_is_given_back() {
    crate::simulation::in_virtual_time(async {
        let (world, built) = taken_over().await;
        let (head, tail) = world.platform.split_once("      web:\n").unwrap();
        let (_, tail) = tail.split_once("      worker:\n").unwrap();
        let without = format!("{head}      worker:\n{tail}");
        super::two_clusters::configure(&world, &without).await;
        world.push("main", "without web");
        world.build_main();
        world.pass(UNTIL_LOOKED).await;
        assert_eq!(world.environment(STAGING).unwrap().phase, Phase::Ready);
        let web = world.object("Deployment", LIVE, "web").unwrap();
        assert_eq!(web["metadata"]["annotations"]["roadstead.dev/mark"], Value::Null);
        assert!(
            web["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().ends_with(&built[0])
        );
        assert!(world.object("Service", LIVE, "web").is_some());
    });
}

#[test]
fn a_teardown_before_anybody_agreed_leaves_everything() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = wanted(let_adopt).await;
        world.admin("PATCH", NAMESPACE, &json!({ "metadata": { "annotations": { ADOPT: null } } }));
        world.typed(ADA, "/env", "destroy shop/staging").await;
        world.pass(UNTIL_LOOKED).await;
        gone(&world);
        assert_eq!(names(&world).len(), 5, "{:?}", names(&world));
        let namespace = world.object("Namespace", "", LIVE).unwrap();
        assert_eq!(
            namespace["metadata"]["labels"],
            json!({ "kubernetes.io/metadata.name": LIVE, "team": "shop" })
        );
    });
}

#[test]
fn an_environment_does_not_move() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = taken_over().await;
        super::two_clusters::configure(&world, &world.platform.replace("shop-live", "shop-other")).await;
        world.push("main", "elsewhere");
        world.build_main();
        world.pass(A_WHILE).await;
        let told = told(&world);
        assert!(
            told.contains("lives in the namespace `shop-live`") && told.contains("`shop-other`"),
            "{told}"
        );
        assert_eq!(world.object("Namespace", "", "shop-other"), None);
    });
}
