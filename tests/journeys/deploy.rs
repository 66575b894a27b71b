//! `/deploy`: a commit that somebody chooses, or the newest of what an environment follows.

use super::{
    commands::{RAY, branch_off, head, told},
    *,
};
use crate::simulation::commands::{ADA, with_people};
use roadstead_steps::nouns::Time as _;

#[test]
fn a_commit_that_somebody_chose_stays_until_there_is_a_newer_one() {
    crate::simulation::in_virtual_time(async {
        let (world, old) = with_staging(with_people).await;
        let first = head(&world, "main");
        let late = {
            let mut github = world.github.lock().unwrap();
            let change = [roadstead_worlds::github::FileChange::Put("README.md", b"goes on")];
            github.commit_and_push(world.repository, "main", "ada", &change, world.time.now()).unwrap().1
        };
        let new = world.build_main();
        world.pass(UNTIL_LOOKED).await;
        world.runs("shop/staging", &new[0], &new[1]).unwrap();

        world.typed(RAY, "/deploy", &format!("shop staging {}", &first[..8])).await;
        world.runs("shop/staging", &old[0], &old[1]).unwrap();
        let chosen = world.environment("shop/staging").unwrap().wanted.generation;
        world.deliver(late);
        world.pass(4 * UNTIL_LOOKED).await;
        world.runs("shop/staging", &old[0], &old[1]).unwrap();
        assert_eq!(world.environment("shop/staging").unwrap().wanted.generation, chosen);

        world.push("main", "goes on once more");
        let newest = world.build_main();
        world.pass(A_WHILE).await;
        world.runs("shop/staging", &newest[0], &newest[1]).unwrap();
    });
}

#[test]
fn a_commit_that_is_only_in_a_fork_or_on_another_branch_is_not_deployed() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(with_people).await;
        branch_off(&world, "feature");
        let (fork, number) = world.open_from_fork("eve");
        let of_fork =
            world.github.lock().unwrap().pull_request(world.repository, number).unwrap().head_sha.clone();
        assert_ne!(fork, world.repository);
        for commit in [head(&world, "feature"), of_fork] {
            let trigger = world.typed(ADA, "/deploy", &format!("shop staging {commit}")).await;
            assert!(told(&trigger).contains("is in the history of the branch `main`"), "{trigger:?}");
        }
        world.runs("shop/staging", &staging[0], &staging[1]).unwrap();
    });
}

#[test]
fn a_commit_is_named_so_that_it_is_found() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(with_people).await;
        let trigger = world.typed(ADA, "/deploy", "shop staging 0123456").await;
        assert!(
            told(&trigger).contains("No commit `0123456` is in the history of the branch `main`"),
            "{trigger:?}"
        );
        world.typed(ADA, "/deploy", "shop staging").await;
        world.runs("shop/staging", &staging[0], &staging[1]).unwrap();
    });
}

#[test]
fn for_what_follows_tags_no_commit_is_chosen_and_it_is_said_what_can_be_done() {
    crate::simulation::in_virtual_time(async {
        let tags = |platform: String| with_people(platform).replace("branch: main", "tags: { semver: ^1.2 }");
        let world = calm(tags).await;
        let commit = world.push("main", "a beginning");
        let released = ["web", "worker"].map(|workload| world.build(workload, "1.2.0", &commit));
        world.pass(A_WHILE).await;
        let trigger = world.typed(ADA, "/deploy", &format!("shop staging {}", &commit[..8])).await;
        assert_eq!(
            told(&trigger),
            "`shop/staging` follows the versions `^1.2`: it runs what these tags name, and no commit can be chosen for it. \
             Push or move a tag; or leave the commit out, `/deploy shop staging`, and it takes the newest of them."
        );
        let before = world.environment("shop/staging").unwrap().carrying;
        world.typed(ADA, "/deploy", "shop staging").await;
        world.runs("shop/staging", &released[0], &released[1]).unwrap();
        assert!(world.environment("shop/staging").unwrap().carrying > before);
    });
}
