//! What people read beside a commit, and what it does that they ask for it again.

use super::*;
use roadstead_worlds::github::CheckRun;

/// The newest check run of an environment.
fn newest(world: &World, id: &str) -> CheckRun {
    world.checks(id).pop().unwrap()
}

fn conclusions(world: &World, id: &str) -> Vec<String> {
    let shown = |run: CheckRun| run.conclusion.unwrap_or(run.status);
    world.checks(id).into_iter().map(shown).collect()
}

/// A platform file whose previews wait for their images.
fn patient(platform: String) -> String {
    platform.replacen("wait: 1s", "wait: 2m", 1)
}

fn head(world: &World, number: u64) -> String {
    world.github.lock().unwrap().pull_request(world.repository, number).unwrap().head_sha.clone()
}

fn text(run: &CheckRun) -> &str {
    run.summary.as_deref().unwrap()
}

#[test]
fn a_commit_says_what_came_of_it() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(patient).await;
        assert_eq!(conclusions(&world, "shop/staging"), ["success"]);
        let (number, id) = (world.open(), "shop/pr-1");
        world.pass(Duration::from_secs(10)).await;
        let waits = newest(&world, id);
        assert_eq!((waits.status.as_str(), &waits.head_sha), ("queued", &head(&world, number)));
        assert_eq!(waits.title.as_deref(), Some("waiting for the image of web, worker"));
        let web = world.build_head(number, "web");
        world.pass(A_WHILE).await;
        world.runs(id, &web, &staging[1]).unwrap();
        let ready = newest(&world, id);
        assert_eq!((ready.id, ready.conclusion.as_deref()), (waits.id, Some("success")));
        let environment = world.environment(id).unwrap();
        assert_eq!(ready.details_url, environment.url);
        assert_eq!(ready.external_id, format!("demo/{id}#{}", environment.carrying));

        world.close(number);
        world.pass(A_WHILE).await;
        assert_eq!(conclusions(&world, id), ["neutral"]);
    });
}

#[test]
fn a_newer_commit_cancels_what_was_under_way() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(patient).await;
        let number = world.open();
        world.pass(Duration::from_secs(10)).await;
        world.push("feature", "another change");
        world.pass(Duration::from_secs(10)).await;
        assert_eq!(conclusions(&world, "shop/pr-1"), ["cancelled", "queued"]);
        assert_eq!(newest(&world, "shop/pr-1").head_sha, head(&world, number));
    });
}

#[test]
fn a_failure_is_told_whole_and_tried_again_when_somebody_asks_for_its_check() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, id, number, staging, .. } = &preview;
        world.push_file("feature", "web/score.yaml", "apiVersion: nonsense\n");
        world.build_head(*number, "web");
        world.pass(A_WHILE).await;
        let failed = newest(world, id);
        assert_eq!(failed.conclusion.as_deref(), Some("failure"));
        let told = failure(&preview.phase()).replace('<', "&lt;").replace('\n', "\n> ");
        assert!(text(&failed).contains(&told), "{} has not {told}", text(&failed));

        let before = world.environment(id).unwrap().wanted.generation;
        world.check_again("ada", failed.id);
        world.pass(A_WHILE).await;
        let again = newest(world, id);
        assert_eq!((again.conclusion.as_deref(), &again.head_sha), (Some("failure"), &failed.head_sha));
        assert_eq!(again.external_id, format!("demo/{id}#{}", before + 1));
        assert_ne!(again.id, failed.id);

        let score = String::from_utf8(crate::simulation::world::WEB_SCORE.to_vec()).unwrap();
        world.push_file("feature", "web/score.yaml", &score);
        let web = world.build_head(*number, "web");
        world.pass(A_WHILE).await;
        world.runs(id, &web, &staging[1]).unwrap();
        world.check_again("ada", again.id);
        world.pass(A_WHILE).await;
        world.runs(id, &web, &staging[1]).unwrap();
        assert_eq!(
            world.environment(id).unwrap().wanted.generation,
            before + 2,
            "an older commit stays away"
        );
        assert!(
            world.outcomes(id).last().unwrap().contains("Run the check of its newest commit again."),
            "{:#?}",
            world.outcomes(id)
        );
    });
}

#[test]
fn what_failed_at_a_cluster_and_is_asked_for_by_its_suite_is_deployed_again() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, id, number, staging, .. } = &preview;
        let web = preview.push("a change");
        world.pass(A_WHILE).await;
        let before = world.environment(id).unwrap().wanted.generation;
        world.checks_again("ada", &head(world, *number));
        world.pass(A_WHILE).await;
        world.runs(id, &web, &staging[1]).unwrap();
        assert_eq!(world.environment(id).unwrap().wanted.generation, before + 1);
    });
}

#[test]
fn who_may_not_deploy_may_not_ask_for_it_again() {
    crate::simulation::in_virtual_time(async {
        let only_ada = |platform: String| platform.replace("any_github_user", "{ github_user: 1 }");
        let (world, _) = with_staging(only_ada).await;
        let staging = newest(&world, "shop/staging");
        let before = world.environment("shop/staging").unwrap().wanted.generation;
        world.check_again("mallory", staging.id);
        world.pass(A_WHILE).await;
        assert_eq!(world.environment("shop/staging").unwrap().wanted.generation, before);
        let outcomes = world.outcomes("shop/staging");
        assert!(outcomes.last().unwrap().contains("mallory may not deploy to"), "{outcomes:#?}");
    });
}

#[test]
fn an_app_without_the_right_shows_everything_else() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(sample).await;
        let installation = world.github.lock().unwrap().installation_for(world.repository).unwrap();
        world.github.lock().unwrap().grant(installation, "checks", None).unwrap();
        let (number, id) = (world.open(), "shop/pr-1");
        let web = world.build_head(number, "web");
        world.pass(A_WHILE).await;
        assert_eq!(world.image_in("main", id, "web"), Some(web));
        assert_eq!(world.image_in("main", id, "worker").as_deref(), Some(staging[1].as_str()));
        assert_eq!((world.active_deployments(id), world.checks(id).len()), (1, 0));
        assert!(world.comments(number)[0].contains(": ready"));
        world.at_rest().unwrap();

        world.github.lock().unwrap().grant(installation, "checks", Some("write")).unwrap();
        world.pass(Duration::from_secs(3_600)).await;
        let web = {
            world.push("feature", "a change");
            world.build_head(number, "web")
        };
        world.pass(A_WHILE).await;
        world.runs(id, &web, &staging[1]).unwrap();
    });
}
