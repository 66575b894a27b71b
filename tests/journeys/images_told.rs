//! What pipelines tell of images of commits: it counts in those environments alone that the pipeline may deploy to.

use super::{
    tags_told::{digest, foreign},
    *,
};
use roadstead_steps::nouns::Time as _;
use roadstead_worlds::github::NewPullRequest;
use serde_json::json;

const STAGING: &str = "shop/staging";

/// A word of a pipeline about the image of a workload.
async fn tell(world: &World, pipeline: &str, workload: &str, told: char, commit: &str, run: u64) {
    let image = format!("ghcr.io/acme/{workload}");
    let body = json!({ "image": image, "digest": digest(told), "commit": commit, "run": run });
    world.tell_door(pipeline, &body).await;
}

/// Staging runs what the pipeline `ci` told of `main`, whose images are in a registry that cannot be asked.
async fn begin(change: impl FnOnce(String) -> String) -> Arc<World> {
    let world = calm(|platform| change(foreign(platform))).await;
    let main = world.push("main", "a beginning");
    tell(&world, "ci", "web", '1', &main, 1).await;
    tell(&world, "ci", "worker", '2', &main, 1).await;
    world.pass(UNTIL_LOOKED).await;
    world.runs(STAGING, &digest('1'), &digest('2')).unwrap();
    world
}

fn head(world: &World, number: u64) -> String {
    world.github.lock().unwrap().pull_request(world.repository, number).unwrap().head_sha.clone()
}

/// Somebody's key may speak of the image, and gives no right: what it told before anybody deployed the commit stays without
/// effect once somebody does.
#[test]
fn without_the_right_a_word_about_a_commit_counts_nowhere() {
    crate::simulation::in_virtual_time(async {
        let world = begin(sample).await;
        let number = world.open();
        let (id, head) = (format!("shop/pr-{number}"), head(&world, number));
        tell(&world, "ci-build", "web", '9', &head, 900).await;
        world.pass(UNTIL_LOOKED).await;
        world.runs(&id, &digest('1'), &digest('2')).unwrap();

        tell(&world, "ci", "web", '3', &head, 2).await;
        world.pass(A_WHILE).await;
        world.runs(&id, &digest('3'), &digest('2')).unwrap();
        world.at_rest().unwrap();
    });
}

#[test]
fn a_word_about_a_commit_counts_where_its_pipeline_may_deploy_and_nowhere_else() {
    crate::simulation::in_virtual_time(async {
        let previews_only = |platform: String| {
            format!(
                "{platform}      - {{ who: [{{ pipeline: ci-build }}], verbs: [deploy], types: [preview] }}\n"
            )
        };
        let world = begin(previews_only).await;
        let number = world.open();
        let (id, head) = (format!("shop/pr-{number}"), head(&world, number));
        let main = world.push("main", "goes on");
        for commit in [&head, &main] {
            tell(&world, "ci-build", "web", '9', commit, 900).await;
        }
        world.pass(UNTIL_LOOKED).await;
        world.runs(&id, &digest('9'), &digest('2')).unwrap();
        world.runs(STAGING, &digest('1'), &digest('2')).unwrap();
        world.at_rest().unwrap();
    });
}

/// The pipeline whose word runs loses its right, and then the environment is deployed anew for another reason.
#[test]
fn what_runs_by_a_word_about_its_commit_is_not_taken_back_with_the_right() {
    crate::simulation::in_virtual_time(async {
        let world = begin(sample).await;
        let number = world.open();
        let (id, head) = (format!("shop/pr-{number}"), head(&world, number));
        tell(&world, "ci", "web", '3', &head, 2).await;
        world.pass(A_WHILE).await;
        world.runs(&id, &digest('3'), &digest('2')).unwrap();

        let before = world.environment(&id).unwrap().carrying;
        let without = world.platform.replace("{ pipeline: ci }, ", "").replace("pods: 20", "pods: 21");
        super::configuration::pushed(&world, &without).await;
        tell(&world, "ci", "web", '4', &head, 3).await;
        world.pass(2 * UNTIL_LOOKED).await;
        assert!(world.environment(&id).unwrap().carrying > before);
        world.runs(&id, &digest('3'), &digest('2')).unwrap();
        world.at_rest().unwrap();
    });
}

/// `main` is merged into a branch that nobody has reviewed, and the pipeline builds what comes of it: that is not `main`.
#[test]
fn what_is_built_from_a_merge_of_main_is_not_main() {
    crate::simulation::in_virtual_time(async {
        let world = begin(sample).await;
        world.open();
        let main = world.push_file("main", "web/page.html", "goes on");
        tell(&world, "ci", "web", '1', &main, 2).await;
        tell(&world, "ci", "worker", '2', &main, 2).await;
        world.pass(UNTIL_LOOKED).await;
        let number = {
            let new = NewPullRequest {
                head_repository: world.repository,
                head_branch: "main",
                base_branch: "feature",
                title: "Catch up",
                author: "ada",
                draft: false,
            };
            let mut github = world.github.lock().unwrap();
            let (number, opened) = github.open_pull_request(world.repository, new, world.time.now()).unwrap();
            drop(github);
            world.deliver(opened);
            number
        };
        world.pass(A_WHILE).await;
        let merge = world.github.lock().unwrap().merge_commit(world.repository, number).unwrap().to_owned();
        tell(&world, "ci", "web", '9', &merge, 3).await;
        world.types("U0ADA", "/deploy shop staging").await;
        world.pass(2 * UNTIL_LOOKED).await;
        world.runs(STAGING, &digest('1'), &digest('2')).unwrap();
        assert_eq!(world.environment(STAGING).unwrap().bound.unwrap().commit.as_str(), main);
        world.runs(&format!("shop/pr-{number}"), &digest('1'), &digest('2')).unwrap();
        world.at_rest().unwrap();
    });
}
