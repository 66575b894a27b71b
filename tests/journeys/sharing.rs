//! Fields that somebody else sets: the next deployment leaves them alone.

use super::*;
use crate::simulation::admin::deployment;
use serde_json::json;

fn replicas(preview: &Preview) -> u64 {
    let web = preview.world.object("Deployment", &preview.namespace, "web").unwrap();
    web["spec"]["replicas"].as_u64().unwrap()
}

#[test]
fn what_kubectl_scale_set_is_not_undone() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        preview.world.scale(&preview.namespace, "web", 3);
        let web = preview.push("a change");
        preview.world.pass(A_WHILE).await;
        preview.world.runs(&preview.id, &web, &preview.staging[1]).unwrap();
        assert_eq!(replicas(&preview), 3);
    });
}

#[test]
fn an_autoscaler_that_owns_replicas_is_no_conflict() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let address = format!("{}?fieldManager=autoscaler&force=true", deployment(&preview.namespace, "web"));
        let owned = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" }, "spec": { "replicas": 4 } });
        preview.world.admin("PATCH", &address, &owned);
        let web = preview.push("a change");
        preview.world.pass(A_WHILE).await;
        preview.world.runs(&preview.id, &web, &preview.staging[1]).unwrap();
        assert_eq!(replicas(&preview), 4);
    });
}
