//! A namespace that a team made by hand is taken over: what that changes is shown first, and in the end it is given back.

use super::*;
use crate::simulation::{
    commands::ADA,
    team::{ADOPT, AGREED, LIVE, MARK, NAMESPACE, STAGING, agree, agreement, annotate, at, everything},
    team::{gone, let_adopt, names, retry, taken_over, told, wanted},
};
use serde_json::{Value, json};

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
            "NetworkPolicy `default-deny` will be made.",
            "Deployment `worker` will be made.",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
        assert!(!told.contains("hunter1"), "{told}");
        let web = world.object("Deployment", LIVE, "web").unwrap();
        assert_eq!(web["metadata"]["annotations"]["roadstead.dev/mark"], Value::Null);

        retry(&world).await;
        assert_eq!(
            agreement(&self::told(&world)).unwrap(),
            agreement(&told).unwrap(),
            "it is the same difference"
        );
        agree(&world).await.unwrap();
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
        let first = agreement(&told(&world)).unwrap();
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
        assert_ne!(agreement(&told).unwrap(), first);
        assert_eq!(
            world.object("Service", LIVE, "web").unwrap()["metadata"]["annotations"]["roadstead.dev/mark"],
            Value::Null
        );
        world.admin("PATCH", &at("deployments", "web"), &json!({ "spec": { "paused": null } }));
        agree(&world).await.unwrap();
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
        gone(&world).unwrap();
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
        agree(&world).await.unwrap();
        world.runs(STAGING, &again[0], &again[1]).unwrap();
    });
}

#[test]
fn what_no_apply_can_write_is_given_back_and_its_team_goes_on() {
    crate::simulation::in_virtual_time(async {
        let (world, built) = wanted(|world| {
            let mut web = world.object("Deployment", LIVE, "web").unwrap();
            let containers = &mut web["spec"]["template"]["spec"]["containers"];
            containers[0]["env"] = twice();
            let changed = json!({ "spec": { "template": { "spec": { "containers": containers } } } });
            world.admin("PATCH", &at("deployments", "web"), &changed);
            let_adopt(world);
        })
        .await;
        agree(&world).await.unwrap();
        world.runs(STAGING, &built[0], &built[1]).unwrap();
        world.typed(ADA, "/env", "destroy shop/staging").await;
        world.pass(UNTIL_LOOKED).await;
        gone(&world).unwrap();
        let web = world.object("Deployment", LIVE, "web").unwrap();
        let env = web["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
        let theirs: Vec<_> = env.iter().filter(|variable| variable["name"] == "PASSWORD").cloned().collect();
        assert_eq!(json!(theirs), twice());

        let container = json!({ "name": "web", "image": "example.com/web:2" });
        let applied = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" },
            "spec": { "template": { "spec": { "containers": [container] } } },
        });
        let unforced = format!("{}?fieldManager=kubectl", at("deployments", "web"));
        world.admin("PATCH", &unforced, &applied);
    });
}

/// A variable of a container that is there twice, as an API server lets it.
fn twice() -> Value {
    json!([{ "name": "PASSWORD", "value": "hunter1" }, { "name": "PASSWORD", "value": "hunter2" }])
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
        gone(&world).unwrap();
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
