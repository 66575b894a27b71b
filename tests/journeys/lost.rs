//! What somebody takes away while a generation is being carried out.

use super::*;
use crate::simulation::admin::deployment;
use jiff::SignedDuration;
use serde_json::Value;

/// A change that was applied, and rolls out slowly.
async fn applied(preview: &Preview) -> String {
    let world = &preview.world;
    world.cluster.lock().unwrap().set_ready_after(SignedDuration::from_secs(30));
    let web = preview.push("a change");
    let applied = async || {
        while world.object("Deployment", &preview.namespace, "web").is_some_and(|found| {
            !found["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().ends_with(&web)
        }) {
            world.pass(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(A_WHILE, applied()).await.unwrap();
    web
}

#[test]
fn an_object_that_is_deleted_during_its_rollout_is_applied_again() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let world = &preview.world;
        let web = applied(&preview).await;
        world.admin("DELETE", &deployment(&preview.namespace, "web"), &Value::Null);
        assert!(world.object("Deployment", &preview.namespace, "web").is_none());
        world.pass(A_WHILE).await;
        world.runs(&preview.id, &web, &preview.staging[1]).unwrap();
    });
}

#[test]
fn a_namespace_that_is_deleted_during_a_rollout_is_made_again() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let web = applied(&preview).await;
        preview.world.admin("DELETE", &format!("/api/v1/namespaces/{}", preview.namespace), &Value::Null);
        preview.world.pass(A_WHILE).await;
        preview.world.runs(&preview.id, &web, &preview.staging[1]).unwrap();
    });
}
