//! What holds a rollout up, and what does not: pods and crashes of before, containers of others.

use super::{told::crash, *};
use crate::simulation::{
    admin::deployment,
    commands::{ADA, with_people},
    world::WEB_SCORE,
};
use jiff::SignedDuration;
use roadstead_steps::nouns::Time as _;
use serde_json::{Value, json};

/// What the manifest of `web` says of its memory.
const LIMIT: &str = r#""limits":{"memory":"128Mi"}"#;
/// Somebody else's container, put into every pod.
const SIDECAR: &str =
    "example.com/proxy@sha256:0000000000000000000000000000000000000000000000000000000000000002";

/// Containers whose manifest contains a text stand so.
fn stand(world: &World, containers: &str, state: Value) {
    world.cluster.lock().unwrap().set_container_states([(containers.to_owned(), state)].into());
}

/// As a kubelet shows what was ended again and again.
fn ended(reason: &str) -> Value {
    crash(&json!({ "exitCode": 137, "reason": reason }))
}

#[test]
fn a_pod_of_before_is_not_held_against_more_memory_for_the_same_image() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(sample).await;
        stand(&world, LIMIT, ended("OOMKilled"));
        let number = world.open();
        world.build_head(number, "worker");
        world.pass(A_WHILE).await;
        let id = format!("shop/pr-{number}");
        let failed = world.environment(&id).unwrap().phase;
        assert!(failure(&failed).contains("more memory than its limit"), "{failed:?}");

        world.cluster.lock().unwrap().set_ready_after(SignedDuration::from_secs(2));
        let score = String::from_utf8_lossy(WEB_SCORE).replace("memory: 128Mi", "memory: 256Mi");
        world.push_file("feature", "web/score.yaml", &score);
        let worker = world.build_head(number, "worker");
        world.pass(A_WHILE).await;
        world.runs(&id, &staging[0], &worker).unwrap();
    });
}

#[test]
fn a_crash_of_before_is_not_held_against_another_try() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(with_people).await;
        let bad = preview.push("needs a database");
        // It ends during the first try, and not once more during the second.
        let finished = (preview.world.time.now() + SignedDuration::from_mins(1)).to_string();
        let crash = crash(&json!({ "exitCode": 1, "reason": "Error", "finishedAt": finished }));
        stand(&preview.world, &bad, crash);
        preview.world.pass(A_WHILE).await;
        assert!(failure(&preview.phase()).contains("keeps crashing"), "{:?}", preview.phase());

        let retried = {
            let (world, retry) = (preview.world.clone(), format!("retry {}", preview.id));
            tokio::spawn(async move { world.typed(ADA, "/env", &retry).await })
        };
        preview.world.pass(Duration::from_secs(60)).await;
        let told = format!("{:?}", preview.phase());
        assert!(told.contains("Waiting") && told.contains("keeps crashing"), "{told}");
        preview.world.cluster.lock().unwrap().set_container_states([].into());
        retried.await.unwrap();
        preview.world.runs(&preview.id, &bad, &preview.staging[1]).unwrap();
    });
}

/// Somebody else adds a container of theirs to the pods of `web`.
fn add_sidecar(preview: &Preview) {
    let address = deployment(&preview.namespace, "web");
    let live = preview.world.object("Deployment", &preview.namespace, "web").unwrap();
    let mut containers = live["spec"]["template"]["spec"]["containers"].clone();
    containers.as_array_mut().unwrap().push(json!({ "name": "proxy", "image": SIDECAR }));
    let change = json!({ "spec": { "template": { "spec": { "containers": containers } } } });
    preview.world.admin("PATCH", &address, &change);
}

#[test]
fn beside_a_container_of_others_it_is_told_what_is_wrong() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        add_sidecar(&preview);
        let bad = preview.push("crashes");
        stand(&preview.world, &bad, ended("OOMKilled"));
        preview.world.pass(A_WHILE).await;
        assert!(failure(&preview.phase()).contains("more memory than its limit"), "{:?}", preview.phase());
    });
}

/// It is told while it is waited for; at the deadline nothing was tried, and once it has passed it goes on by itself.
async fn passes_by_itself(preview: &Preview, web: &str, told: &str, pass: impl FnOnce(&World)) {
    preview.world.pass(Duration::from_secs(60)).await;
    let phase = format!("{:?}", preview.phase());
    assert!(phase.contains("Waiting") && phase.contains(told), "{phase}");
    while matches!(preview.phase(), Phase::Waiting { .. } | Phase::Deploying) {
        preview.world.pass(Duration::from_secs(1)).await;
    }
    assert!(failure(&preview.phase()).contains(told), "{:?}", preview.phase());
    assert_eq!(preview.world.environment(&preview.id).unwrap().tried, []);
    pass(&preview.world);
    preview.world.pass(2 * UNTIL_LOOKED).await;
    preview.world.runs(&preview.id, web, &preview.staging[1]).unwrap();
}

#[test]
fn what_a_container_of_others_holds_up_is_told_and_not_held_against_the_revision() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        add_sidecar(&preview);
        stand(&preview.world, SIDECAR, ended("Error"));
        let web = preview.push("a good change");
        let mended = |world: &World| world.cluster.lock().unwrap().set_container_states([].into());
        passes_by_itself(&preview, &web, "`proxy` does not start: CrashLoopBackOff", mended).await;
    });
}
