//! A platform engineer pushes a configuration: environments that it changes follow it, and nothing else happens.

use super::*;
use http::Request;
use jiff::SignedDuration;
use roadstead_domain::message::Message;
use roadstead_runtime::door::{ConfigurationsDoor, HttpApi, ImagesDoor, Notebook, http_api::http_api};
use roadstead_senders::{Secret, configuration::Key};
use roadstead_steps::{
    accept_trigger::TOLD_AT_ONCE,
    configuration::in_force,
    nouns::{CallError, Queue, Time},
};
use serde_json::Value;
use std::collections::BTreeMap;

const KEY: &str = "the key of a platform engineer";

/// A queue that loses every message.
struct Losing;

#[async_trait::async_trait]
impl Queue for Losing {
    async fn send(&self, _: &Message, _: SignedDuration) -> Result<(), CallError> {
        Ok(())
    }
}

async fn called(world: &World, method: &str, path: &str, body: &str) -> (u16, Value) {
    called_with(Notebook::from(world.context.clone()), method, path, body).await
}

async fn called_with(notebook: Notebook, method: &str, path: &str, body: &str) -> (u16, Value) {
    let keys = vec![Key { name: "platform".to_owned(), secret: Secret::new(KEY).unwrap() }];
    let door = HttpApi {
        images: ImagesDoor { notebook: notebook.clone(), keys: vec![] },
        configurations: ConfigurationsDoor { notebook, keys },
    };
    let request = Request::builder().method(method).uri(path).header("content-type", "application/yaml");
    let request = request.header("authorization", format!("Bearer {KEY}")).body(()).unwrap();
    let answer = http_api(&door, &request.into_parts().0, body.as_bytes()).await;
    (answer.status().as_u16(), serde_json::from_str(answer.body()).unwrap())
}

/// Pushes a file that is as it must be; where its outcome can be asked for.
pub(super) async fn pushed(world: &World, file: &str) -> String {
    let (status, told) = called(world, "POST", "/configurations", file).await;
    assert_eq!(status, 202, "{told}");
    told["outcome"].as_str().unwrap().to_owned()
}

async fn outcome(world: &World, path: &str) -> (String, String) {
    let told = called(world, "GET", path, "").await.1;
    (told["state"].as_str().unwrap().to_owned(), told["text"].as_str().unwrap().to_owned())
}

/// The world's file with another text in one place.
pub(super) fn with(world: &World, from: &str, to: &str) -> String {
    assert!(world.platform.contains(from), "{from}");
    world.platform.replace(from, to)
}

pub(super) async fn hash_in_force(world: &World) -> String {
    in_force(world.state.as_ref()).await.unwrap().unwrap().hash
}

fn pods(world: &World, id: &str) -> Value {
    let namespace = world.environment(id).unwrap().outside_name;
    let quotas: Vec<Value> =
        world.objects_of(id).into_iter().filter(|object| object["kind"] == "ResourceQuota").collect();
    let quota = quotas.iter().find(|quota| quota["metadata"]["namespace"] == namespace.as_str()).unwrap();
    quota["spec"]["hard"]["pods"].clone()
}

fn generation(world: &World, id: &str) -> u64 {
    world.environment(id).unwrap().wanted.generation
}

#[test]
fn a_good_configuration_is_followed_by_the_environments_that_it_changes_alone() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, id, staging, .. } = &preview;
        let before = (generation(world, "shop/staging"), generation(world, id));
        let path = pushed(world, &with(world, "pods: 40", "pods: 41")).await;
        assert_eq!(outcome(world, &path).await.0, "pending");
        world.pass(Duration::from_secs(90)).await;
        let (state, text) = outcome(world, &path).await;
        assert!(state == "ready" && text.contains("is in force"), "{state}: {text}");
        world.runs("shop/staging", &staging[0], &staging[1]).unwrap();
        let environment = world.environment("shop/staging").unwrap();
        assert_eq!(environment.bound.unwrap().platform, hash_in_force(world).await);
        assert_eq!(pods(world, "shop/staging"), "41");
        assert_eq!((generation(world, "shop/staging"), generation(world, id)), (before.0 + 1, before.1));

        let path = pushed(world, &with(world, "pods: 40", "pods: 41")).await;
        world.pass(2 * UNTIL_LOOKED).await;
        let (state, text) = outcome(world, &path).await;
        assert!(state == "nothing" && text.contains("in force already"), "{state}: {text}");
        assert_eq!((generation(world, "shop/staging"), generation(world, id)), (before.0 + 1, before.1));
        world.at_rest().unwrap();
    });
}

