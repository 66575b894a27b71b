//! `retry`: what failed is tried again, because the person at this machine asks for it.

use crate::{LIMIT, Told, assert_all_in, at_rest, recorded, sent, start, story};
use jiff::Timestamp;
use roadstead::{
    command::{follow::Ended, retry::Retry, running::RunningStack},
    stack::{Stack, worlds::Registry},
};
use roadstead_web::{Https, Transport as _};
use roadstead_worlds::ecr::Image;
use serde_json::json;

/// The images of the sample.
const IMAGES: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

async fn retried(stack: &RunningStack, environment: &str) -> (Ended, String) {
    let told = Told::default();
    let retry = Retry { environment: environment.parse().unwrap(), limit: LIMIT };
    let ended = retry.run(stack, &told.hears()).await.unwrap();
    (ended, told.all())
}

/// Pushes an image of which nobody is told, and answers its digest. It cannot be pulled yet.
fn push_unheard(running: &Stack, tag: &str, workload: &str) -> String {
    let image = Image { content: format!("{workload} {tag}"), ..Image::of_revision("0") };
    let image = Image { revision: None, ..image };
    let repository = format!("shop/{workload}");
    let push = |registry: &mut Registry| {
        registry.ecr.push(&repository, tag, &image, Timestamp::now()).unwrap().digest
    };
    running.worlds.registry.change(push)
}

fn let_pull(running: &Stack, workload: &str, digest: &str) {
    let reference = format!("{IMAGES}/shop/{workload}@{digest}");
    running.worlds.registry.change(|registry| registry.references.insert(reference));
    running.worlds.let_pull();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_tried_again_by_the_person_at_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    let staging = at_rest(&stack, "shop/staging").await;
    let (ended, told) = retried(&stack, "shop/staging").await;
    assert_eq!(ended, Ended::Badly, "{told}");
    assert_all_in(&told, &["the person at this machine: try `shop/staging` again", "#2  failed: "]);

    let tag = format!("sha-{}", staging.commit.unwrap());
    for workload in ["web", "worker"] {
        let digest = push_unheard(&running, &tag, workload);
        let_pull(&running, workload, &digest);
    }
    let (ended, told) = retried(&stack, "shop/staging").await;
    assert_eq!(ended, Ended::Well, "{told}");
    assert_all_in(&told, &["as generation 3", "#3  verify-rollout", "shop/staging #3, after"]);
    let story = story(&stack, "shop/staging").await;
    let last = &story["deployments"][2];
    assert_eq!((&last["who"], &last["result"]), (&json!("the person at this machine"), &json!("ready")));

    for (environment, tells) in
        [("shop/staging", "nothing to try again"), ("shop/pr-9", "There is no environment")]
    {
        let (ended, told) = retried(&stack, environment).await;
        assert!(ended == Ended::Nothing && told.contains(tells), "{told}");
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_that_failed_is_deployed_again_only_by_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    sent(&stack, recorded("github/pull_request.opened.json")).await.0.unwrap();
    let head = at_rest(&stack, "shop/pr-2").await.commit.unwrap();
    let digest = push_unheard(&running, "unheard", "web");
    let built = json!({ "image": format!("{IMAGES}/shop/web"), "digest": digest, "commit": head, "run": 1 });
    let file = folder.path().join("images/built.json");
    std::fs::create_dir(folder.path().join("images")).unwrap();
    std::fs::write(&file, built.to_string()).unwrap();
    let (ended, told) = sent(&stack, file).await;
    assert_eq!(ended.unwrap(), Ended::Badly, "{told}");
    assert_all_in(&told, &["failed: ", "is not in the registry"]);

    let_pull(&running, "web", &digest);
    let (ended, told) = sent(&stack, recorded("github/pull_request.opened.json")).await;
    assert_eq!(ended.unwrap(), Ended::Badly, "{told}");
    assert_all_in(&told, &["is not deployed again by itself"]);
    let (ended, told) = retried(&stack, "shop/pr-2").await;
    assert_eq!(ended, Ended::Well, "{told}");
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_takes_notes_only_of_who_has_its_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    for bearer in ["", "Bearer ", "Bearer 0", &stack.local.secrets.desk] {
        let request = http::Request::post(format!("{}/retry", stack.local.desk))
            .header("content-type", "application/json")
            .header("authorization", bearer)
            .body(br#"{"environment": "shop/staging"}"#.to_vec());
        let answer = Https::new(true).unwrap().call(request.unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), 401, "{bearer}");
    }
    running.stop().await.unwrap();
}
