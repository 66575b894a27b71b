//! What people type in the Slack of this machine.

use crate::{assert_all_in, recorded, sent, start, until};
use roadstead::command::follow::Ended;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_in_slack_is_done_and_answered_there() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    let (ended, told) = sent(&stack, recorded("slack/env_create.misspelt.json")).await;
    assert_eq!(ended.unwrap(), Ended::Nothing, "{told}");
    assert_all_in(&told, &["Did you mean `/env create shop try`?"]);
    let (ended, told) = sent(&stack, recorded("slack/env_create.json")).await;
    assert_eq!(ended.unwrap(), Ended::Well, "{told}");
    assert_all_in(
        &told,
        &["ada types `/env create shop try branch main for 4h`", "Slack shows: `shop/try`: ready"],
    );
    assert_all_in(&told, &["Slack shows: http", "shop/try: wanted anew, as generation 1"]);
    let (ended, told) = sent(&stack, recorded("slack/env_list.json")).await;
    assert_eq!(ended.unwrap(), Ended::Nothing, "{told}");
    assert_all_in(&told, &["Slack shows: `shop/try` (preview"]);
    let (ended, told) = sent(&stack, recorded("slack/env_destroy.json")).await;
    assert_eq!(ended.unwrap(), Ended::Well, "{told}");
    assert_all_in(&told, &["shop/try #2", "gone"]);
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_types_a_command_and_sees_what_the_door_answers() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    let url = format!("{}/_people/command", stack.local.github_api);
    let typed = async |who: &str, text: &str| {
        let answer =
            stack.post(&url, None, &json!({"who": who, "text": text, "channel": "shop"})).await.unwrap();
        serde_json::from_slice::<Value>(answer.body()).unwrap_or_default()
    };
    assert_all_in(typed("ada", "/env help").await["text"].as_str().unwrap(), &["`/env create", "`/deploy"]);
    assert_all_in(typed("eve", "/env list").await["text"].as_str().unwrap(), &["On it"]);
    assert_eq!(typed("nobody", "/env list").await, Value::Null);
    let outbox = stack.local.slack_outbox.clone().unwrap();
    let shown = async || {
        let request = http::Request::get(&outbox).body(vec![]).unwrap();
        serde_json::from_slice::<Value>(stack.call(request).await.unwrap().body()).unwrap()
    };
    until(async || shown().await["replies"][1]["uses"] == json!(1)).await;
    let shown = shown().await;
    assert_eq!(shown["replies"][0]["uses"], json!(0), "help is answered at once, and at its address nothing");
    assert_eq!(
        shown["replies"][1]["answers"].as_array().unwrap().len(),
        1,
        "the answer took the first one's place"
    );
    running.stop().await.unwrap();
}