#[test]
fn a_bad_configuration_is_refused_and_the_last_good_one_stays() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(sample).await;
        let (hash, before) = (hash_in_force(&world).await, generation(&world, "shop/staging"));
        let (status, told) =
            called(&world, "POST", "/configurations", &with(&world, "pods: 40", "pods: many")).await;
        assert_eq!((status, told["problems"].as_array().map(Vec::len)), (422, Some(1)), "{told}");

        let path = pushed(&world, &with(&world, "installation: demo", "installation: other")).await;
        world.pass(UNTIL_LOOKED).await;
        let (state, text) = outcome(&world, &path).await;
        assert!(state == "refused" && text.contains("`demo`"), "{state}: {text}");
        assert_eq!((hash_in_force(&world).await, generation(&world, "shop/staging")), (hash, before));
        world.runs("shop/staging", &staging[0], &staging[1]).unwrap();
    });
}

#[test]
fn of_two_configurations_the_one_that_was_received_last_is_in_force_in_whatever_order_they_are_looked_at() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        let (older, newer) = (with(&world, "pods: 40", "pods: 41"), with(&world, "pods: 40", "pods: 42"));
        let first = pushed(&world, &older).await;
        world.pass(Duration::from_millis(1)).await;
        let second = pushed(&world, &newer).await;
        world.pass(UNTIL_LOOKED).await;
        assert_eq!(pods(&world, "shop/staging"), "42");
        assert_eq!(outcome(&world, &second).await.0, "ready");

        // Its message is lost, so that the clock looks at it a minute after the newer one.
        let losing = Notebook { queue: Arc::new(Losing), ..world.context.clone().into() };
        let late = called_with(losing, "POST", "/configurations", &older).await.1;
        let late = late["outcome"].as_str().unwrap().to_owned();
        world.pass(Duration::from_secs(1)).await;
        pushed(&world, &with(&world, "pods: 40", "pods: 43")).await;
        world.pass(UNTIL_LOOKED).await;
        let (state, text) = outcome(&world, &late).await;
        assert!(state == "nothing" && text.contains("was pushed after it"), "{state}: {text}");
        assert_eq!(pods(&world, "shop/staging"), "43");
        assert_ne!(outcome(&world, &first).await.0, "pending");
    });
}

#[test]
fn what_failed_under_a_configuration_is_tried_again_under_one_that_changes_it() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, id, staging, .. } = &preview;
        let web = world.image_in("main", id, "web").unwrap();
        pushed(world, &with(world, "score: web/score.yaml", "score: none.yaml")).await;
        world.pass(A_WHILE).await;
        assert!(failure(&preview.phase()).contains("none.yaml"));
        let staged = world.environment("shop/staging").unwrap().phase;
        assert!(
            matches!(&staged, Phase::NeedsAttention { refusal } if refusal.text.contains("none.yaml")),
            "{staged:?}"
        );
        world.pass(2 * UNTIL_LOOKED).await;
        failure(&preview.phase());

        pushed(world, &world.platform).await;
        world.pass(A_WHILE).await;
        assert_eq!((preview.phase(), world.image_in("main", id, "web").unwrap()), (Phase::Ready, web));
        world.runs("shop/staging", &staging[0], &staging[1]).unwrap();
    });
}

#[test]
fn a_preview_whose_application_is_left_out_stays_until_its_pull_request_closes() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, id, number, .. } = &preview;
        let before = (generation(world, id), generation(world, "shop/staging"));
        let path = pushed(world, &with(world, "  shop:\n", "  another:\n")).await;
        world.pass(3 * UNTIL_LOOKED).await;
        let (state, text) = outcome(world, &path).await;
        assert!(state == "ready" && text.contains("It has no `shop` any more"), "{state}: {text}");
        assert_eq!((generation(world, id), generation(world, "shop/staging")), before);
        assert_eq!(preview.phase(), Phase::Ready);
        world.close(*number);
        world.pass(2 * UNTIL_LOOKED).await;
        world.gone(id).unwrap();
        assert!(preview.comment().contains("**shop**: gone; nothing is left"), "{}", preview.comment());
    });
}

