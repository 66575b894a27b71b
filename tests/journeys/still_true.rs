//! What people were told goes on being true: where there is much to say, where something refuses, and where it is said elsewhere.

use super::{tags, two_clusters::configure, *};
use crate::simulation::{
    commands::{ADA, with_people},
    world::CHANNEL,
};
use roadstead_steps::nouns::Time as _;
use roadstead_worlds::slack::UPDATE_LIMIT;

/// Another channel of the workspace.
const OTHER: &str = "C0OTHER";

#[test]
fn what_is_wrong_is_told_in_the_channel_however_much_it_is() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, id, number, .. } = &preview;
        let score = String::from_utf8(crate::simulation::world::WEB_SCORE.to_vec()).unwrap();
        let variable = |number| format!("      V{number}: ${{resources.{}.host}}\n", "nowhere".repeat(80));
        let wrong: String = (0..50).map(variable).collect();
        let score = score.replace("    variables:\n", &format!("    variables:\n{wrong}"));
        world.push_file("feature", "web/score.yaml", &score);
        world.build_head(*number, "web");
        world.pass(A_WHILE).await;
        assert!(failure(&preview.phase()).len() > UPDATE_LIMIT, "{:?}", preview.phase());
        let said = world.said_of(id).pop().unwrap().1;
        assert!(said.contains("failed: ") && said.ends_with('…'), "{said}");
        assert!(said.len() > UPDATE_LIMIT - 20, "{}", said.len());
        world.at_rest().unwrap();
    });
}

#[test]
fn what_cannot_be_deployed_is_told_although_it_was_bound_to_no_commit() {
    crate::simulation::in_virtual_time(async {
        let (world, first) = tags::released("exact: stable", "stable").await;
        tags::push_mute(&world);
        world.pass(UNTIL_LOOKED).await;
        world.runs(tags::STAGING, &first[0], &first[1]).unwrap();
        let said = world.said_of(tags::STAGING).pop().unwrap().1;
        assert!(said.contains("Set the label `org.opencontainers.image.revision`"), "{said}");
        assert!(said.contains(": ready"), "{said}");

        let commit = world.push("main", "says it");
        let web = world.build("web", "stable", &commit);
        world.pass(A_WHILE).await;
        world.runs(tags::STAGING, &web, &first[1]).unwrap();
        let said = world.said_of(tags::STAGING).pop().unwrap().1;
        assert!(!said.contains("Set the label"), "{said}");
    });
}

#[test]
fn a_branch_that_is_gone_is_told_and_what_runs_goes_on() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(sample).await;
        configure(&world, &world.platform.replace("branch: main }", "branch: later }")).await;
        world.typed(ADA, "/env", "retry shop/staging").await;
        world.pass(UNTIL_LOOKED).await;
        world.runs("shop/staging", &staging[0], &staging[1]).unwrap();
        let said = world.said_of("shop/staging").pop().unwrap().1;
        assert!(said.contains("branch `later`"), "{said}");
        let settled = world.environment("shop/staging").unwrap().wanted.generation;
        world.pass(3 * UNTIL_LOOKED).await;
        assert_eq!(world.environment("shop/staging").unwrap().wanted.generation, settled, "it comes to rest");
    });
}

#[test]
fn the_last_answer_comes_although_slack_takes_nothing_at_that_moment() {
    crate::simulation::in_virtual_time(async {
        let (world, _) =
            with_staging(|platform| platform.replacen("images: { wait: 1s", "images: { wait: 1h", 1)).await;
        world.push("main", "nobody builds it");
        world.pass(A_WHILE).await;
        let (address, _) = world.types(ADA, "/env create shop try").await;
        world.pass(Duration::from_secs(24 * 60)).await;
        let throttled = |_: &_| Some(crate::simulation::wire::too_many_requests());
        world.faults.instead.lock().unwrap().insert("slack", throttled);
        world.pass(Duration::from_secs(2 * 60)).await;
        world.faults.instead.lock().unwrap().clear();
        world.pass(Duration::from_secs(3 * 60)).await;
        let outbox = world.slack.lock().unwrap().outbox();
        let replies = outbox["replies"].as_array().unwrap().iter();
        let ours = replies.filter(|reply| reply["response_url"].as_str().unwrap().ends_with(&address));
        let shown: Vec<_> = ours.map(|reply| reply["text"].to_string()).collect();
        assert!(shown[0].contains("It takes longer than I can answer here."), "{shown:?}");
        let rows = world.state.rows().into_iter();
        let kept = rows.filter(|row| row.attributes.contains_key("reply")).count();
        assert_eq!(kept, 0, "the address is forgotten");
    });
}

