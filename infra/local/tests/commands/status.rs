//! `status`: the list of environments. The story of one is seen where it happens, in the other tests.

use crate::{assert_all_in, recorded, sent, start_with_staging, status, until};
use roadstead::command::status::Status;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn environments_are_listed_with_what_there_is_to_know() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start_with_staging(folder.path()).await;
    sent(&stack, recorded("github/pull_request.opened.json")).await.0.unwrap();
    let told = status(&stack, None, false).await;
    assert_all_in(
        &told,
        &["ENVIRONMENT", "shop/pr-2     preview", "71h 5", "shop/staging  staging", "failed: "],
    );
    let listed: Value = serde_json::from_str(&status(&stack, None, true).await).unwrap();
    let preview = &listed[0];
    assert_eq!((&preview["environment"], &preview["phase"]), (&json!("shop/pr-2"), &json!("ready")));
    assert_eq!(preview["revision"].as_str().unwrap().len(), 40);
    assert!(preview["url"].as_str().unwrap().starts_with("http://shop-pr-2-"), "{preview}");
    assert_eq!((&listed[1]["url"], &listed[1]["expires_at"]), (&Value::Null, &Value::Null));
    let unknown = Status { environment: Some("shop/pr-9".parse().unwrap()), json: false };
    assert!(unknown.run(&stack).await.unwrap_err().next.contains("status"));
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_built_says_so_and_a_stack_that_is_up_has_built_main() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start_with_staging(folder.path()).await;
    let told = status(&stack, None, false).await;
    assert_all_in(&told, &["failed: No image of `web` was built yet, from ", "Run its pipeline, or push"]);
    for _ in 0..2 {
        running.people().build_at_first().await.unwrap();
        until(async || status(&stack, None, false).await.contains("ready")).await;
    }
    assert_eq!(running.worlds.registry.read(|there| there.references.len()), 2);
    running.stop().await.unwrap();
}
