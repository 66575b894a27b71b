//! Changes that cannot be made in place, told by their field.

use super::*;
use crate::simulation::{admin::deployment, world::WORKER_SCORE};
use roadstead_steps::step::objects;
use serde_json::{Value, json};

/// An administrator makes `web` anew, with our mark and another selector.
async fn another_selector(preview: &Preview) {
    let Preview { world, namespace, .. } = preview;
    let mut other = world.object("Deployment", namespace, "web").unwrap();
    let metadata = &other["metadata"];
    other["metadata"] = json!({
        "name": "web", "namespace": namespace, "labels": metadata["labels"], "annotations": metadata["annotations"],
    });
    other["status"] = json!({});
    other["spec"]["selector"]["matchLabels"]["added"] = json!("yes");
    other["spec"]["template"]["metadata"]["labels"]["added"] = json!("yes");
    world.admin("DELETE", &deployment(namespace, "web"), &Value::Null);
    world.pass(A_WHILE).await;
    world.admin("POST", &deployment(namespace, ""), &other);
    world.pass(A_WHILE).await;
}

#[test]
fn a_changed_selector_is_deleted_and_created_where_the_type_allows_it() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, namespace, .. } = &preview;
        another_selector(&preview).await;
        let before = world.object("Deployment", namespace, "web").unwrap();
        let web = preview.push("a change");
        world.pass(A_WHILE).await;
        world.runs(&preview.id, &web, &preview.staging[1]).unwrap();
        let after = world.object("Deployment", namespace, "web").unwrap();
        assert_ne!(after["metadata"]["uid"], before["metadata"]["uid"]);
        assert_eq!(after["spec"]["selector"]["matchLabels"].get("added"), None);
    });
}

#[test]
fn a_changed_selector_is_rejected_with_its_field_where_the_type_does_not_allow_it() {
    crate::simulation::in_virtual_time(async {
        let forbidden = |platform: String| platform.replace("may_recreate: true", "may_recreate: false");
        let preview = Preview::begin(forbidden).await;
        let Preview { world, namespace, .. } = &preview;
        another_selector(&preview).await;
        let before = world.object("Deployment", namespace, "web").unwrap();
        preview.push("a change");
        world.pass(A_WHILE).await;
        let told = "The Deployment `web` cannot be changed like this: Deployment web: spec.selector: field is immutable";
        assert!(failure(&preview.phase()).starts_with(told), "{:?}", preview.phase());
        assert!(preview.comment().contains(told));
        assert_eq!(
            world.object("Deployment", namespace, "web").unwrap()["metadata"]["uid"],
            before["metadata"]["uid"]
        );
    });
}

/// The Score file of `worker`, with a volume of another size.
fn with_volume(size: &str) -> String {
    let text = String::from_utf8(WORKER_SCORE.to_vec()).unwrap();
    text.replace("type: volume\n", &format!("type: volume\n    params: {{ size: {size} }}\n"))
        .replace("    params:\n      size: 1Gi\n", "")
}

#[test]
fn a_volume_grows_in_place_and_never_shrinks() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, namespace, .. } = &preview;
        let claim = || {
            let cluster = world.cluster.lock().unwrap();
            let mut found = cluster.objects().filter(|object| {
                object["kind"] == "PersistentVolumeClaim"
                    && object["metadata"]["namespace"] == namespace.as_str()
            });
            found.next().unwrap().clone()
        };
        let before = claim();
        world.push_file("feature", "worker/score.yaml", &with_volume("2Gi"));
        world.pass(A_WHILE).await;
        assert_eq!(preview.phase(), Phase::Ready);
        assert_eq!(claim()["spec"]["resources"]["requests"]["storage"], "2Gi");
        assert_eq!(claim()["metadata"]["uid"], before["metadata"]["uid"]);

        world.push_file("feature", "worker/score.yaml", &with_volume("1Gi"));
        world.pass(A_WHILE).await;
        let phase = preview.phase();
        assert!(
            failure(&phase).contains("spec.resources.requests.storage: field can not be less"),
            "{phase:?}"
        );
        assert_eq!(claim()["spec"]["resources"]["requests"]["storage"], "2Gi");
        assert_eq!(claim()["metadata"]["uid"], before["metadata"]["uid"]);
    });
}

#[test]
fn kinds_that_are_not_rendered_are_rejected_by_name() {
    for (version, kind) in [
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole"),
        ("batch/v1", "Job"),
        ("example.com/v1", "Widget"),
    ] {
        let manifest = json!({ "apiVersion": version, "kind": kind, "metadata": { "name": "x" } });
        let refusal = objects::reference(&manifest).unwrap_err();
        assert_eq!(
            refusal.text,
            format!(
                "Objects of the kind `{kind}` ({version}) are not deployed by Roadstead. Leave it out, or deploy it separately."
            )
        );
    }
}
