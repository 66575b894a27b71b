//! What others made under a name that we would use: it stays as it is, and people are told.

use super::*;
use crate::simulation::admin::{deployment, namespace_of};
use roadstead_steps::nouns::Time;
use roadstead_worlds::route53::{Action, Change, RecordSet};
use serde_json::{Value, json};

/// The zone of the names of standing environments.
const ZONE: &str = "Z0000000000002";

#[test]
fn a_foreign_namespace_of_the_same_name_is_left_as_it_is() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        let namespace = namespace_of("shop/pr-1");
        let body = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace, "labels": { "team": "b" } } });
        world.admin("POST", "/api/v1/namespaces", &body);
        world.pass(A_WHILE).await;
        let before = everything_in(&world, &namespace);
        let number = world.open();
        assert_eq!(number, 1);
        world.pass(UNTIL_LOOKED).await;
        let told = format!("A Namespace `{namespace}` exists and is not ours");
        assert!(failure(&world.environment("shop/pr-1").unwrap().phase).starts_with(&told));
        assert!(world.comments(1)[0].contains(&told));
        assert_eq!(everything_in(&world, &namespace), before);

        world.close(number);
        world.pass(UNTIL_LOOKED).await;
        world.gone("shop/pr-1").unwrap();
        assert_eq!(everything_in(&world, &namespace), before, "teardown leaves it too");
    });
}

/// A namespace and all that it holds, byte for byte.
fn everything_in(world: &World, namespace: &str) -> Vec<String> {
    let mut cluster = world.cluster.lock().unwrap();
    cluster.advance(world.time.now());
    let within = |object: &&Value| {
        let metadata = &object["metadata"];
        metadata["namespace"] == namespace || (object["kind"] == "Namespace" && metadata["name"] == namespace)
    };
    cluster.objects().filter(within).map(Value::to_string).collect()
}

#[test]
fn a_foreign_object_of_the_same_name_in_our_namespace_is_left_as_it_is() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, namespace, .. } = &preview;
        let mut theirs = world.object("Deployment", namespace, "web").unwrap();
        theirs["metadata"] = json!({ "name": "web", "namespace": namespace, "labels": { "team": "b" } });
        theirs["status"] = json!({});
        world.admin("DELETE", &deployment(namespace, "web"), &Value::Null);
        world.pass(A_WHILE).await;
        world.admin("POST", &deployment(namespace, ""), &theirs);
        world.pass(A_WHILE).await;
        let before = world.object("Deployment", namespace, "web").unwrap().to_string();

        preview.push("a change");
        world.pass(A_WHILE).await;
        let told = "A Deployment `web` exists and is not ours";
        assert!(failure(&preview.phase()).starts_with(told));
        assert!(preview.comment().contains(told));
        assert_eq!(world.object("Deployment", namespace, "web").unwrap().to_string(), before);
    });
}

#[test]
fn a_foreign_record_of_the_same_name_is_left_as_it_is() {
    crate::simulation::in_virtual_time(async {
        let world = calm(sample).await;
        let host = format!("{}.example.localhost", namespace_of("shop/staging"));
        let theirs = RecordSet::of_values(&host, "A", 60, &["192.0.2.7"]);
        let create = Change { action: Action::Create, resource_record_set: theirs };
        world.dns.lock().unwrap().change(ZONE, &[create], None, world.time.now()).unwrap();
        let records = || world.dns.lock().unwrap().record_sets(ZONE).cloned().collect::<Vec<_>>();
        let before = records();

        world.push("main", "a beginning");
        world.build_main();
        world.pass(UNTIL_LOOKED).await;
        let phase = world.environment("shop/staging").unwrap().phase;
        assert!(
            failure(&phase).starts_with(&format!(
                "In the cluster `main`: A record `{host}` exists in DNS and is not ours"
            )),
            "{phase:?}"
        );
        assert_eq!(records(), before);
    });
}

/// The record of a host name and type, as Route 53 holds it.
fn record(world: &World, host: &str, kind: &str) -> Option<RecordSet> {
    let dns = world.dns.lock().unwrap();
    let mut sets = dns.record_sets(ZONE);
    sets.find(|set| set.name.trim_end_matches('.') == host && set.kind == kind).cloned()
}

fn change_records(world: &World, changes: Vec<(Action, RecordSet)>) {
    let changes: Vec<Change> = changes
        .into_iter()
        .map(|(action, resource_record_set)| Change { action, resource_record_set })
        .collect();
    world.dns.lock().unwrap().change(ZONE, &changes, None, world.time.now()).unwrap();
}

#[test]
fn a_record_that_somebody_put_in_the_place_of_ours_is_told_and_holds_up_nobody_else() {
    crate::simulation::in_virtual_time(async {
        let staging = "      staging: { type: staging, branch: main }\n";
        let two = format!("{staging}{}", staging.replacen("staging", "stage-1", 1));
        let (world, _) = with_staging(|platform| platform.replace(staging, &two)).await;
        let host = |id: &str| format!("{}.example.localhost", namespace_of(id));
        let (ours, other) = (host("shop/staging"), host("shop/stage-1"));
        let theirs = RecordSet::of_values(&ours, "A", 60, &["192.0.2.7"]);
        change_records(
            &world,
            vec![
                (Action::Delete, record(&world, &ours, "A").unwrap()),
                (Action::Create, theirs.clone()),
                (Action::Delete, record(&world, &other, "A").unwrap()),
                (Action::Delete, record(&world, &other, "TXT").unwrap()),
            ],
        );
        world.push("main", "goes on");
        let [web, worker] = world.build_main();
        world.pass(A_WHILE).await;
        world.runs("shop/stage-1", &web, &worker).unwrap();
        assert!(record(&world, &other, "A").is_some());
        let comes_of_it = world.environment("shop/staging").unwrap().phase;
        let Phase::NeedsAttention { refusal } = &comes_of_it else { panic!("{comes_of_it:?}") };
        let told = format!("A record `{ours}` exists in DNS and is not ours");
        assert!(refusal.text.contains(&told), "neither this revision nor the one before it: {refusal:?}");
        let stays = record(&world, &ours, "A").unwrap();
        assert!(stays.values().eq(theirs.values()));
    });
}
