//! An environment in several clusters is one: its generations are ready in all of them, fail in all, and go from all.

use super::*;
use crate::simulation::{
    admin::namespace_of,
    commands::{ADA, with_people},
};
use roadstead_domain::platform::Platform;
use roadstead_steps::{configuration, nouns::Time};
use serde_json::json;
use std::collections::BTreeSet;

const FINALIZER: &str = "example.com/hold";

const STAGING: &str = "shop/staging";
const BOTH: &str = "clusters: [main, second]";

/// The clusters in which objects of an environment are, and the zones' names that lead to it.
fn places(world: &World) -> (Vec<&'static str>, BTreeSet<String>) {
    let clusters = ["main", "second"].into_iter().filter(|name| !world.objects_in(name, STAGING).is_empty());
    (clusters.collect(), world.marked_records(STAGING).into_iter().collect())
}

fn host(domain: &str) -> String {
    format!("{}.{domain}.localhost.", namespace_of(STAGING))
}

/// Lets another platform file be in force.
pub(super) async fn configure(world: &World, text: &str) {
    let parsed = Platform::parse(text.as_bytes()).unwrap();
    configuration::seed(world.state.as_ref(), &parsed, text, world.time.now()).await.unwrap();
}

/// Pushes to `main`, and builds both workloads.
async fn next(world: &Arc<World>, text: &str) -> [String; 2] {
    world.push("main", text);
    let built = world.build_main();
    world.pass(UNTIL_LOOKED).await;
    built
}

#[test]
fn it_runs_in_both_with_a_name_of_its_own_in_each() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        let names = BTreeSet::from([host("example"), host("second")]);
        assert_eq!(places(&world), (vec!["main", "second"], names));
        let environment = world.environment(STAGING).unwrap();
        assert_eq!(environment.url, Some(format!("http://{}", host("example").trim_end_matches('.'))));
        let asked = world.state.rows().into_iter().find(|row| row.key.sort == format!("change#{STAGING}"));
        assert_eq!(asked, None, "all changes have arrived");
        assert_eq!(present_generations(&world, STAGING).len(), 1);
        world.at_rest().unwrap();
    });
}

#[test]
fn what_does_not_start_in_one_is_returned_from_in_both() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(sample).await;
        world.push("main", "a change");
        let [web, _] = world.build_main();
        world.second.lock().unwrap().set_missing_images([web.clone()].into());
        world.pass(A_WHILE).await;
        world.runs(STAGING, &staging[0], &staging[1]).unwrap();
        let failed =
            present_generations(&world, STAGING).into_iter().find_map(|record| match record.ended?.result {
                roadstead_domain::deployment::EndResult::Failed { refusal } => Some(refusal.text),
                _ => None,
            });
        let failed = failed.unwrap();
        assert!(failed.starts_with("In the cluster `second`: The image of `web`"), "{failed}");
        let tried = world.environment(STAGING).unwrap().tried;
        assert!(tried.iter().any(|tried| tried.images.values().any(|image| image.as_str() == web)));
    });
}

#[test]
fn a_cluster_that_is_taken_out_is_left_and_one_that_is_added_is_used() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        configure(&world, &world.platform.replace(BOTH, "clusters: [main]")).await;
        let [web, worker] = next(&world, "without the second").await;
        world.runs(STAGING, &web, &worker).unwrap();
        assert_eq!(places(&world), (vec!["main"], [host("example")].into()));
        assert_eq!(world.environment(STAGING).unwrap().inventory.clusters, ["main".parse().unwrap()].into());

        configure(&world, &world.platform).await;
        let [web, worker] = next(&world, "with the second again").await;
        world.runs(STAGING, &web, &worker).unwrap();
        assert_eq!(places(&world).0, ["main", "second"]);
        world.at_rest().unwrap();
    });
}

#[test]
fn a_cluster_is_left_only_when_its_names_are_forgotten() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        configure(&world, &world.platform.replace(BOTH, "clusters: [second]")).await;
        world.push("main", "without the first");
        world.build_main();
        let both = BTreeSet::from([host("example"), host("second")]);
        while places(&world).1 == both {
            world.pass(Duration::from_millis(100)).await;
        }
        let without = world.time.now();
        while places(&world).0.len() == 2 {
            assert_eq!(places(&world).1, [host("second")].into(), "the name does not come back");
            world.pass(Duration::from_millis(100)).await;
        }
        let waited = world.time.now().duration_since(without);
        assert!(waited.as_secs() >= 60, "the objects went after {waited:?}");
    });
}

/// Somebody's finalizer holds an object in the namespace of the first cluster; the address of that object.
fn hold_in_the_first(world: &World) -> String {
    let kept = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "kept", "finalizers": [FINALIZER] } });
    let address = format!("/api/v1/namespaces/{}/configmaps", namespace_of(STAGING));
    world.admin("POST", &address, &kept);
    format!("{address}/kept")
}

#[test]
fn what_holds_a_cluster_that_is_left_is_told_and_fails_nothing() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        let kept = hold_in_the_first(&world);
        configure(&world, &world.platform.replace(BOTH, "clusters: [second]")).await;
        next(&world, "without the first").await;
        world.pass(Duration::from_secs(3_600)).await;
        let environment = world.environment(STAGING).unwrap();
        assert_eq!(environment.phase, Phase::Ready);
        let told = environment.left_behind.unwrap();
        assert!(told.contains("`main`") && told.contains(FINALIZER), "{told}");
        assert!(environment.inventory.clusters.contains(&"main".parse().unwrap()), "it is not forgotten");

        world.admin("PATCH", &kept, &json!({ "metadata": { "finalizers": null } }));
        next(&world, "once more").await;
        let environment = world.environment(STAGING).unwrap();
        assert_eq!((environment.phase, environment.left_behind), (Phase::Ready, None));
        assert_eq!(places(&world), (vec!["second"], [host("second")].into()));
    });
}

#[test]
fn what_holds_one_cluster_does_not_keep_the_other_from_being_emptied() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(with_people).await;
        let kept = hold_in_the_first(&world);
        world.typed(ADA, "/env", "destroy shop/staging").await;
        world.pass(A_WHILE).await;
        assert!(matches!(world.environment(STAGING).unwrap().phase, Phase::Closing { held_by: Some(_) }));
        assert_eq!(places(&world).0, ["main"]);
        world.admin("PATCH", &kept, &json!({ "metadata": { "finalizers": null } }));
        world.pass(UNTIL_LOOKED).await;
        world.gone(STAGING).unwrap();
    });
}

#[test]
fn the_names_of_a_cluster_stay_while_what_takes_its_place_is_not_ready() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        configure(&world, &world.platform.replace(BOTH, "clusters: [second]")).await;
        world.push("main", "does not start");
        let [web, _] = world.build_main();
        world.second.lock().unwrap().set_missing_images([web].into());
        let names = BTreeSet::from([host("example"), host("second")]);
        for _ in 0..60 {
            world.pass(Duration::from_millis(500)).await;
            assert_eq!(places(&world).1, names);
        }
    });
}
