//! A head that was refused: no look at the repository and nothing else that goes by itself deploys it, until somebody with the
//! right asks for it.

use super::{
    commands::told,
    configuration::{pushed, with},
    *,
};
use crate::simulation::commands::{ADA, with_people};
use roadstead_steps::nouns::Time;
use roadstead_worlds::github::FileChange;

/// A calm world in which `ada` may do everything, and `mallory` may push.
async fn only_ada(change: impl Fn(String) -> String) -> Arc<World> {
    let ada = calm(sample).await.github.lock().unwrap().create_user("ada");
    let only = format!("{{ github_user: {ada} }}");
    let world = calm(|platform| change(with_people(platform)).replace("any_github_user", &only)).await;
    assert_eq!(world.github.lock().unwrap().create_user("ada"), ada);
    world.push("main", "a beginning");
    world.build_main();
    world.pass(UNTIL_LOOKED).await;
    world
}

/// Somebody pushes to the branch of the pull request, and the pipeline builds it; the head and its image of `web`.
fn pushed_by(world: &Arc<World>, who: &str, number: u64) -> (String, String) {
    let change = [FileChange::Put("README.md", who.as_bytes())];
    let now = world.time.now();
    let pushed = world.github.lock().unwrap().commit_and_push(world.repository, "feature", who, &change, now);
    let (head, told) = pushed.unwrap();
    world.deliver(told);
    (head, world.build_head(number, "web"))
}

/// A preview of ada's, and the image of `web` that it runs; then mallory pushes, and a look has passed.
async fn refused() -> (Arc<World>, u64, String, (String, String)) {
    let world = only_ada(sample).await;
    let number = world.open();
    let web = world.build_head(number, "web");
    world.pass(A_WHILE).await;
    assert_eq!(world.image_in("main", "shop/pr-1", "web").as_ref(), Some(&web));
    let theirs = pushed_by(&world, "mallory", number);
    world.pass(UNTIL_LOOKED).await;
    (world, number, web, theirs)
}

fn runs_web(world: &World, web: &str) {
    assert_eq!(world.environment("shop/pr-1").unwrap().phase, Phase::Ready);
    assert_eq!(world.image_in("main", "shop/pr-1", "web").as_deref(), Some(web));
}

fn comment(world: &World, number: u64) -> String {
    let comments = world.comments(number);
    assert_eq!(comments.len(), 1, "{comments:#?}");
    comments[0].clone()
}

#[test]
fn what_was_refused_is_deployed_by_no_look_and_by_nothing_else_that_goes_by_itself() {
    crate::simulation::in_virtual_time(async {
        let (world, number, web, (head, _)) = refused().await;
        let holds = format!("mallory may not deploy to `shop/pr-{number}`");
        let stays = format!("Nothing deploys {} until", &head[..7]);
        runs_web(&world, &web);
        let before = world.environment("shop/pr-1").unwrap().wanted.generation;
        world.pass(3 * UNTIL_LOOKED).await;
        assert_eq!(world.environment("shop/pr-1").unwrap().wanted.generation, before);

        pushed(&world, &with(&world, "pods: 20", "pods: 21")).await;
        world.pass(UNTIL_LOOKED).await;
        runs_web(&world, &web);
        assert!(world.environment("shop/pr-1").unwrap().wanted.generation > before);
        let comment = comment(&world, number);
        assert!(comment.contains(&holds) && comment.contains(&stays), "{comment}");
    });
}

#[test]
fn what_was_refused_is_overtaken_by_what_somebody_with_the_right_pushes() {
    crate::simulation::in_virtual_time(async {
        let (world, number, _, _) = refused().await;
        let (_, newer) = pushed_by(&world, "ada", number);
        world.pass(A_WHILE).await;
        runs_web(&world, &newer);
        assert!(!comment(&world, number).contains("may not deploy"), "{}", comment(&world, number));
        assert_eq!(world.environment("shop/pr-1").unwrap().wanted.held, None);
    });
}

#[test]
fn what_was_refused_is_deployed_once_somebody_with_the_right_asks_for_it() {
    crate::simulation::in_virtual_time(async {
        let (world, _, web, (_, theirs)) = refused().await;
        runs_web(&world, &web);
        let trigger = world.typed(ADA, "/deploy", "shop pr-1").await;
        world.pass(A_WHILE).await;
        assert_eq!(world.environment("shop/pr-1").unwrap().wanted.held, None, "{}", told(&trigger));
        runs_web(&world, &theirs);
        world.pass(UNTIL_LOOKED).await;
        runs_web(&world, &theirs);
    });
}

#[test]
fn what_was_pushed_with_the_right_is_deployed_although_what_came_at_once_after_it_was_refused() {
    crate::simulation::in_virtual_time(async {
        let world = only_ada(sample).await;
        let number = world.open();
        world.build_head(number, "web");
        world.pass(A_WHILE).await;
        let change = [FileChange::Put("README.md", b"ada's")];
        let now = world.time.now();
        let pushed =
            world.github.lock().unwrap().commit_and_push(world.repository, "feature", "ada", &change, now);
        let late = pushed.unwrap().1;
        let web = world.build_head(number, "web");
        pushed_by(&world, "mallory", number);
        world.pass(A_WHILE).await;
        world.deliver(late);
        world.pass(UNTIL_LOOKED).await;
        runs_web(&world, &web);
        assert!(comment(&world, number).contains("Nothing deploys"), "{}", comment(&world, number));
    });
}

#[test]
fn what_was_refused_before_there_was_a_preview_begins_none() {
    crate::simulation::in_virtual_time(async {
        let world = only_ada(|platform| platform.replace("drafts: true", "drafts: false")).await;
        let number = world.open_as("ada", "feature", true);
        world.pass(A_WHILE).await;
        let (_, theirs) = pushed_by(&world, "mallory", number);
        world.dropped.lock().unwrap().insert("ready_for_review");
        world.set_draft(number, false);
        world.pass(2 * UNTIL_LOOKED).await;
        never_begun(&world, number);
        assert!(comment(&world, number).contains("mallory may not create"), "{}", comment(&world, number));

        world.close(number);
        world.pass(A_WHILE).await;
        world.reopen(number);
        world.pass(A_WHILE).await;
        runs_web(&world, &theirs);
    });
}

fn closed_by(world: &Arc<World>, who: &str, number: u64) {
    let now = world.time.now();
    let closed = world.github.lock().unwrap().close_pull_request(world.repository, number, who, now);
    world.deliver(closed.unwrap());
}

#[test]
fn whoever_closes_a_pull_request_ends_its_preview_and_where_there_is_none_nothing_is_said() {
    crate::simulation::in_virtual_time(async {
        let world = only_ada(|platform| platform.replace("drafts: true", "drafts: false")).await;
        let draft = world.open_as("ada", "draft", true);
        world.dropped.lock().unwrap().insert("opened");
        let (_, of_fork) = world.open_from_fork("mallory");
        world.dropped.lock().unwrap().clear();
        let number = world.open();
        world.pass(A_WHILE).await;
        let id = format!("shop/pr-{number}");
        assert_eq!(world.environment(&id).unwrap().phase, Phase::Ready);
        for number in [draft, of_fork, number] {
            closed_by(&world, "mallory", number);
        }
        world.pass(A_WHILE).await;
        world.gone(&id).unwrap();
        let comment = comment(&world, number);
        assert!(!comment.contains("mallory"), "{comment}");
        world.pass(UNTIL_LOOKED).await;
        assert_eq!(
            [draft, of_fork].map(|number| world.comments(number)),
            [const { Vec::<String>::new() }; 2]
        );
    });
}
