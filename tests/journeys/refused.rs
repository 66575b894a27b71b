//! Who gets nothing: forks, people without rights, drafts.

use super::*;
use roadstead_steps::nouns::Time;
use roadstead_worlds::github::Delivery;

#[test]
fn a_fork_gets_one_comment_and_nothing_else_whatever_happens_to_its_pull_request() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        let (fork, number) = world.open_from_fork("mallory");
        for event in 0..6 {
            world.pass(A_WHILE).await;
            happens(&world, fork, number, event);
            world.pass(UNTIL_LOOKED).await;
            never_begun(&world, number);
            let comments = world.comments(number);
            assert_eq!(comments.len(), 1, "after event {event}: {comments:#?}");
            assert!(comments[0].contains("comes from a fork, and gets no preview"), "{comments:#?}");
        }
        world.at_rest().unwrap();
    });
}

/// Everything of which GitHub sends a `pull_request` event.
fn happens(world: &Arc<World>, fork: u64, number: u64, event: u8) {
    let now = world.time.now();
    let pushed = |world: &World| -> Vec<Delivery> {
        let mut github = world.github.lock().unwrap();
        github.commit_and_push(fork, "feature", "mallory", &[], now).unwrap().1
    };
    match event {
        0 => {}
        1 => world.deliver(pushed(world)),
        2 => world.set_draft(number, true),
        3 => world.set_draft(number, false),
        4 => world.close(number),
        _ => world.reopen(number),
    }
}

/// The platform file, with rights for one GitHub account only.
fn only(account: u64) -> impl FnOnce(String) -> String {
    move |platform| platform.replace("any_github_user", &format!("{{ github_user: {account} }}"))
}

#[test]
fn who_has_no_right_is_refused_and_told_so_whatever_name_the_commits_bear() {
    crate::simulation::in_virtual_time(async {
        let ada = calm(sample).await.github.lock().unwrap().create_user("ada");
        let world = calm(only(ada)).await;
        assert_eq!(world.github.lock().unwrap().create_user("ada"), ada);
        world.push("main", "a beginning");
        world.build_main();
        world.pass(UNTIL_LOOKED).await;
        let refused = world.open_as("mallory", "one", false);
        world.build_head(refused, "web");
        world.pass(Duration::from_secs(20)).await;
        never_begun(&world, refused);
        let comment = world.comments(refused)[0].clone();
        assert!(comment.contains(&format!("may not create `shop/pr-{refused}`")), "{comment}");
        world.pass(UNTIL_LOOKED).await;
        never_begun(&world, refused);
        let comments = world.comments(refused);
        assert!(comments.len() == 1 && comments[0].contains("may not create"), "{comments:#?}");
        world.pass(2 * UNTIL_LOOKED).await;
        assert_eq!(world.comments(refused), comments, "what is known is not said again");

        let allowed = world.open_as("ada", "two", false);
        world.pass(A_WHILE).await;
        assert_eq!(world.environment(&format!("shop/pr-{allowed}")).unwrap().phase, Phase::Ready);
    });
}

#[test]
fn a_draft_is_previewed_only_while_it_is_none() {
    crate::simulation::in_virtual_time(async {
        let without_drafts = |platform: String| platform.replace("drafts: true", "drafts: false");
        let (world, staging) = with_staging(without_drafts).await;
        let number = world.open_as("ada", "feature", true);
        let web = world.build_head(number, "web");
        world.pass(UNTIL_LOOKED).await;
        never_begun(&world, number);

        let id = format!("shop/pr-{number}");
        world.set_draft(number, false);
        world.pass(A_WHILE).await;
        world.runs(&id, &web, &staging[1]).unwrap();

        world.set_draft(number, true);
        world.pass(UNTIL_LOOKED).await;
        world.gone(&id).unwrap();
        world.at_rest().unwrap();
    });
}