#[test]
fn an_environment_of_github_s_that_is_not_of_a_pull_request_stays() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(with_people).await;
        let Preview { world, id, number, .. } = &preview;
        let there = |name: &str| world.github.lock().unwrap().environments(world.repository).contains(&name);
        assert!(there("shop/staging") && there(id));
        world.typed(ADA, "/env", "destroy shop/staging").await;
        world.pass(A_WHILE).await;
        world.gone("shop/staging").unwrap();
        assert!(there("shop/staging"), "a team's secrets and rules may be in it");
        world.close(*number);
        world.pass(A_WHILE).await;
        world.gone(id).unwrap();
        assert!(!there(id));
    });
}

/// What was said of staging in a channel.
fn said_in(world: &World, channel: &str) -> Vec<String> {
    let slack = world.slack.lock().unwrap();
    slack.messages(channel).into_iter().map(|message| message.text.clone()).collect()
}

/// Something new runs in staging.
async fn news(world: &Arc<World>) {
    world.push("main", "news");
    world.build_main();
    world.pass(UNTIL_LOOKED).await;
    assert_eq!(world.environment("shop/staging").unwrap().phase, Phase::Ready);
}

#[test]
fn a_message_in_a_channel_that_was_left_says_so() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        assert!(said_in(&world, CHANNEL)[0].contains("ready"));
        world.slack.lock().unwrap().add_channel(OTHER, "other", true);
        configure(&world, &world.platform.replace(CHANNEL, OTHER)).await;
        news(&world).await;
        let (left, now) = (said_in(&world, CHANNEL), said_in(&world, OTHER));
        assert!(left.len() == 1 && left[0].contains("no longer"), "{left:?}");
        assert!(now.len() == 1 && now[0].contains("ready"), "{now:?}");

        configure(&world, &world.platform.replace(&format!("    channel: {CHANNEL}\n"), "")).await;
        news(&world).await;
        let now = said_in(&world, OTHER);
        assert!(now.len() == 1 && now[0].contains("no longer"), "{now:?}");
        world.at_rest().unwrap();
    });
}

#[test]
fn a_channel_that_was_left_and_is_archived_keeps_nothing_from_being_told() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        world.slack.lock().unwrap().archive(CHANNEL).unwrap();
        world.slack.lock().unwrap().add_channel(OTHER, "other", true);
        configure(&world, &world.platform.replace(CHANNEL, OTHER)).await;
        news(&world).await;
        let now = said_in(&world, OTHER);
        assert!(now.len() == 1 && now[0].contains("ready"), "{now:?}");
        world.at_rest().unwrap();
    });
}

#[test]
fn the_end_of_what_has_no_channel_is_told_beside_its_commit() {
    crate::simulation::in_virtual_time(async {
        let without =
            |platform: String| with_people(platform).replace(&format!("    channel: {CHANNEL}\n"), "");
        let (world, _) = with_staging(without).await;
        world.typed(ADA, "/env", "create shop try for 4h").await;
        let check = || world.checks("shop/try").pop().unwrap();
        assert_eq!(check().title.as_deref(), Some("ready"));
        let end = world.environment("shop/try").unwrap().expires_at.unwrap();
        let left = end.duration_since(world.time.now()).unsigned_abs();
        world.pass(left - Duration::from_secs(10 * 60)).await;
        let warned = check();
        assert!(warned.title.as_deref().unwrap().starts_with("ready; goes away on "), "{warned:?}");
        assert!(warned.summary.unwrap().contains("Extend it with `/env extend shop/try` or a push."));
        assert_eq!(check().conclusion.as_deref(), Some("success"));
    });
}
