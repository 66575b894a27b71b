//! Following tags: an environment runs, by digest, what the tags of its images name now.

use super::*;
use roadstead_domain::deployment::EndResult;
use roadstead_steps::nouns::Time;
use roadstead_worlds::ecr::Image;

pub(super) const STAGING: &str = "shop/staging";

/// The sample, whose staging follows tags.
pub(super) fn following(rule: &'static str) -> impl FnOnce(String) -> String {
    move |platform| {
        assert!(platform.contains("branch: main"));
        platform.replace("branch: main", &format!("tags: {{ {rule} }}"))
    }
}

/// Pushes `web` and `worker` under a tag, built from a new commit of main.
fn release(world: &Arc<World>, tag: &str) -> [String; 2] {
    let commit = world.push("main", tag);
    ["web", "worker"].map(|workload| world.build(workload, tag, &commit))
}

/// A calm world whose staging runs the first release.
pub(super) async fn released(rule: &'static str, tag: &str) -> (Arc<World>, [String; 2]) {
    let world = calm(following(rule)).await;
    let first = release(&world, tag);
    world.pass(A_WHILE).await;
    world.runs(STAGING, &first[0], &first[1]).unwrap();
    (world, first)
}

/// Pushes a `web` under the tag `stable` that does not say which commit it was built from; its digest.
pub(super) fn push_mute(world: &Arc<World>) -> String {
    let image = Image { revision: None, content: "mute".to_owned(), ..Image::of_revision("") };
    let pushed = world.ecr.lock().unwrap().push("shop/web", "stable", &image, world.time.now()).unwrap();
    world.tell_events(pushed.events);
    pushed.digest
}

fn generation(world: &World) -> u64 {
    world.environment(STAGING).unwrap().wanted.generation
}

/// How often staging was carried out, and not only decided on.
fn deployments(world: &World) -> usize {
    let carried_out = |record: &Deployment| record.chunks > 0;
    present_generations(world, STAGING).iter().filter(|record| carried_out(record)).count()
}

/// Why generations of staging failed.
pub(super) fn refusals(world: &World) -> Vec<String> {
    let rows = world.state.rows().into_iter();
    let records =
        rows.filter(|row| row.key.partition.ends_with(STAGING) && row.attributes.contains_key("ended"));
    let ended = records.filter_map(|row| rows::read::<Deployment>(&row).unwrap().ended);
    ended
        .filter_map(|ended| match ended.result {
            EndResult::Failed { refusal } => Some(refusal.text),
            _ => None,
        })
        .collect()
}

#[test]
fn an_exact_tag_is_followed_wherever_it_moves_and_back() {
    crate::simulation::in_virtual_time(async {
        let (world, first) = released("exact: stable", "stable").await;
        let commit = world.push("main", "better");
        let web = world.build("web", "sha-1", &commit);
        world.pass(A_WHILE).await;
        world.runs(STAGING, &first[0], &first[1]).unwrap();

        let retag = |digest: &str| {
            let told = world.ecr.lock().unwrap().retag("shop/web", digest, "stable", world.time.now());
            world.tell_events(vec![told.unwrap()]);
        };
        retag(&web);
        world.pass(A_WHILE).await;
        world.runs(STAGING, &web, &first[1]).unwrap();
        retag(&first[0]);
        world.pass(A_WHILE).await;
        world.runs(STAGING, &first[0], &first[1]).unwrap();
        world.at_rest().unwrap();
    });
}

#[test]
fn the_highest_version_runs_and_an_older_one_that_comes_later_changes_nothing() {
    crate::simulation::in_virtual_time(async {
        let (world, first) = released("semver: ^1.2", "1.4.0").await;
        let (before, done) = (generation(&world), deployments(&world));
        release(&world, "1.3.9");
        release(&world, "2.0.0");
        release(&world, "1.5.0-rc.1");
        world.pass(UNTIL_LOOKED).await;
        world.runs(STAGING, &first[0], &first[1]).unwrap();
        assert_eq!((generation(&world), deployments(&world)), (before, done));
        let told = world.outcomes(STAGING);
        assert!(told.contains(&"nothing changes: 1.4.0 is newer".to_owned()), "{told:#?}");

        let next = release(&world, "v1.10.0");
        world.pass(A_WHILE).await;
        world.runs(STAGING, &next[0], &next[1]).unwrap();
    });
}

#[test]
fn the_highest_number_of_a_pattern_runs() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = released("pattern: \"release-{number}\"", "release-9").await;
        let tenth = release(&world, "release-10");
        release(&world, "release-2");
        release(&world, "pre-release-99");
        world.pass(A_WHILE).await;
        world.runs(STAGING, &tenth[0], &tenth[1]).unwrap();
    });
}

#[test]
fn the_same_digest_once_more_is_no_news_and_nothing_is_written() {
    crate::simulation::in_virtual_time(async {
        let (world, first) = released("exact: stable", "stable").await;
        let before = (generation(&world), world.objects_of(STAGING));
        let commit = world.environment(STAGING).unwrap().revisions.unwrap().commit.to_string();
        assert_eq!(world.build("web", "stable", &commit), first[0]);
        world.pass(UNTIL_LOOKED).await;
        assert_eq!((generation(&world), world.objects_of(STAGING)), before);
        let told = world.outcomes(STAGING);
        assert_eq!(told.last().unwrap(), "nothing changes: `stable` names what is known already");
    });
}

