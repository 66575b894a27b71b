//! What goes astray with a namespace that was there before us: a call comes late, or people change their minds.

use super::*;
use crate::simulation::{
    admin::namespace_of,
    commands::ADA,
    team::{ADOPT, AGREED, LIVE, MARK, NAMESPACE, STAGING, agree, agreement, annotate, at, by_hand, gone},
    team::{let_adopt, named, names, taken_over, told, wanted},
};
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

const MARKED: &str = "roadstead.dev/mark";

async fn destroy(world: &Arc<World>) {
    world.typed(ADA, "/env", "destroy shop/staging").await;
    world.pass(UNTIL_LOOKED).await;
}

#[test]
fn a_first_mark_that_comes_after_the_namespace_was_forgotten_dooms_nothing() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = wanted(let_adopt).await;
        let marked = world.object("Namespace", "", LIVE).unwrap();
        let unmarked = json!({ "metadata": { "annotations": { MARKED: null, ADOPT: null } } });
        world.admin("PATCH", NAMESPACE, &unmarked);
        super::two_clusters::configure(&world, &world.platform.replace("shop-live", "shop-other")).await;
        world.push("main", "elsewhere");
        let built = world.build_main();
        world.pass(A_WHILE).await;
        world.runs(STAGING, &built[0], &built[1]).unwrap();

        let mut late = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": LIVE } });
        for field in ["labels", "annotations"] {
            late["metadata"][field] = marked["metadata"][field].clone();
        }
        late["metadata"]["annotations"].as_object_mut().unwrap().remove(ADOPT);
        world.admin("PATCH", &format!("{NAMESPACE}?fieldManager=roadstead&force=true"), &late);
        destroy(&world).await;
        gone(&world).unwrap();
        assert_eq!(
            world.object("Namespace", "", LIVE).unwrap()["metadata"]["uid"],
            marked["metadata"]["uid"]
        );
        assert_eq!(world.object("Namespace", "", "shop-other"), None);
        assert!(names(&world).contains(&"Deployment web".to_owned()), "{:?}", names(&world));
    });
}

#[test]
fn an_agreement_is_to_no_later_namespace_of_the_name() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = taken_over().await;
        world.admin("DELETE", NAMESPACE, &Value::Null);
        world.pass(Duration::from_secs(5)).await;
        by_hand(&world);
        let_adopt(&world);
        world.push("main", "once more");
        world.build_main();
        world.pass(A_WHILE).await;
        let told = told(&world);
        assert!(told.contains("pod-security.kubernetes.io/enforce]: nothing → \"baseline\""), "{told}");
        agree(&world).await.unwrap();
        assert_eq!(world.environment(STAGING).unwrap().phase, Phase::Ready);
        assert_eq!(world.object("Deployment", LIVE, "web").unwrap()["metadata"]["annotations"][MARKED], MARK);
    });
}

#[test]
fn a_namespace_of_our_own_goes_whatever_is_annotated_there() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, namespace, .. } = &preview;
        assert_eq!(*namespace, namespace_of("shop/pr-1"));
        annotate(world, &format!("/api/v1/namespaces/{namespace}"), ADOPT, "demo/shop/pr-1");
        preview.push("a change");
        world.pass(A_WHILE).await;
        assert_eq!(world.environment("shop/pr-1").unwrap().phase, Phase::Ready);
        world.close(1);
        world.pass(UNTIL_LOOKED).await;
        world.gone("shop/pr-1").unwrap();
        assert_eq!(world.object("Namespace", "", namespace), None);
    });
}

#[test]
fn it_is_given_back_also_where_somebody_took_our_right_and_our_label_away() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = taken_over().await;
        let binding = format!(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/{LIVE}/rolebindings/roadstead-environment"
        );
        world.admin("DELETE", &binding, &Value::Null);
        let helms = json!({ "metadata": { "labels": { "app.kubernetes.io/managed-by": "Helm" } } });
        world.admin("PATCH", &at("services", "web"), &helms);
        world.admin("PATCH", NAMESPACE, &json!({ "metadata": { "annotations": { ADOPT: null } } }));
        destroy(&world).await;
        gone(&world).unwrap();
        let service = world.object("Service", LIVE, "web").unwrap();
        assert_eq!(service["metadata"]["labels"], helms["metadata"]["labels"]);
        assert_eq!(world.object("RoleBinding", LIVE, "roadstead-environment"), None);
        let annotations = world.object("Namespace", "", LIVE).unwrap()["metadata"]["annotations"].clone();
        assert_eq!(annotations[ADOPT], Value::Null, "the word that was taken back stays so: {annotations}");
        let web = world.object("Deployment", LIVE, "web").unwrap();
        assert_eq!(web["metadata"]["annotations"][ADOPT], "demo/shop/staging", "and any other, too");
    });
}

