//! Webhooks and events that never come: the repository is looked at.

use super::*;
use http::{Request, Response, StatusCode};
use roadstead_steps::nouns::{Time, state::DUE_AT};

#[test]
fn a_pull_request_whose_opening_was_lost_gets_its_preview_all_the_same() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(sample).await;
        world.dropped.lock().unwrap().insert("opened");
        let number = world.open();
        let web = world.build_head(number, "web");
        world.pass(UNTIL_LOOKED).await;
        world.runs(&format!("shop/pr-{number}"), &web, &staging[1]).unwrap();
    });
}

#[test]
fn a_pull_request_whose_closing_was_lost_is_taken_down_all_the_same() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        preview.world.dropped.lock().unwrap().insert("closed");
        preview.world.close(preview.number);
        preview.world.pass(UNTIL_LOOKED + Duration::from_secs(120)).await;
        preview.world.gone(&preview.id).unwrap();
    });
}

#[test]
fn an_image_whose_event_was_lost_is_deployed_all_the_same() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(sample).await;
        let (number, id) = (world.open(), "shop/pr-1");
        world.pass(A_WHILE).await;
        world.runs(id, &staging[0], &staging[1]).unwrap();
        world.dropped.lock().unwrap().insert("image");
        let web = world.build_head(number, "web");
        world.pass(UNTIL_LOOKED).await;
        world.runs(id, &web, &staging[1]).unwrap();
    });
}

/// In how long the repository is looked at next.
fn next_look(world: &World) -> Duration {
    let rows = world.state.rows();
    let row = rows.iter().find(|row| row.key.sort == "repository").unwrap();
    let due_at = row.attributes[DUE_AT].as_i64().unwrap();
    Duration::from_millis(u64::try_from(due_at - world.time.now().as_millisecond()).unwrap_or_default())
}

/// A registry that cannot be asked is not asked: what else is in the repository is looked at, again and again.
#[test]
fn an_image_in_a_registry_that_cannot_be_asked_keeps_nobody_from_being_looked_at() {
    crate::simulation::in_virtual_time(async {
        let foreign = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web";
        let world = calm(|platform: String| platform.replace(foreign, "ghcr.io/acme/web")).await;
        let commit = world.push("main", "a beginning");
        let web = format!("sha256:{}", "1".repeat(64));
        world.tell_built("ghcr.io/acme/web", &web, &commit, 1, None).await;
        let worker = world.build("worker", &format!("sha-{commit}"), &commit);
        world.pass(UNTIL_LOOKED).await;
        world.runs("shop/staging", &web, &worker).unwrap();
        let (number, id) = (world.open(), "shop/pr-1");
        world.pass(A_WHILE).await;
        world.runs(id, &web, &worker).unwrap();

        world.dropped.lock().unwrap().insert("image");
        let newer = world.build_head(number, "worker");
        world.pass(UNTIL_LOOKED).await;
        world.runs(id, &web, &newer).unwrap();
        world.pass(6 * UNTIL_LOOKED).await;
        assert!(next_look(&world) < UNTIL_LOOKED, "{:?}", next_look(&world));
    });
}

/// What the registry answers to whoever asks for an image of the first pull request.
fn refusing_the_first(request: &Request<Vec<u8>>) -> Option<Response<Vec<u8>>> {
    String::from_utf8_lossy(request.body()).contains("pr-1-").then(|| {
        let refused = br#"{"__type":"AccessDeniedException","message":"not this one"}"#;
        let mut response = Response::new(refused.to_vec());
        *response.status_mut() = StatusCode::BAD_REQUEST;
        response
    })
}

#[test]
fn an_environment_that_cannot_be_looked_at_keeps_no_other_from_it() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(sample).await;
        world.open_as("ada", "first", false);
        let second = world.open_as("ada", "second", false);
        world.pass(A_WHILE).await;
        world.runs("shop/pr-2", &staging[0], &staging[1]).unwrap();

        world.faults.instead.lock().unwrap().insert("ecr", refusing_the_first);
        world.dropped.lock().unwrap().insert("image");
        let web = world.build_head(second, "web");
        world.pass(UNTIL_LOOKED).await;
        world.runs("shop/pr-2", &web, &staging[1]).unwrap();
        world.pass(6 * UNTIL_LOOKED).await;
        assert!(next_look(&world) < UNTIL_LOOKED, "{:?}", next_look(&world));
    });
}

/// What failed for want of one image does not fail anew at every look because another is there, and is begun once that one is.
#[test]
fn what_lacks_an_image_is_begun_again_less_and_less_often() {
    crate::simulation::in_virtual_time(async {
        let strict = |platform: String| platform.replace("otherwise: base", "otherwise: fail");
        let (world, _) = with_staging(strict).await;
        let (number, id) = (world.open(), "shop/pr-1");
        let web = world.build_head(number, "web");
        world.pass(UNTIL_LOOKED).await;
        failure(&world.environment(id).unwrap().phase);
        let begun = || world.environment(id).unwrap().wanted.generation;
        let before = begun();
        world.pass(24 * UNTIL_LOOKED).await;
        assert!((1..=5).contains(&(begun() - before)), "{}", begun() - before);

        world.dropped.lock().unwrap().insert("image");
        let worker = world.build_head(number, "worker");
        world.pass(48 * UNTIL_LOOKED).await;
        world.runs(id, &web, &worker).unwrap();
    });
}

/// What is not begun again and again for want of an image is so when its base can lend it.
#[test]
fn what_its_base_could_not_lend_is_begun_again_once_that_can() {
    crate::simulation::in_virtual_time(async {
        let world = calm(sample).await;
        world.push("main", "a beginning");
        let (number, id) = (world.open(), "shop/pr-1");
        let web = world.build_head(number, "web");
        world.pass(2 * UNTIL_LOOKED).await;
        failure(&world.environment(id).unwrap().phase);
        let [_, worker] = world.build_main();
        world.pass(2 * UNTIL_LOOKED).await;
        world.runs(id, &web, &worker).unwrap();
        let generation = world.environment(id).unwrap().wanted.generation;
        world.pass(6 * UNTIL_LOOKED).await;
        assert!(world.environment(id).unwrap().wanted.generation <= generation + 2);
    });
}
