//! A command is answered so often at its address, and the last answer is kept for how it ended.

use super::put;
use crate::simulation::{A_WHILE, calm, in_virtual_time};
use roadstead_domain::announcement::AnnouncementKey;
use roadstead_steps::{announce::ANSWERS_LIMIT, rows};
use serde_json::json;

/// How often a command is answered at its address, where so many answers were given there before, and what is shown then.
async fn answered(line: &str, before: u32) -> (u64, String) {
    let world = calm(|platform| platform).await;
    world.push("main", "a beginning");
    let (address, _) = world.types("U0ADA", line).await;
    let there = world.state.rows();
    let key = there.iter().find_map(|row| row.key.partition.strip_prefix("trigger#slack#")).unwrap();
    let key = AnnouncementKey::Reply { trigger: format!("slack#{key}") };
    let announcement = json!({ "key": key, "owed": 0, "said": { "times": before } });
    put(&world, [rows::row(rows::announcement(&key), &announcement, None).unwrap()]).await;
    world.pass(A_WHILE).await;
    let outbox = world.slack.lock().unwrap().outbox();
    let replies = outbox["replies"].as_array().unwrap();
    let ours = replies.iter().find(|reply| reply["response_url"].as_str().unwrap().ends_with(&address));
    let shown = ours.unwrap()["answers"][0].as_str().unwrap();
    (ours.unwrap()["uses"].as_u64().unwrap(), shown.to_owned())
}

#[test]
fn a_command_is_answered_so_often_and_no_more() {
    in_virtual_time(async {
        for (before, answers) in [(ANSWERS_LIMIT - 1, 1), (ANSWERS_LIMIT, 0)] {
            assert_eq!(answered("/env list", before).await.0, answers, "after {before}");
        }
    });
}

/// What is asked for here waits for images that never come: a first answer says so, and the last how it ended.
#[test]
fn the_last_answer_is_kept_for_how_it_ends() {
    in_virtual_time(async {
        let line = "/env create shop try branch main";
        let (uses, ended) = answered(line, ANSWERS_LIMIT - 2).await;
        assert!(uses == 2 && !ended.contains("on its way"), "{uses}: {ended}");
        assert_eq!(answered(line, ANSWERS_LIMIT - 1).await, (1, ended));
    });
}
