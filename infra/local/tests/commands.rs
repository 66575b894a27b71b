//! The commands that talk to a stack that runs: what they print, and how they end.

#![expect(clippy::unwrap_used, reason = "a test ends where it is surprised, in its helpers too")]

use jiff::Timestamp;
use roadstead::{
    command::{
        config::{Config, Push},
        events::{Events, Listener},
        follow::{Ended, Following},
        heard::Heard,
        retry::Retry,
        running::RunningStack,
        send::Send,
        status::Status,
    },
    problem::Problem,
    stack::{
        Options, Stack,
        dynamodb::{TABLE, stand_in},
    },
};
use roadstead_aws::state::DynamoDb;
use roadstead_domain::{environment::Environment, name::EnvironmentId};
use roadstead_steps::{configuration, listing};
use roadstead_web::{Https, Transport as _};
use roadstead_worlds::ecr::Image;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// How long a journey may take here, in seconds, on a machine that has other things to do.
const LIMIT: u64 = 120;
/// The images of the sample.
const IMAGES: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/// What somebody was told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn hears(&self) -> impl Fn(&str) + Sync {
        move |line| self.0.lock().unwrap().push(line.to_owned())
    }

    fn all(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

async fn start(data_dir: &Path) -> (Stack, RunningStack) {
    let options = Options { data_dir: data_dir.to_owned(), kubeconfig: None, duplicate_one_in: 0 };
    let stack = Stack::start(options).await.unwrap();
    (stack, RunningStack::find(data_dir).await.unwrap())
}

fn recorded(event: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events").join(event)
}

async fn sent(stack: &RunningStack, file: PathBuf) -> (Result<Ended, Problem>, String) {
    let told = Told::default();
    let ended = Send { file, as_recorded: false, limit: LIMIT }.run(stack, &told.hears()).await;
    (ended, told.all())
}

async fn retried(stack: &RunningStack, environment: &str) -> (Ended, String) {
    let told = Told::default();
    let retry = Retry { environment: environment.parse().unwrap(), limit: LIMIT };
    let ended = retry.run(stack, &told.hears()).await.unwrap();
    (ended, told.all())
}

async fn status(stack: &RunningStack, environment: Option<&str>, json: bool) -> String {
    let environment = environment.map(|id| id.parse().unwrap());
    Status { environment, json }.run(stack).await.unwrap()
}

async fn story(stack: &RunningStack, environment: &str) -> Value {
    serde_json::from_str(&status(stack, Some(environment), true).await).unwrap()
}

/// Waits until something is so.
async fn until(is_so: impl AsyncFn() -> bool) {
    let limit = Instant::now() + Duration::from_secs(LIMIT);
    while !is_so().await {
        assert!(Instant::now() < limit, "it is still not so after {LIMIT} s");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// An environment, once it is there and at rest. Staging is begun by the first look at the repository.
async fn at_rest(stack: &RunningStack, environment: &str) -> Environment {
    let id: EnvironmentId = environment.parse().unwrap();
    let now = async || stack.environment(&id).await.unwrap();
    until(async || now().await.is_some_and(|now| now.is_at_rest() && !now.is_behind())).await;
    now().await.unwrap()
}

fn assert_all_in(text: &str, parts: &[&str]) {
    let missing: Vec<_> = parts.iter().filter(|part| !text.contains(**part)).collect();
    assert!(missing.is_empty(), "{missing:?} in\n{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_pull_request_is_previewed_and_tells_its_story() {
    let folder = tempfile::tempdir().unwrap();
    let (first, stack) = start(folder.path()).await;
    at_rest(&stack, "shop/staging").await;
    let (ended, told) = sent(&stack, recorded("github/pull_request.opened.json")).await;
    assert_eq!(ended.unwrap(), Ended::Well, "{told}");
    assert_all_in(
        &told,
        &["Codertocat opens pull request 2 again", "shop/pr-2: wanted anew, as generation 1"],
    );
    assert_all_in(&told, &["#1  apply-to-eks", "#1  verify-rollout", "ready at http://shop-pr-2-"]);
    let (ended, told) = sent(&stack, recorded("images/built.json")).await;
    assert_eq!(ended.unwrap(), Ended::Well, "{told}");
    assert_all_in(&told, &["the pipeline ci: the image", "as generation 2", "ready at"]);
    first.stop().await.unwrap();

    let problem = RunningStack::find(folder.path()).await.err().unwrap();
    assert!(problem.next.contains("cargo run -- up"), "{problem}");
    let (second, stack) = start(folder.path()).await;
    let (ended, told) = sent(&stack, recorded("github/pull_request.closed.json")).await;
    assert_eq!(ended.unwrap(), Ended::Well, "{told}");
    assert_all_in(&told, &["#3  undo create-dns", "#3  undo provision-environment", "gone; nothing is left"]);
    let told = status(&stack, Some("shop/pr-2"), false).await;
    assert_all_in(&told, &["shop/pr-2: gone", "#1  2", "says the image's label", "says the pipeline"]);
    assert_all_in(&told, &["#3  2", "to be gone: its pull request is closed", "undo resolve-config"]);
    let story = story(&stack, "shop/pr-2").await;
    assert_eq!((&story["left_out"], &story["deployments"][1]["who"]), (&json!(0), &json!("the pipeline ci")));
    assert_eq!(story["deployments"][1]["steps"].as_array().unwrap().len(), 5);

    let environment = stack.environment(&"shop/pr-2".parse().unwrap()).await.unwrap().unwrap();
    for (at_most, generations) in [(2, vec![2, 3]), (3, vec![1, 2, 3]), (4, vec![1, 2, 3])] {
        let found = listing::deployments(&stack.state, &environment, at_most).await.unwrap();
        assert_eq!(found.into_keys().collect::<Vec<_>>(), generations);
    }
    second.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_is_asked_for_again_tries_its_commit_again() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    at_rest(&stack, "shop/staging").await;
    let (ended, told) = sent(&stack, recorded("github/check_suite.rerequested.json")).await;
    assert_eq!(ended.unwrap(), Ended::Nothing, "{told}");
    assert_all_in(&told, &["no environment has run this commit"]);
    sent(&stack, recorded("github/pull_request.opened.json")).await.0.unwrap();
    for (event, generation) in [("check_run", 2), ("check_suite", 3)] {
        let (ended, told) = sent(&stack, recorded(&format!("github/{event}.rerequested.json"))).await;
        assert_eq!(ended.unwrap(), Ended::Well, "{told}");
        let wanted = format!("shop/pr-2: wanted anew, as generation {generation}");
        assert_all_in(&told, &["Codertocat asks for the checks of", &wanted, "ready at"]);
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_are_listed_with_what_there_is_to_know() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    at_rest(&stack, "shop/staging").await;
    sent(&stack, recorded("github/pull_request.opened.json")).await.0.unwrap();
    let told = status(&stack, None, false).await;
    assert_all_in(
        &told,
        &["ENVIRONMENT", "shop/pr-2     preview", "71h 5", "shop/staging  staging", "failed: "],
    );
    let listed: Value = serde_json::from_str(&status(&stack, None, true).await).unwrap();
    let preview = &listed[0];
    assert_eq!((&preview["environment"], &preview["phase"]), (&json!("shop/pr-2"), &json!("ready")));
    assert_eq!(preview["revision"].as_str().unwrap().len(), 40);
    assert!(preview["url"].as_str().unwrap().starts_with("http://shop-pr-2-"), "{preview}");
    assert_eq!((&listed[1]["url"], &listed[1]["expires_at"]), (&Value::Null, &Value::Null));
    let unknown = Status { environment: Some("shop/pr-9".parse().unwrap()), json: false };
    assert!(unknown.run(&stack).await.unwrap_err().next.contains("status"));
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_is_told_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    for (event, tells) in [
        ("images/built.json", "it is sent as recorded"),
        ("github/ping.json", "this event changes nothing that is deployed"),
        ("github/push.json", "no environment follows this branch"),
        ("github/pull_request.closed.json", "The pull request is closed."),
        ("github/pull_request.opened.fork.json", "pull requests from forks get nothing"),
        ("ecr/image_action.push.json", "no environment waits for this image"),
        ("ecr/image_action.delete.json", "not a push that succeeded"),
    ] {
        let (ended, told) = sent(&stack, recorded(event)).await;
        assert_eq!(ended.unwrap(), Ended::Nothing, "{told}");
        assert!(told.contains(tells), "{event}: {told}");
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_names_the_next_action() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    let file = recorded("github/pull_request.opened.json");
    let mut event: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let as_recorded = Send { file, as_recorded: true, limit: LIMIT };
    let problem = as_recorded.run(&stack, &Told::default().hears()).await.unwrap_err();
    assert!(problem.what.contains("403") && problem.next.contains("--as-recorded"), "{problem}");
    std::fs::create_dir(folder.path().join("github")).unwrap();
    let unknown = folder.path().join("github/pull_request.unknown.json");
    event["number"] = json!(999);
    std::fs::write(&unknown, event.to_string()).unwrap();
    let problem = sent(&stack, unknown.clone()).await.0.unwrap_err();
    assert!(problem.what.contains("no pull request 999"), "{problem}");
    std::fs::write(&unknown, "[]").unwrap();
    for file in [unknown, recorded("sqs/batch.json"), recorded("github/none.json")] {
        let problem = sent(&stack, file).await.0.unwrap_err();
        assert!(problem.next.contains("events/README.md"), "{problem}");
    }
    running.stop().await.unwrap();
}

/// Pushes an image of which nobody is told, and answers its digest. It cannot be pulled yet.
fn push_unheard(running: &Stack, tag: &str, workload: &str) -> String {
    let image = Image { content: format!("{workload} {tag}"), ..Image::of_revision("0") };
    let image = Image { revision: None, ..image };
    let repository = format!("shop/{workload}");
    let push = |registry: &mut roadstead::stack::worlds::Registry| {
        registry.ecr.push(&repository, tag, &image, Timestamp::now()).unwrap().digest
    };
    running.worlds.registry.change(push)
}

fn let_pull(running: &Stack, workload: &str, digest: &str) {
    let reference = format!("{IMAGES}/shop/{workload}@{digest}");
    running.worlds.registry.change(|registry| registry.references.insert(reference));
    running.worlds.let_pull();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_tried_again_by_the_person_at_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    let staging = at_rest(&stack, "shop/staging").await;
    let (ended, told) = retried(&stack, "shop/staging").await;
    assert_eq!(ended, Ended::Badly, "{told}");
    assert_all_in(&told, &["the person at this machine: try `shop/staging` again", "#2  failed: "]);

    let tag = format!("sha-{}", staging.commit.unwrap());
    for workload in ["web", "worker"] {
        let digest = push_unheard(&running, &tag, workload);
        let_pull(&running, workload, &digest);
    }
    let (ended, told) = retried(&stack, "shop/staging").await;
    assert_eq!(ended, Ended::Well, "{told}");
    assert_all_in(&told, &["as generation 3", "#3  verify-rollout", "shop/staging #3, after"]);
    let story = story(&stack, "shop/staging").await;
    let last = &story["deployments"][2];
    assert_eq!((&last["who"], &last["result"]), (&json!("the person at this machine"), &json!("ready")));

    for (environment, tells) in
        [("shop/staging", "nothing to try again"), ("shop/pr-9", "There is no environment")]
    {
        let (ended, told) = retried(&stack, environment).await;
        assert!(ended == Ended::Nothing && told.contains(tells), "{told}");
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_that_failed_is_deployed_again_only_by_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    sent(&stack, recorded("github/pull_request.opened.json")).await.0.unwrap();
    let head = at_rest(&stack, "shop/pr-2").await.commit.unwrap();
    let digest = push_unheard(&running, "unheard", "web");
    let built = json!({ "image": format!("{IMAGES}/shop/web"), "digest": digest, "commit": head, "run": 1 });
    let file = folder.path().join("images/built.json");
    std::fs::create_dir(folder.path().join("images")).unwrap();
    std::fs::write(&file, built.to_string()).unwrap();
    let (ended, told) = sent(&stack, file).await;
    assert_eq!(ended.unwrap(), Ended::Badly, "{told}");
    assert_all_in(&told, &["failed: ", "is not in the registry"]);

    let_pull(&running, "web", &digest);
    let (ended, told) = sent(&stack, recorded("github/pull_request.opened.json")).await;
    assert_eq!(ended.unwrap(), Ended::Badly, "{told}");
    assert_all_in(&told, &["is not deployed again by itself"]);
    let (ended, told) = retried(&stack, "shop/pr-2").await;
    assert_eq!(ended, Ended::Well, "{told}");
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_takes_notes_only_of_who_has_its_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    for bearer in ["", "Bearer ", "Bearer 0", &stack.local.secrets.desk] {
        let request = http::Request::post(format!("{}/retry", stack.local.desk))
            .header("content-type", "application/json")
            .header("authorization", bearer)
            .body(br#"{"environment": "shop/staging"}"#.to_vec());
        let answer = Https::new(true).unwrap().call(request.unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), 401, "{bearer}");
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_not_reached_is_told_of_only_while_the_stack_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (running, mut stack) = start(folder.path()).await;
    stack.state = DynamoDb::new(stand_in("http://127.0.0.1:1"), TABLE);
    let follow = async |heard: Heard| {
        let following = Following { stack: &stack, heard, tell: &|_| () };
        following.to_its_end("any", Duration::from_secs(LIMIT)).await.unwrap_err()
    };
    let problem = follow(stack.hear().await.unwrap()).await;
    assert!(problem.what.contains("the stack's table cannot be read"), "{problem}");
    let heard = stack.hear().await.unwrap();
    let (problem, stopped) = tokio::join!(follow(heard), running.stop());
    stopped.unwrap();
    assert_eq!(problem.what, "the stack has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_happens_is_told_while_it_happens() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    at_rest(&stack, "shop/staging").await;
    let (words, json) = (Told::default(), Told::default());
    let (tell_words, tell_json) = (words.hears(), json.hears());
    let in_words = Events { json: false }.run(Listener::at(&stack).await.unwrap(), &tell_words);
    let in_json = Events { json: true }.run(Listener::at(&stack).await.unwrap(), &tell_json);
    let journey = async {
        sent(&stack, recorded("github/pull_request.opened.json")).await.0.unwrap();
        let last = "the comment of pull request 2";
        until(async || words.all().contains(last) && json.all().contains(last)).await;
        running.stop().await.unwrap();
    };
    let (in_words, in_json, ()) = tokio::join!(in_words, in_json, journey);
    in_words.and(in_json).unwrap();
    let told = words.all();
    assert_all_in(
        &told,
        &["Codertocat: pull request 2", "resolve-config                begins", " ms", "say so"],
    );
    assert!(!told.contains("shop/staging #"), "only what is new is told: {told}");
    let lines: Vec<Value> = json.all().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for kind in ["trigger", "step-begun", "step-ended", "phase", "announced"] {
        assert!(lines.iter().any(|line| line["kind"] == kind && line["at"].is_string()), "{kind}: {lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_file_that_is_pushed_is_in_force_and_one_that_names_another_installation_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (stack, running) = start(folder.path()).await;
    let (in_force, file) = (configuration::in_force(&running.state), folder.path().join("platform.yaml"));
    let before = in_force.await.unwrap().unwrap();
    let pushed = async |from: &str, to: &str| {
        let sample = include_str!("../sample/platform.yaml").replace(from, to);
        std::fs::write(&file, sample).unwrap();
        let data_dir = folder.path().to_owned();
        Config::Push(Push { file: file.clone(), url: None, key: None, data_dir }).run().await
    };
    let told = pushed("pods: 40", "pods: 41").await.unwrap();
    assert!(told.contains("is in force. The environments of 1 repositories"), "{told}");
    let after = configuration::in_force(&running.state).await.unwrap().unwrap();
    assert_ne!(after.hash, before.hash);
    let problem = pushed("installation: demo", "installation: other").await.unwrap_err();
    assert!(problem.what.contains("it cannot be called `other`"), "{problem}");
    assert_eq!(configuration::in_force(&running.state).await.unwrap(), Some(after));
    stack.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_in_slack_is_done_and_answered_there() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    let (ended, told) = sent(&stack, recorded("slack/env_create.misspelt.json")).await;
    assert_eq!(ended.unwrap(), Ended::Nothing, "{told}");
    assert_all_in(&told, &["Did you mean `/env create shop try`?"]);
    let (ended, told) = sent(&stack, recorded("slack/env_create.json")).await;
    assert_eq!(ended.unwrap(), Ended::Well, "{told}");
    assert_all_in(
        &told,
        &["ada types `/env create shop try branch main for 4h`", "Slack shows: `shop/try`: ready"],
    );
    assert_all_in(&told, &["Slack shows: http", "shop/try: wanted anew, as generation 1"]);
    let (ended, told) = sent(&stack, recorded("slack/env_list.json")).await;
    assert_eq!(ended.unwrap(), Ended::Nothing, "{told}");
    assert_all_in(&told, &["Slack shows: `shop/try` (preview"]);
    let (ended, told) = sent(&stack, recorded("slack/env_destroy.json")).await;
    assert_eq!(ended.unwrap(), Ended::Well, "{told}");
    assert_all_in(&told, &["shop/try #2", "gone"]);
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_types_a_command_and_sees_what_the_door_answers() {
    let folder = tempfile::tempdir().unwrap();
    let (running, stack) = start(folder.path()).await;
    let url = format!("{}/_people/command", stack.local.github_api);
    let typed = async |who: &str, text: &str| {
        let answer =
            stack.post(&url, None, &json!({"who": who, "text": text, "channel": "shop"})).await.unwrap();
        serde_json::from_slice::<Value>(answer.body()).unwrap_or_default()
    };
    assert_all_in(typed("ada", "/env help").await["text"].as_str().unwrap(), &["`/env create", "`/deploy"]);
    assert_all_in(typed("eve", "/env list").await["text"].as_str().unwrap(), &["On it"]);
    assert_eq!(typed("nobody", "/env list").await, Value::Null);
    let outbox = stack.local.slack_outbox.clone().unwrap();
    let shown = async || {
        let request = http::Request::get(&outbox).body(vec![]).unwrap();
        serde_json::from_slice::<Value>(stack.call(request).await.unwrap().body()).unwrap()
    };
    until(async || shown().await["replies"][1]["uses"] == json!(1)).await;
    let shown = shown().await;
    assert_eq!(shown["replies"][0]["uses"], json!(0), "help is answered at once, and at its address nothing");
    assert_eq!(
        shown["replies"][1]["answers"].as_array().unwrap().len(),
        1,
        "the answer took the first one's place"
    );
    running.stop().await.unwrap();
}
