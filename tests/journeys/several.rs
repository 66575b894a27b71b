//! Several applications in one pull request: one comment tells of all.

use super::*;
use roadstead_steps::nouns::Time as _;
use roadstead_worlds::github::BODY_LIMIT;

/// The platform file with these applications beside `shop`, built from the same repository, each with previews alone.
fn with(others: &[String]) -> impl FnOnce(String) -> String {
    move |platform| {
        let platform = platform.replacen("wait: 1s, otherwise: base", "wait: 5m, otherwise: fail", 1);
        let (_, shop) = platform.split_once("  shop:\n").unwrap();
        let repository = shop.lines().next().unwrap();
        let (_, rights) = shop.split_once("    rights:\n").unwrap();
        let one = |name: &String| {
            let image = format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/{name}");
            let web =
                format!("{{ score: web/score.yaml, image: {image}, tags: [\"pr-{{number}}-{{commit}}\"] }}");
            format!(
                "  {name}:\n{repository}\n    previews: {{ type: preview, drafts: true }}\n    workloads:\n      web: {web}\n    rights:\n{rights}"
            )
        };
        let others: String = others.iter().map(one).collect();
        format!("{platform}{others}")
    }
}

/// A calm world with a registry for these applications.
async fn begin(others: &[String], change: impl FnOnce(String) -> String) -> Arc<World> {
    let (world, _) = with_staging(change).await;
    for name in others {
        world
            .ecr
            .lock()
            .unwrap()
            .create_repository(&format!("shop/{name}"), false, world.time.now())
            .unwrap();
    }
    world
}

/// Opens a pull request whose pipeline builds everything.
fn open_built(world: &Arc<World>, others: &[String]) -> u64 {
    let number = world.open();
    for image in ["web", "worker"].into_iter().chain(others.iter().map(String::as_str)) {
        world.build_head(number, image);
    }
    number
}

fn edits(world: &World, number: u64) -> u32 {
    let github = world.github.lock().unwrap();
    github.comments(world.repository, number).iter().map(|comment| comment.edits).sum()
}

/// What a comment says of these applications, and how often it was changed until then: ready, and then gone.
async fn told(others: &[String]) -> [(String, u32); 2] {
    let world = begin(others, with(others)).await;
    let number = open_built(&world, others);
    world.pass(A_WHILE).await;
    let ready = (world.comments(number).concat(), edits(&world, number));
    world.close(number);
    world.pass(A_WHILE).await;
    world.at_rest().unwrap();
    [ready, (world.comments(number).concat(), edits(&world, number))]
}

#[test]
fn two_applications_share_one_comment_that_is_changed_once_where_both_change() {
    crate::simulation::in_virtual_time(async {
        let alone = told(&[]).await;
        let both = told(&["blog".to_owned()]).await;
        for (says, word) in both.iter().zip(["ready", "gone; nothing is left"]) {
            for application in ["shop", "blog"] {
                assert_eq!(says.0.matches(&format!("**{application}**: {word}")).count(), 1, "{}", says.0);
            }
        }
        for ((_, alone), (_, both)) in alone.iter().zip(&both) {
            assert!(*both <= alone + 2, "{both} changes where one application needs {alone}");
        }
    });
}

#[test]
fn thirty_applications_are_told_of_within_the_host_s_limits() {
    crate::simulation::in_virtual_time(async {
        let names: Vec<String> = (1..30).map(|number| format!("app-{number}")).collect();
        let world = begin(&names, with(&names)).await;
        let number = open_built(&world, &names);
        world.pass(Duration::from_secs(20 * 60)).await;
        world.at_rest().unwrap();
        let comments = world.comments(number);
        assert_eq!(comments.len(), 1);
        assert!(comments[0].chars().count() <= BODY_LIMIT);
        for name in names.iter().map(String::as_str).chain(["shop"]) {
            assert!(comments[0].contains(&format!("**{name}**: ready")), "{name}: {}", comments[0]);
            let id = format!("{name}/pr-{number}");
            assert_eq!(world.active_deployments(&id), 1, "{id}");
            assert_eq!(world.checks(&id).last().unwrap().conclusion.as_deref(), Some("success"), "{id}");
        }
        assert!(edits(&world, number) < 30, "{} changes", edits(&world, number));
    });
}

#[test]
fn what_is_refused_for_one_application_is_told_beside_what_the_others_say() {
    crate::simulation::in_virtual_time(async {
        let blog = ["blog".to_owned()];
        let only_others = |platform: String| {
            let platform = with(&blog)(platform);
            let (shop, blog) = platform.split_once("  blog:\n").unwrap();
            format!("{shop}  blog:\n{}", blog.replace("any_github_user", "{ github_user: 1 }"))
        };
        let world = begin(&blog, only_others).await;
        let number = open_built(&world, &blog);
        world.pass(A_WHILE).await;
        let comment = world.comments(number).concat();
        assert!(comment.contains("**shop**: ready"), "{comment}");
        assert!(
            comment.contains("**blog**: ") && comment.contains("may not create `blog/pr-1`."),
            "{comment}"
        );
    });
}

/// The file leaves out one of two applications; its preview cannot be taken away just now.
#[test]
fn an_application_that_is_left_out_is_told_of_until_its_preview_is_gone() {
    crate::simulation::in_virtual_time(async {
        let blog = ["blog".to_owned()];
        let world = begin(&blog, with(&blog)).await;
        let number = open_built(&world, &blog);
        world.pass(A_WHILE).await;
        let (without, _) = world.platform.split_once("  blog:\n").unwrap();
        super::configuration::pushed(&world, without).await;
        world.pass(A_WHILE).await;
        let told = |word: &str| {
            let comment = world.comments(number).concat();
            assert_eq!(comment.matches(&format!("**blog**: {word}")).count(), 1, "{comment}");
        };
        world.push("feature", "a change");
        world.build_head(number, "web");
        world.pass(A_WHILE).await;
        told("ready");
        world.close(number);
        world.pass(2 * UNTIL_LOOKED).await;
        world.gone(&format!("blog/pr-{number}")).unwrap();
        told("gone; nothing is left");
    });
}

#[test]
fn what_was_gone_and_may_not_come_back_says_why() {
    crate::simulation::in_virtual_time(async {
        let one = |platform: String| platform.replace("limit: 20", "limit: 1");
        let (world, _) = with_staging(one).await;
        let first = world.open_as("ada", "one", false);
        world.pass(A_WHILE).await;
        world.close(first);
        world.pass(A_WHILE).await;
        let second = world.open_as("ada", "two", false);
        world.pass(A_WHILE).await;
        world.reopen(first);
        world.pass(A_WHILE).await;
        let comment = world.comments(first).concat();
        assert!(
            comment.contains("already has as many environments as it may (1). Close one to make room."),
            "{comment}"
        );
        assert!(!comment.contains("gone"), "{comment}");
        let before = edits(&world, first);
        world.pass(4 * UNTIL_LOOKED).await;
        assert_eq!(edits(&world, first), before, "it is not said again and again");
        world.close(second);
        world.pass(2 * UNTIL_LOOKED).await;
        let comment = world.comments(first).concat();
        assert!(comment.contains(": ready") && !comment.contains("to make room"), "{comment}");
    });
}