#[test]
fn a_namespace_that_was_changed_after_the_agreement_is_shown_anew() {
    const ENFORCE: &str = "pod-security.kubernetes.io/enforce";
    let relabel = |world: &World, value: &str| {
        world.admin("PATCH", NAMESPACE, &json!({ "metadata": { "labels": { ENFORCE: value } } }));
    };
    let label =
        |world: &World| world.object("Namespace", "", LIVE).unwrap()["metadata"]["labels"][ENFORCE].clone();
    crate::simulation::in_virtual_time(async {
        let (world, built) = wanted(let_adopt).await;
        annotate(&world, NAMESPACE, AGREED, &agreement(&told(&world)).unwrap());
        world.faults.instead.lock().unwrap().insert("cluster", unwritten);
        world.typed(ADA, "/env", "retry shop/staging").await;
        world.pass(Duration::from_secs(10)).await;
        assert!(is_agreed(&world));
        relabel(&world, "restricted");
        world.faults.instead.lock().unwrap().clear();
        world.pass(A_WHILE).await;
        assert_eq!(label(&world), "restricted", "nobody agreed to that");
        let line = format!("metadata.labels[{ENFORCE}]: \"restricted\" → \"baseline\"");
        assert!(told(&world).contains(&line), "{}", told(&world));
        agree(&world).await.unwrap();
        world.runs(STAGING, &built[0], &built[1]).unwrap();
        assert_eq!(label(&world), "baseline");

        relabel(&world, "privileged");
        world.push("main", "once more");
        let again = world.build_main();
        world.pass(A_WHILE).await;
        world.runs(STAGING, &again[0], &again[1]).unwrap();
        assert_eq!(label(&world), "baseline", "what is taken over is ours to keep as it should be");
    });
}

/// Whether it is noted that a person agreed.
fn is_agreed(world: &World) -> bool {
    let noted = world.environment(STAGING).unwrap().inventory.adopted;
    noted.iter().any(|item| item.kind == "Namespace" && item.agreed.is_some())
}

/// No namespace is written with what its manifest says.
fn unwritten(request: &Request<Vec<u8>>) -> Option<Response<Vec<u8>>> {
    let writes = request.method() == Method::PATCH && !request.uri().to_string().contains("dryRun");
    let whole = String::from_utf8_lossy(request.body()).contains("\"pod-security.kubernetes.io/warn\"");
    let unavailable = Response::builder().status(StatusCode::SERVICE_UNAVAILABLE).body(vec![]);
    (writes && whole).then(|| unavailable.unwrap())
}

#[test]
fn what_is_no_longer_planned_is_given_back_also_where_somebody_took_our_label_away() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = taken_over().await;
        let helms = json!({ "metadata": { "labels": { "app.kubernetes.io/managed-by": "Helm" } } });
        world.admin("PATCH", &at("services", "web"), &helms);
        let (head, tail) = world.platform.split_once("      web:\n").unwrap();
        let (_, tail) = tail.split_once("      worker:\n").unwrap();
        super::two_clusters::configure(&world, &format!("{head}      worker:\n{tail}")).await;
        world.push("main", "without web");
        world.build_main();
        world.pass(UNTIL_LOOKED).await;
        assert_eq!(world.environment(STAGING).unwrap().phase, Phase::Ready);
        let metadata = world.object("Service", LIVE, "web").unwrap()["metadata"].clone();
        assert_eq!(metadata["annotations"][MARKED], Value::Null, "{metadata}");
        assert_eq!(metadata["labels"], helms["metadata"]["labels"]);
    });
}

#[test]
fn what_makes_room_for_another_is_deleted_as_it_was_read() {
    const OLD: &str = "app";
    crate::simulation::in_virtual_time(async {
        let world =
            calm(|platform| named(platform).replace("limit: 3\n", "limit: 3\n    may_recreate: true\n"))
                .await;
        by_hand(&world);
        let mut web = world.object("Deployment", LIVE, "web").unwrap();
        web["metadata"] = json!({ "name": "web" });
        web["spec"]["selector"]["matchLabels"] = json!({ OLD: "web" });
        web["spec"]["template"]["metadata"]["labels"] = json!({ OLD: "web" });
        world.admin("DELETE", &at("deployments", "web"), &Value::Null);
        world.admin("POST", &at("deployments", ""), &web);
        let uid = world.object("Deployment", LIVE, "web").unwrap()["metadata"]["uid"].clone();
        let_adopt(&world);
        world.push("main", "a beginning");
        let built = world.build_main();
        world.pass(A_WHILE).await;
        let line =
            "Deployment `web` will be deleted and created again: spec.selector of it cannot be changed.";
        assert!(told(&world).contains(line), "{}", told(&world));

        world.faults.instead.lock().unwrap().insert("cluster", changed_before_it_is_deleted);
        annotate(&world, NAMESPACE, AGREED, &agreement(&told(&world)).unwrap());
        world.typed(ADA, "/env", "retry shop/staging").await;
        let there = world.object("Deployment", LIVE, "web").unwrap();
        assert_eq!(
            (&there["metadata"]["uid"], &there["metadata"]["annotations"][MARKED]),
            (&uid, &json!(MARK))
        );
        world.faults.instead.lock().unwrap().clear();
        world.pass(A_WHILE).await;
        world.runs(STAGING, &built[0], &built[1]).unwrap();
        assert_ne!(world.object("Deployment", LIVE, "web").unwrap()["metadata"]["uid"], uid);
    });
}

/// The Deployment was changed since it was read: who deletes the version that was read is refused.
fn changed_before_it_is_deleted(request: &Request<Vec<u8>>) -> Option<Response<Vec<u8>>> {
    let deletes = request.method() == Method::DELETE && request.uri().path().ends_with("/deployments/web");
    let exact = String::from_utf8_lossy(request.body()).contains("\"resourceVersion\"");
    let status = json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Conflict", "code": 409 });
    let refused = Response::builder().status(StatusCode::CONFLICT).header("content-type", "application/json");
    (deletes && exact).then(|| refused.body(status.to_string().into_bytes()).unwrap())
}
