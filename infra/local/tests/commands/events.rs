//! What is heard of a stack: `events`, and the end of who listens.

use crate::{
    LIMIT, Told, assert_all_in, recorded, sent, start, start_with_images, start_with_staging, status, until,
};
use roadstead::{
    command::{
        events::{Events, Listener},
        follow::Following,
        heard::Heard,
    },
    stack::dynamodb::{TABLE, stand_in},
};
use roadstead_aws::state::DynamoDb;
use serde_json::Value;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_not_reached_is_told_of_only_while_the_stack_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (running, mut stack) = start(folder.path()).await;
    stack.state = DynamoDb::new(stand_in("http://127.0.0.1:1"), TABLE);
    let follow = async |heard: Heard| {
        let following = Following { stack: &stack, heard, tell: &|_| () };
        following.to_its_end("any", Duration::from_secs(LIMIT)).await.unwrap_err()
    };
    let problem = follow(stack.hear().await.unwrap()).await;
    assert!(problem.what.contains("the stack's table cannot be read"), "{problem}");
    let heard = stack.hear().await.unwrap();
    let (problem, stopped) = tokio::join!(follow(heard), running.stop());
    stopped.unwrap();
    assert_eq!(problem.what, "the stack has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_happens_is_told_while_it_happens() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start_with_staging(folder.path()).await;
    let (words, json) = (Told::default(), Told::default());
    let (tell_words, tell_json) = (words.hears(), json.hears());
    let in_words = Events { json: false }.run(Listener::at(&stack).await.unwrap(), &tell_words);
    let in_json = Events { json: true }.run(Listener::at(&stack).await.unwrap(), &tell_json);
    let journey = async {
        sent(&stack, recorded("github/pull_request.opened.json")).await.0.unwrap();
        let last = "the comment of pull request 2";
        until(async || words.all().contains(last) && json.all().contains(last)).await;
        running.stop().await.unwrap();
    };
    let (in_words, in_json, ()) = tokio::join!(in_words, in_json, journey);
    in_words.and(in_json).unwrap();
    let told = words.all();
    assert_all_in(
        &told,
        &["Codertocat: pull request 2", "resolve-config                begins", " ms", "say so"],
    );
    assert!(!told.contains("shop/staging #"), "only what is new is told: {told}");
    let lines: Vec<Value> = json.all().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for kind in ["trigger", "step-begun", "step-ended", "phase", "announced"] {
        assert!(lines.iter().any(|line| line["kind"] == kind && line["at"].is_string()), "{kind}: {lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_returned_from_is_told_with_its_reason_before_the_return_begins() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start_with_images(folder.path()).await;
    let told = Told::default();
    let tell = told.hears();
    let events = Events { json: false }.run(Listener::at(&stack).await.unwrap(), &tell);
    let journey = async {
        let people = running.people();
        let commit = people.push("main", "grace", "DEPLOYED", "a mistake").await.unwrap();
        people.build_broken("shop/web", &commit).await.unwrap();
        people.build("shop/worker", &commit).await.unwrap();
        until(async || told.all().contains("returns to ") && told.all().contains("  ready")).await;
        let story = status(&stack, Some("shop/staging"), false).await;
        assert_all_in(&story, &["Roadstead: its repository was looked at", "as #2 failed", "web: sha256:"]);
        let mut images = story.lines().filter(|line| line.starts_with("    web: "));
        assert!(images.all(|line| line.split(' ').all(|word| word.len() < 64)), "{story}");
        running.stop().await.unwrap();
    };
    let (ended, ()) = tokio::join!(events, journey);
    ended.unwrap();
    let told = told.all();
    let failed = told.find("  failed: ").unwrap_or_else(|| panic!("{told}"));
    assert!(told[failed..].lines().next().unwrap().contains("`web`"), "{told}");
    let (before, after) = told.split_at(failed);
    let (failed, next) = (before.rsplit('#').next().unwrap(), after.split('#').nth(1).unwrap());
    let number = |text: &str| text.split(' ').next().unwrap().parse::<u64>().unwrap();
    assert_eq!(number(next), number(failed) + 1, "{told}");
}
