//! A namespace that somebody else's finalizer holds.

use super::*;
use serde_json::json;

const FINALIZER: &str = "example.com/hold";

/// Makes an object that a foreign finalizer holds.
pub(super) fn hold(world: &World, namespace: &str) {
    let kept = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "kept", "finalizers": [FINALIZER] } });
    world.admin("POST", &format!("/api/v1/namespaces/{namespace}/configmaps"), &kept);
}

/// A preview with an object that a foreign finalizer holds, while it is being closed.
pub(super) async fn held() -> Preview {
    let preview = Preview::begin(sample).await;
    let Preview { world, namespace, number, .. } = &preview;
    hold(world, namespace);
    world.close(*number);
    world.pass(Duration::from_secs(600)).await;
    preview
}

fn finalizers(preview: &Preview) -> serde_json::Value {
    preview.world.object("ConfigMap", &preview.namespace, "kept").unwrap()["metadata"]["finalizers"].clone()
}

pub(super) fn let_go(world: &World, namespace: &str) {
    let address = format!("/api/v1/namespaces/{namespace}/configmaps/kept");
    world.admin("PATCH", &address, &json!({ "metadata": { "finalizers": null } }));
}

#[test]
fn people_are_told_what_holds_it_and_it_goes_on_when_that_is_gone() {
    crate::simulation::in_virtual_time(async {
        let preview = held().await;
        let Phase::Closing { held_by: Some(held_by) } = preview.phase() else {
            panic!("{:?}", preview.phase())
        };
        assert!(held_by.contains(FINALIZER), "{held_by}");
        let comment = preview.comment();
        assert!(comment.contains("being removed, blocked by: ") && comment.contains(FINALIZER), "{comment}");
        assert!(comment.contains("must take it away") && comment.contains("configmaps"), "{comment}");
        assert_eq!(finalizers(&preview), json!([FINALIZER]));

        let wanted = preview.world.environment(&preview.id).unwrap().wanted.generation;
        preview.world.pass(Duration::from_secs(3_600)).await;
        let still_wanted = preview.world.environment(&preview.id).unwrap().wanted.generation;
        assert_eq!(still_wanted, wanted, "looks at the repository tell it nothing new");
        let Phase::NeedsAttention { refusal } = preview.phase() else { panic!("{:?}", preview.phase()) };
        assert!(refusal.text.contains(FINALIZER), "{refusal}");
        assert_eq!(finalizers(&preview), json!([FINALIZER]));

        let_go(&preview.world, &preview.namespace);
        preview.world.pass(UNTIL_LOOKED).await;
        preview.world.gone(&preview.id).unwrap();
    });
}

#[test]
fn a_reopened_pull_request_waits_for_it_and_then_comes_up() {
    crate::simulation::in_virtual_time(async {
        let preview = held().await;
        let Preview { world, number, id, .. } = &preview;
        world.reopen(*number);
        world.pass(A_WHILE).await;
        let environment = world.environment(id).unwrap();
        assert!(
            environment.is_behind() && matches!(environment.phase, Phase::Closing { .. }),
            "{environment:?}"
        );
        assert_eq!(finalizers(&preview), json!([FINALIZER]));
        let_go(&preview.world, &preview.namespace);
        world.pass(A_WHILE).await;
        assert_eq!(preview.phase(), Phase::Ready);
        assert_eq!(world.environment(id).unwrap().incarnation, 2);
    });
}