#[test]
fn each_workload_has_the_score_file_of_the_commit_that_its_image_was_built_from() {
    crate::simulation::in_virtual_time(async {
        let (world, first) = released("exact: stable", "stable").await;
        let score = include_str!("../../infra/local/sample/web/score.yaml");
        let changed = score.replace("0.0.0.0:8080", "0.0.0.0:8080 ");
        assert_ne!(score, changed);
        let commit = world.push_file("main", "web/score.yaml", &changed);
        world.push_file("main", "worker/score.yaml", "this is no Score file");
        let web = world.build("web", "stable", &commit);
        world.pass(A_WHILE).await;
        world.runs(STAGING, &web, &first[1]).unwrap();
        let revisions = world.environment(STAGING).unwrap().revisions.unwrap();
        assert_eq!(revisions.commit_of(&"web".parse().unwrap()).to_string(), commit);
        assert_ne!(revisions.commit_of(&"worker".parse().unwrap()).to_string(), commit);
    });
}

#[test]
fn an_image_that_does_not_say_its_commit_is_refused_until_somebody_does() {
    crate::simulation::in_virtual_time(async {
        let (world, first) = released("exact: stable", "stable").await;
        let mute = push_mute(&world);
        world.pass(UNTIL_LOOKED).await;
        let told = refusals(&world);
        assert!(told[0].contains("Set the label `org.opencontainers.image.revision`"), "{told:?}");
        world.runs(STAGING, &first[0], &first[1]).unwrap();
        let settled = generation(&world);
        world.pass(3 * UNTIL_LOOKED).await;
        assert_eq!(generation(&world), settled, "it comes to rest");

        let commit = world.push("main", "said");
        let host = world.ecr.lock().unwrap().host();
        world.tell_built(&format!("{host}/shop/web"), &mute, &commit, 7, None).await;
        world.pass(A_WHILE).await;
        world.runs(STAGING, &mute, &first[1]).unwrap();
    });
}

#[test]
fn a_tag_that_is_deleted_leaves_what_runs_and_it_is_said() {
    crate::simulation::in_virtual_time(async {
        let (world, first) = released("exact: stable", "stable").await;
        world.ecr.lock().unwrap().delete_image("shop/web", &first[0], world.time.now()).unwrap();
        world.pass(UNTIL_LOOKED).await;
        world.runs(STAGING, &first[0], &first[1]).unwrap();
        let commit = world.push("main", "better");
        let worker = world.build("worker", "stable", &commit);
        world.pass(A_WHILE).await;
        world.runs(STAGING, &first[0], &worker).unwrap();
        let newest = present_generations(&world, STAGING).pop().unwrap();
        let told = roadstead_domain::sentence::bound(&newest.bound);
        assert!(told.ends_with("(web as before, no tag is left, worker stable)"), "{told}");
    });
}

#[test]
fn what_failed_is_returned_from_and_not_tried_again_until_the_tag_names_something_newer() {
    crate::simulation::in_virtual_time(async {
        let (world, first) = released("exact: stable", "stable").await;
        let commit = world.push("main", "a mistake");
        let image = Image { content: "bad".to_owned(), ..Image::of_revision(&commit) };
        let bad = world.ecr.lock().unwrap().push("shop/web", "stable", &image, world.time.now()).unwrap();
        world.second.lock().unwrap().set_missing_images([bad.digest.clone()].into());
        world.tell_events(bad.events);
        world.pass(A_WHILE).await;
        world.runs(STAGING, &first[0], &first[1]).unwrap();

        let again = world.ecr.lock().unwrap().push("shop/web", "stable", &image, world.time.now()).unwrap();
        world.tell_events(again.events);
        world.pass(4 * UNTIL_LOOKED).await;
        world.runs(STAGING, &first[0], &first[1]).unwrap();
        let failed = present_generations(&world, STAGING).into_iter().filter(|record| {
            record.ended.as_ref().is_some_and(|ended| matches!(ended.result, EndResult::Failed { .. }))
        });
        assert_eq!(failed.count(), 1);

        let commit = world.push("main", "mended");
        let image = Image { content: "good".to_owned(), ..Image::of_revision(&commit) };
        let good = world.ecr.lock().unwrap().push("shop/web", "stable", &image, world.time.now()).unwrap();
        world.tell_events(good.events);
        world.pass(A_WHILE).await;
        world.runs(STAGING, &good.digest, &first[1]).unwrap();
        world.at_rest().unwrap();
    });
}

#[test]
fn a_push_whose_event_was_lost_is_deployed_all_the_same() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = released("semver: \"*\"", "1.0.0").await;
        world.dropped.lock().unwrap().insert("image");
        let next = release(&world, "1.0.1");
        world.pass(UNTIL_LOOKED).await;
        world.runs(STAGING, &next[0], &next[1]).unwrap();
        let settled = generation(&world);
        world.pass(3 * UNTIL_LOOKED).await;
        assert_eq!(generation(&world), settled, "looking again changes nothing");
    });
}
