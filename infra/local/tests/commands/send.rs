//! `send`: a recorded event, and the journey that it sets off.

use crate::{
    LIMIT, Told, assert_all_in, recorded, sent, start, start_with_images, start_with_staging, status, story,
};
use roadstead::command::{follow::Ended, running::RunningStack, send::Send};
use roadstead_steps::listing;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_pull_request_is_previewed_and_tells_its_story() {
    let folder = tempfile::tempdir().unwrap();
    let (first, stack) = start_with_staging(folder.path()).await;
    let (ended, told) = sent(&stack, recorded("github/pull_request.opened.json")).await;
    assert_eq!(ended.unwrap(), Ended::Well, "{told}");
    assert_all_in(
        &told,
        &["Codertocat opens pull request 2 again", "shop/pr-2: wanted anew, as generation 1"],
    );
    assert_all_in(&told, &["#1  apply-to-eks", "#1  verify-rollout", "ready at http://shop-pr-2-"]);
    let (ended, told) = sent(&stack, recorded("images/built.json")).await;
    assert_eq!(ended.unwrap(), Ended::Well, "{told}");
    assert_all_in(&told, &["the pipeline ci: the image", "as generation 2", "ready at"]);
    first.stop().await.unwrap();

    let problem = RunningStack::find(folder.path()).await.err().unwrap();
    assert!(problem.next.contains("cargo run -- up"), "{problem}");
    let (second, stack) = start(folder.path()).await;
    let (ended, told) = sent(&stack, recorded("github/pull_request.closed.json")).await;
    assert_eq!(ended.unwrap(), Ended::Well, "{told}");
    assert_all_in(&told, &["Codertocat: pull request 2 of acme/shop at ", ", closed\n"]);
    assert_all_in(&told, &["#3  undo create-dns", "#3  undo provision-environment", "gone; nothing is left"]);
    let told = status(&stack, Some("shop/pr-2"), false).await;
    assert_all_in(&told, &["shop/pr-2: gone", "#1  2", "says the image's label", "says the pipeline"]);
    assert_all_in(&told, &["#3  2", "to be gone: its pull request is closed", "undo resolve-config"]);
    let story = story(&stack, "shop/pr-2").await;
    assert_eq!((&story["left_out"], &story["deployments"][1]["who"]), (&json!(0), &json!("the pipeline ci")));
    assert_eq!(story["deployments"][1]["steps"].as_array().unwrap().len(), 5);

    let environment = stack.environment(&"shop/pr-2".parse().unwrap()).await.unwrap().unwrap();
    for (at_most, generations) in [(2, vec![2, 3]), (3, vec![1, 2, 3]), (4, vec![1, 2, 3])] {
        let found = listing::deployments(&stack.state, &environment, at_most).await.unwrap();
        assert_eq!(found.into_keys().collect::<Vec<_>>(), generations);
    }
    second.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_is_asked_for_again_tries_its_commit_again() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start_with_staging(folder.path()).await;
    let (ended, told) = sent(&stack, recorded("github/check_suite.rerequested.json")).await;
    assert_eq!(ended.unwrap(), Ended::Nothing, "{told}");
    assert_all_in(&told, &["no environment has run this commit"]);
    sent(&stack, recorded("github/pull_request.opened.json")).await.0.unwrap();
    for (event, generation) in [("check_run", 2), ("check_suite", 3)] {
        let (ended, told) = sent(&stack, recorded(&format!("github/{event}.rerequested.json"))).await;
        assert_eq!(ended.unwrap(), Ended::Well, "{told}");
        let wanted = format!("shop/pr-2: wanted anew, as generation {generation}");
        assert_all_in(&told, &["Codertocat asks for the checks of", &wanted, "ready at"]);
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_is_told_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    for (event, tells) in [
        ("images/built.json", "it is sent as recorded"),
        ("github/ping.json", "this event changes nothing that is deployed"),
        ("github/push.json", "no environment follows this branch"),
        ("github/pull_request.closed.json", "There is no environment `shop/pr-2`."),
        ("github/pull_request.opened.fork.json", "pull requests from forks get nothing"),
        ("ecr/image_action.push.failure.json", "no image that has come"),
        ("ecr/image_action.delete.json", "no image that has come"),
    ] {
        let (ended, told) = sent(&stack, recorded(event)).await;
        assert_eq!(ended.unwrap(), Ended::Nothing, "{told}");
        assert!(told.contains(tells), "{event}: {told}");
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_names_the_next_action() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    let file = recorded("github/pull_request.opened.json");
    let mut event: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let as_recorded = Send { file, as_recorded: true, limit: LIMIT };
    let problem = as_recorded.run(&stack, &Told::default().hears()).await.unwrap_err();
    assert!(problem.what.contains("403") && problem.next.contains("--as-recorded"), "{problem}");
    std::fs::create_dir(folder.path().join("github")).unwrap();
    let unknown = folder.path().join("github/pull_request.unknown.json");
    event["number"] = json!(999);
    std::fs::write(&unknown, event.to_string()).unwrap();
    let problem = sent(&stack, unknown.clone()).await.0.unwrap_err();
    assert!(problem.what.contains("no pull request 999"), "{problem}");
    std::fs::write(&unknown, "[]").unwrap();
    for file in [unknown, recorded("sqs/batch.json"), recorded("github/none.json")] {
        let problem = sent(&stack, file).await.0.unwrap_err();
        assert!(problem.next.contains("events/README.md"), "{problem}");
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_image_of_a_registry_is_put_there_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start_with_images(folder.path()).await;
    for event in ["ecr/image_action.push.json", "ecr/replication_action.replicate.json"] {
        let (ended, told) = sent(&stack, recorded(event)).await;
        assert_eq!(ended.unwrap(), Ended::Well, "{told}");
        assert_all_in(
            &told,
            &["CI builds shop/web from ", "as sha-", "shop/staging: wanted anew", "ready at"],
        );
    }
    sent(&stack, recorded("github/pull_request.opened.json")).await.0.unwrap();
    let (ended, told) = sent(&stack, recorded("ecr/image_action.push.json")).await;
    assert_eq!(ended.unwrap(), Ended::Well, "{told}");
    assert_all_in(&told, &["as pr-2-", "shop/pr-2: wanted anew, as generation 2", "ready at"]);
    running.stop().await.unwrap();
}