#[test]
fn a_standing_environment_that_is_left_out_follows_nothing_until_it_is_put_back() {
    let staging = "      staging: { type: staging, branch: main }\n";
    let qa = "      qa: { type: staging, branch: main }\n";
    for (there, without) in [("  shop:\n", "  another:\n"), (qa, "")] {
        crate::simulation::in_virtual_time(async move {
            let with_qa = |platform: String| platform.replace(staging, &format!("{staging}{qa}"));
            let (world, before) = with_staging(with_qa).await;
            pushed(&world, &with(&world, there, without)).await;
            world.pass(A_WHILE).await;
            world.push("main", "goes on");
            let newer = world.build_main();
            world.pass(2 * UNTIL_LOOKED).await;
            assert_eq!(world.environment("shop/qa").unwrap().phase, Phase::Ready, "{without}");
            world.runs("shop/qa", &before[0], &before[1]).unwrap();

            pushed(&world, &world.platform).await;
            world.pass(2 * UNTIL_LOOKED).await;
            world.runs("shop/qa", &newer[0], &newer[1]).unwrap();
        });
    }
}

#[test]
fn a_zone_that_the_file_names_wrongly_is_told_to_whoever_keeps_the_file() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let world = &preview.world;
        let zone = world.platform.split("zone: ").nth(1).and_then(|rest| rest.split_whitespace().next());
        let wrong = with(world, &format!("zone: {}\n", zone.unwrap()), "zone: Z0NOWHERE\n");
        pushed(world, &wrong).await;
        world.pass(A_WHILE).await;
        let Phase::NeedsAttention { refusal } = preview.phase() else { panic!("{:?}", preview.phase()) };
        assert!(refusal.text.contains("There is no DNS zone `Z0NOWHERE`: a platform engineer must correct"));
        pushed(world, &world.platform).await;
        world.pass(A_WHILE).await;
        assert_eq!(preview.phase(), Phase::Ready);
    });
}

#[test]
fn a_standing_environment_follows_the_branch_that_the_configuration_says_now() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        world.open_as("ada", "release", false);
        let release = world.github.lock().unwrap().commit_id(world.repository, "heads/release").unwrap();
        let path = pushed(&world, &with(&world, "branch: main", "branch: release")).await;
        world.pass(A_WHILE).await;
        assert_eq!(outcome(&world, &path).await.0, "ready");
        let environment = world.environment("shop/staging").unwrap();
        assert_eq!(environment.commit.map(|commit| commit.as_str().to_owned()), Some(release));
        let settled = generation(&world, "shop/staging");
        world.pass(3 * UNTIL_LOOKED).await;
        assert_eq!(generation(&world, "shop/staging"), settled);
    });
}

#[test]
fn many_environments_follow_a_configuration_spread_out() {
    // Of many more, the last would be ready in a later hour: they need more requests than GitHub takes in one.
    let many: u64 = 40;
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(|platform| platform.replace("limit: 20", "limit: 500")).await;
        for number in 0..many {
            world.open_as("ada", &format!("branch-{number}"), false);
        }
        // Longer than the hour over which GitHub counts requests.
        world.pass(6 * UNTIL_LOOKED).await;
        let previews: Vec<String> = (1..=many).map(|number| format!("shop/pr-{number}")).collect();
        let before: Vec<u64> = previews.iter().map(|id| generation(&world, id)).collect();
        let pushed_at = world.time.now();
        pushed(&world, &with(&world, "pods: 20", "pods: 21")).await;
        world.pass(Duration::from_secs(60 * (many / TOLD_AT_ONCE as u64 + 2))).await;
        let mut told_in_minute: BTreeMap<i64, usize> = BTreeMap::new();
        for (id, before) in previews.iter().zip(before) {
            let environment = world.environment(id).unwrap();
            assert_eq!(environment.bound.as_ref().unwrap().platform, hash_in_force(&world).await);
            assert_eq!((environment.phase, environment.carrying), (Phase::Ready, before + 1), "{id}");
            let minute = environment.begun_at.duration_since(pushed_at).as_secs() / 60;
            *told_in_minute.entry(minute).or_default() += 1;
        }
        println!("told in each minute: {told_in_minute:?}");
        assert_eq!(told_in_minute.values().sum::<usize>(), previews.len());
        assert!(told_in_minute.values().all(|count| *count <= TOLD_AT_ONCE), "{told_in_minute:?}");
        world.pass(A_WHILE).await;
        world.at_rest().unwrap();
    });
}
