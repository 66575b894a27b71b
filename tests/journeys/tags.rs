//! Following tags: an environment runs, by digest, what the tags of its images name now.

use super::*;
use roadstead_domain::{deployment::EndResult, fact::ToldImage, image::ImageRepository};
use roadstead_steps::{
    nouns::Time,
    tags::{TOLD_LIMIT, remember},
};
use roadstead_worlds::ecr::Image;
use serde_json::json;

const STAGING: &str = "shop/staging";

/// The sample, whose staging follows tags.
fn following(rule: &'static str) -> impl FnOnce(String) -> String {
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
async fn released(rule: &'static str, tag: &str) -> (Arc<World>, [String; 2]) {
    let world = calm(following(rule)).await;
    let first = release(&world, tag);
    world.pass(A_WHILE).await;
    world.runs(STAGING, &first[0], &first[1]).unwrap();
    (world, first)
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
fn refusals(world: &World) -> Vec<String> {
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
        let image = Image { revision: None, content: "mute".to_owned(), ..Image::of_revision("") };
        let pushed = world.ecr.lock().unwrap().push("shop/web", "stable", &image, world.time.now()).unwrap();
        world.tell_events(pushed.events);
        world.pass(UNTIL_LOOKED).await;
        let told = refusals(&world);
        assert!(told[0].contains("Set the label `org.opencontainers.image.revision`"), "{told:?}");
        world.runs(STAGING, &first[0], &first[1]).unwrap();
        let settled = generation(&world);
        world.pass(3 * UNTIL_LOOKED).await;
        assert_eq!(generation(&world), settled, "it comes to rest");

        let commit = world.push("main", "said");
        let host = world.ecr.lock().unwrap().host();
        world.tell_built(&format!("{host}/shop/web"), &pushed.digest, &commit, 7, None).await;
        world.pass(A_WHILE).await;
        world.runs(STAGING, &pushed.digest, &first[1]).unwrap();
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

/// The sample, whose images are in a registry that cannot be asked.
fn foreign(platform: String) -> String {
    platform.replace("image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop", "image: ghcr.io/acme")
}

fn digest(digit: char) -> String {
    format!("sha256:{}", digit.to_string().repeat(64))
}

/// Images in a registry that cannot be asked: what the pipeline tells counts, and of that the latest run.
#[test]
fn what_a_pipeline_tells_of_a_foreign_registry_is_ordered_by_its_runs() {
    crate::simulation::in_virtual_time(async {
        let world = calm(|platform| following("exact: stable")(foreign(platform))).await;
        let commit = world.push("main", "a beginning");
        for (workload, told) in [("web", '1'), ("worker", '2')] {
            let image = format!("ghcr.io/acme/{workload}");
            world.tell_built(&image, &digest(told), &commit, 10, Some("stable")).await;
        }
        world.pass(A_WHILE).await;
        world.runs(STAGING, &digest('1'), &digest('2')).unwrap();

        world.tell_built("ghcr.io/acme/web", &digest('3'), &commit, 12, Some("stable")).await;
        world.tell_built("ghcr.io/acme/web", &digest('4'), &commit, 11, Some("stable")).await;
        world.tell_built("ghcr.io/acme/web", &digest('5'), &commit, 13, Some("canary")).await;
        world.pass(UNTIL_LOOKED).await;
        world.runs(STAGING, &digest('3'), &digest('2')).unwrap();
        world.at_rest().unwrap();
    });
}

#[test]
fn without_the_right_a_pipelines_word_moves_no_tag() {
    crate::simulation::in_virtual_time(async {
        let without = |platform: String| platform.replace("{ pipeline: ci }, ", "");
        let world = calm(|platform| following("exact: stable")(without(foreign(platform)))).await;
        let commit = world.push("main", "a beginning");
        for workload in ["web", "worker"] {
            let image = format!("ghcr.io/acme/{workload}");
            world.tell_built(&image, &digest('1'), &commit, 10, Some("stable")).await;
        }
        world.pass(2 * UNTIL_LOOKED).await;
        assert_eq!(world.environment(STAGING), None);
    });
}

/// Somebody's key may speak of the images, and gives no right. What it told when nobody followed the tags stays without
/// effect once somebody does, however high the number of its run.
#[test]
fn without_the_right_a_word_counts_no_more_once_somebody_follows_the_tag() {
    crate::simulation::in_virtual_time(async {
        let world = calm(foreign).await;
        let (commit, other) = (world.push("main", "a beginning"), world.push("main", "another one"));
        let tell = async |pipeline, told: char, commit: &str, run: i64, tag| {
            for workload in ["web", "worker"] {
                let image = format!("ghcr.io/acme/{workload}");
                let body = json!({ "image": image, "digest": digest(told), "commit": commit, "run": run, "tag": tag });
                world.tell_door(pipeline, &body).await;
            }
        };
        tell("ci-build", '9', &other, i64::MAX, "v9.9.9").await;
        tell("ci-build", '9', &other, i64::MAX, "v1.0.0").await;
        tell("ci-build", '1', &other, i64::MAX, "v0.0.1").await;
        world.pass(A_WHILE).await;
        let follows = world.platform.replace("branch: main", "tags: { semver: \"*\" }");
        super::configuration::pushed(&world, &follows).await;
        tell("ci", '1', &commit, 1, "v1.0.0").await;
        world.pass(2 * UNTIL_LOOKED).await;
        world.runs(STAGING, &digest('1'), &digest('1')).unwrap();
        let revisions = world.environment(STAGING).unwrap().revisions.unwrap();
        assert_eq!(revisions.commit.to_string(), commit, "the commit is what the one with the right says");
        world.at_rest().unwrap();
    });
}

/// Two pipelines tell of the same images; the one whose word runs loses its right, and then speaks of other tags no more.
#[test]
fn what_runs_by_the_word_of_a_pipeline_is_not_taken_back_with_its_right() {
    crate::simulation::in_virtual_time(async {
        let both = |platform: String| {
            platform.replace("{ pipeline: ci }", "{ pipeline: ci }, { pipeline: ci-build }")
        };
        let world = calm(|platform| following("semver: \"*\"")(both(foreign(platform)))).await;
        let commit = world.push("main", "a beginning");
        let tell = async |pipeline, told: char, run: u64, workload: &str, tag: &str| {
            let image = format!("ghcr.io/acme/{workload}");
            let body =
                json!({ "image": image, "digest": digest(told), "commit": commit, "run": run, "tag": tag });
            world.tell_door(pipeline, &body).await;
            world.pass(A_WHILE).await;
        };
        for workload in ["web", "worker"] {
            tell("ci", '1', 900, workload, "v1.0.0").await;
            tell("ci-build", '2', 12, workload, "v1.9.0").await;
        }
        tell("ci", '3', 901, "web", "v1.9.0").await;
        tell("ci-build", '4', 13, "web", "v1.9.0").await;
        world.runs(STAGING, &digest('4'), &digest('2')).unwrap();

        let without = world.platform.replace(", { pipeline: ci-build }", "");
        assert_ne!(without, world.platform);
        super::configuration::pushed(&world, &without).await;
        world.pass(2 * UNTIL_LOOKED).await;
        tell("ci", '5', 902, "worker", "v2.0.0").await;
        world.pass(2 * UNTIL_LOOKED).await;
        world.runs(STAGING, &digest('4'), &digest('5')).unwrap();
        world.at_rest().unwrap();
    });
}

#[test]
fn what_was_told_without_the_number_of_a_run_is_corrected_by_a_later_word() {
    crate::simulation::in_virtual_time(async {
        let (world, first) = released("exact: stable", "stable").await;
        let host = world.ecr.lock().unwrap().host();
        let image = Image { revision: None, content: "mute".to_owned(), ..Image::of_revision("") };
        let pushed = world.ecr.lock().unwrap().push("shop/web", "stable", &image, world.time.now()).unwrap();
        let right = world.push("main", "said");
        let say = async |commit: &str, run: Option<u64>| {
            let mut body =
                json!({ "image": format!("{host}/shop/web"), "digest": pushed.digest, "commit": commit });
            if let Some(run) = run {
                body["run"] = run.into();
            }
            world.tell_door("ci", &body).await;
            world.pass(UNTIL_LOOKED).await;
        };
        let runs = |digest: &str| world.runs(STAGING, digest, &first[1]);
        say(&"0".repeat(40), None).await;
        assert!(refusals(&world).last().unwrap().contains("no Score file"), "{:?}", refusals(&world));
        say(&right, None).await;
        runs(&pushed.digest).unwrap();
        let told = || {
            let rows = world.state.rows();
            let mut told = rows.iter().filter(|row| row.key.sort == format!("digest#{}", pushed.digest));
            rows::read::<ToldImage>(told.next().unwrap()).unwrap().commit.to_string()
        };
        assert_eq!(told(), right);
        say(&right, Some(7)).await;
        for (commit, run, counts) in [('a', None, 7), ('b', Some(7), 7), ('c', Some(6), 7), ('d', Some(8), 8)]
        {
            let commit = commit.to_string().repeat(40);
            say(&commit, run).await;
            assert_eq!(told(), if counts == 8 { commit } else { right.clone() }, "{run:?}");
        }
    });
}

/// As many tags as a pipeline may tell of an image, all but one of them remembered at once.
#[test]
fn of_more_tags_than_are_read_none_is_picked_and_it_is_said() {
    crate::simulation::in_virtual_time(async {
        let world = calm(|platform| following("semver: \"*\"")(foreign(platform))).await;
        let commit = world.push("main", "a beginning");
        let image = ImageRepository { registry: "ghcr.io".to_owned(), path: "acme/web".to_owned() };
        let told = ToldImage {
            digest: digest('0').parse().unwrap(),
            commit: commit.parse().unwrap(),
            run: Some(1),
            at: world.time.now(),
        };
        for number in 1..TOLD_LIMIT {
            let tag = format!("0.0.{number}").parse().unwrap();
            remember(&world.context, "ci", &image, Some(&tag), &told).await.unwrap();
        }
        let tell = async |workload: &str, told: char, tag: &str| {
            let image = format!("ghcr.io/acme/{workload}");
            world.tell_built(&image, &digest(told), &commit, 1, Some(tag)).await;
            world.pass(A_WHILE).await;
        };
        tell("worker", '2', "1.0.0").await;
        tell("web", '1', "1.0.0").await;
        world.runs(STAGING, &digest('1'), &digest('2')).unwrap();
        tell("web", '3', "1.0.1").await;
        world.runs(STAGING, &digest('1'), &digest('2')).unwrap();
        let told = world.outcomes(STAGING);
        assert!(
            told.last().unwrap().contains("has told of more than 10000 tags of `ghcr.io/acme/web`"),
            "{told:#?}"
        );
    });
}
