//! Following tags that pipelines tell, because their registry cannot be asked: whose word counts, and of several the last.

use super::{
    tags::{STAGING, following, refusals, released},
    *,
};
use roadstead_domain::{fact::ToldImage, image::ImageRepository, repository::Commit};
use roadstead_steps::{
    nouns::{
        State as _, Time,
        state::{COMMIT_LIMIT, Condition, Write},
    },
    tags::{TOLD_LIMIT, TOLD_READ_LIMIT, remember},
};
use roadstead_worlds::ecr::Image;
use serde_json::json;

/// The sample, whose images are in a registry that cannot be asked.
pub(super) fn foreign(platform: String) -> String {
    platform.replace("image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop", "image: ghcr.io/acme")
}

pub(super) fn digest(digit: char) -> String {
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

/// Staging follows any version that a pipeline tells; the images that it is about, and what every row of them says.
async fn before_any_is_told() -> (Arc<World>, ImageRepository, ToldImage) {
    let world = calm(|platform| following("semver: \"*\"")(foreign(platform))).await;
    let commit = world.push("main", "a beginning").parse().unwrap();
    let image = ImageRepository { registry: "ghcr.io".to_owned(), path: "acme/web".to_owned() };
    let told = ToldImage { digest: digest('0').parse().unwrap(), commit, run: Some(1), at: world.time.now() };
    (world, image, told)
}

/// The last version that there is room for is picked, and the next one is not.
async fn one_more_is_not_picked(world: &Arc<World>, commit: &Commit) {
    for (workload, told, tag) in [("worker", '2', "1.0.0"), ("web", '1', "1.0.0"), ("web", '3', "1.0.1")] {
        let image = format!("ghcr.io/acme/{workload}");
        world.tell_built(&image, &digest(told), commit.as_str(), 1, Some(tag)).await;
        world.pass(A_WHILE).await;
        if workload == "web" {
            world.runs(STAGING, &digest('1'), &digest('2')).unwrap();
        }
    }
}

/// As many tags as a pipeline may tell of an image, all but one of them remembered at once.
#[test]
fn of_more_tags_than_are_read_none_is_picked_and_it_is_said() {
    crate::simulation::in_virtual_time(async {
        let (world, image, told) = before_any_is_told().await;
        for number in 1..TOLD_LIMIT {
            let tag = format!("0.0.{number}").parse().unwrap();
            remember(&world.context, "ci", &image, Some(&tag), &told).await.unwrap();
        }
        one_more_is_not_picked(&world, &told.commit).await;
        let told = world.outcomes(STAGING);
        assert!(
            told.last().unwrap().contains("has told of more than 10000 tags of `ghcr.io/acme/web`"),
            "{told:#?}"
        );
    });
}

/// As many tags as are read of what a pipeline told of an image, of which one is followed.
#[test]
fn tags_that_nobody_follows_do_not_count() {
    crate::simulation::in_virtual_time(async {
        let (world, image, told) = before_any_is_told().await;
        let row = |number: usize| {
            let tag = format!("build-{number}").parse().unwrap();
            Write::Put(rows::row(rows::told_tag(&image, "ci", &tag), &told, None).unwrap(), Condition::Always)
        };
        let numbers: Vec<usize> = (1..TOLD_READ_LIMIT).collect();
        for part in numbers.chunks(COMMIT_LIMIT) {
            world.state.commit(&part.iter().copied().map(row).collect::<Vec<_>>()).await.unwrap();
        }
        one_more_is_not_picked(&world, &told.commit).await;
        let told = world.outcomes(STAGING);
        let why =
            "has told of so many tags of `ghcr.io/acme/web`, more than 50000, that they are not all read";
        assert!(told.last().unwrap().contains(why), "{told:#?}");
    });
}
