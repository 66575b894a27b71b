//! Images that cannot be pulled.

use super::*;
use roadstead_domain::environment::Environment;
use std::collections::BTreeSet;

fn cannot_be_pulled(world: &World, digests: &[&str]) {
    let missing: BTreeSet<String> = digests.iter().map(|digest| (*digest).to_owned()).collect();
    for cluster in [&world.cluster, &world.second] {
        cluster.lock().unwrap().set_missing_images(missing.clone());
    }
}

fn was_tried(environment: &Environment, digest: &str) -> bool {
    environment.tried.iter().any(|tried| tried.images.values().any(|image| image.as_str() == digest))
}

#[test]
fn a_preview_says_which_container_does_not_start_until_a_good_push_repairs_it() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let world = &preview.world;
        let bad = preview.push("a bad change");
        cannot_be_pulled(world, &[&bad]);
        world.pass(A_WHILE).await;
        failure(&preview.phase());
        let comment = preview.comment();
        assert!(comment.contains("The image of `web` is not in the registry"), "{comment}");
        assert!(comment.contains("Container `web` of pod `web-") && comment.contains(&bad), "{comment}");
        assert!(was_tried(&world.environment(&preview.id).unwrap(), &bad));

        let good = preview.push("a good change");
        world.pass(A_WHILE).await;
        world.runs(&preview.id, &good, &preview.staging[1]).unwrap();
        let comment = preview.comment();
        assert!(comment.contains(": ready") && !comment.contains("not in the registry"), "{comment}");
        world.at_rest().unwrap();
    });
}

#[test]
fn staging_returns_to_what_was_ready_and_nothing_automatic_deploys_the_bad_image_again() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(sample).await;
        world.push("main", "a bad change");
        let [bad, worker] = world.build_main();
        cannot_be_pulled(&world, &[&bad]);
        world.pass(A_WHILE).await;
        world.runs("shop/staging", &staging[0], &staging[1]).unwrap();
        let environment = world.environment("shop/staging").unwrap();
        assert!(was_tried(&environment, &bad));
        let why = environment.instead_of.unwrap().why;
        assert!(why.contains("The image of `web` is not in the registry") && why.contains(&bad), "{why}");

        cannot_be_pulled(&world, &[]);
        world.pass(Duration::from_secs(3_600)).await;
        let settled = world.environment("shop/staging").unwrap().wanted.generation;
        world.pass(Duration::from_secs(3 * 3_600)).await;
        world.runs("shop/staging", &staging[0], &staging[1]).unwrap();
        assert_eq!(world.environment("shop/staging").unwrap().wanted.generation, settled, "it comes to rest");
        assert_ne!(worker, staging[1]);
        let told = world.environment("shop/staging").unwrap().instead_of.unwrap();
        assert!(told.commit.as_ref().unwrap().as_str() == head(&world), "{told:?}");

        world.push("main", "a good change");
        let [web, worker] = world.build_main();
        world.pass(A_WHILE).await;
        world.runs("shop/staging", &web, &worker).unwrap();
        assert_eq!(world.environment("shop/staging").unwrap().instead_of, None);
    });
}

fn head(world: &World) -> String {
    world.github.lock().unwrap().commit_id(world.repository, "heads/main").unwrap()
}
