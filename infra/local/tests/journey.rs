//! The journey of a pull request through a whole stack, over real HTTP and on real files.

#![expect(clippy::unwrap_used, reason = "a test ends where it is surprised, in its helpers too")]

use jiff::Timestamp;
use roadstead::{
    demo::{self, Journey, Which, report::Report},
    stack::{Options, Stack},
};
use roadstead_domain::environment::Phase;
use roadstead_web::{Https, Transport as _};
use std::{path::Path, time::Duration};

/// How long a journey may take here, on a machine that has other things to do.
const LIMIT: Duration = Duration::from_secs(180);
/// Many more duplicates than in reality.
const DUPLICATE_ONE_IN: u64 = 4;

async fn start(data_dir: &Path) -> Stack {
    let data_dir = data_dir.to_owned();
    Stack::start(Options { data_dir, kubeconfig: None, duplicate_one_in: DUPLICATE_ONE_IN }).await.unwrap()
}

async fn get(url: &str, host: &str) -> (u16, String) {
    let request = http::Request::get(url).header("host", host).body(vec![]).unwrap();
    let answer = Https::new(true).unwrap().call(request).await.unwrap();
    (answer.status().as_u16(), String::from_utf8(answer.into_body()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_is_previewed_and_leaves_nothing_twice_in_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    for number in [42, 43] {
        let stack = start(folder.path()).await;
        assert!(
            demo::play_all(&stack, &Report { json: true }, LIMIT, &[Which::PullRequest]).await,
            "see what differs above"
        );
        let pull_request =
            stack.worlds.code.read(|code| code.github.pull_request(code.repository, number).cloned());
        assert!(!pull_request.unwrap().open);
        stack.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_image_is_returned_from_in_both_clusters_twice_in_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let stack = start(folder.path()).await;
        let played = demo::play_all(&stack, &Report { json: true }, LIMIT, &[Which::ImagePush]).await;
        assert!(played, "see what differs above");
        stack.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_team_asks_for_in_slack_is_made_and_taken_away_twice_in_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let stack = start(folder.path()).await;
        let played = demo::play_all(&stack, &Report { json: true }, LIMIT, &[Which::Chat]).await;
        assert!(played, "see what differs above");
        stack.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_is_restarted_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await;
    let mut journey = Journey::new(&first);
    let base = journey.deploy_staging().await.unwrap();
    let pull_request = journey.open().await.unwrap();
    let expected = journey.build(&pull_request, &base).await.unwrap();
    assert!(journey.differences().is_empty(), "{:?}", journey.differences());
    first.stop().await.unwrap();

    let second = start(folder.path()).await;
    let mut journey = Journey::new(&second);
    let now = Timestamp::now();
    let ready = journey.reached(&pull_request, 1, Phase::Ready, "opened", now, &expected);
    tokio::time::timeout(LIMIT, ready).await.unwrap().unwrap();
    let environment = second.environment(&pull_request.environment).await.unwrap().unwrap();
    let host = environment.url.unwrap().trim_start_matches("http://").to_owned();
    let pages = format!("http://127.0.0.1:{}/", second.local.pages_port);
    let (status, page) = get(&pages, &host).await;
    assert_eq!(status, 200, "{page}");
    for digest in expected.values() {
        assert!(page.contains(digest.as_str()) && page.contains("1 of 1"), "{page}");
    }
    assert_eq!(get(&pages, "other.preview.localhost").await.0, 404);

    journey.close(&pull_request).await.unwrap();
    let nothing = Default::default();
    let gone = journey.reached(&pull_request, 2, Phase::Gone, "closed", now, &nothing);
    tokio::time::timeout(LIMIT, gone).await.unwrap().unwrap();
    assert!(journey.differences().is_empty(), "{:?}", journey.differences());
    second.stop().await.unwrap();
}

async fn post(url: &str, body: &str) -> (u16, serde_json::Value) {
    let request = http::Request::post(url).header("content-type", "application/json");
    let request = request.body(body.as_bytes().to_vec()).unwrap();
    let answer = Https::new(true).unwrap().call(request).await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_plays_people() {
    let folder = tempfile::tempdir().unwrap();
    let stack = start(folder.path()).await;
    let people = format!("{}/_people", stack.local.github_api);
    let change = r#"{"branch": "idea", "who": "ada", "path": "README.md", "content": "an idea"}"#;
    assert_eq!(post(&format!("{people}/push"), change).await.0, 200);
    let new = r#"{"branch": "idea", "who": "ada", "title": "An idea"}"#;
    let (status, opened) = post(&format!("{people}/pull-requests"), new).await;
    assert_eq!((status, opened["number"].as_u64()), (200, Some(42)));
    assert_eq!(post(&format!("{people}/pull-requests"), new).await.0, 422);
    let image = serde_json::json!({ "repository": "shop/web", "commit": opened["merge_commit"] });
    let (status, built) = post(&format!("{people}/images"), &image.to_string()).await;
    assert_eq!((status, built["digest"].as_str().map(str::len)), (200, Some(71)));
    let close = format!("{people}/pull-requests/42/close");
    assert_eq!(post(&close, r#"{"who": "ada"}"#).await.0, 200);
    stack.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_folder_has_one_stack() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path()).await;
    let options = Options { data_dir: folder.path().to_owned(), kubeconfig: None, duplicate_one_in: 0 };
    let problem = Stack::start(options).await.err().unwrap();
    assert!(problem.what.contains("another stack runs in"), "{problem}");
    assert!(problem.next.contains("status") && problem.next.contains("another `--data-dir`"), "{problem}");
    first.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_signature_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let stack = start(folder.path()).await;
    let request = http::Request::post(&stack.local.doors.github)
        .header("content-type", "application/json")
        .header("x-github-event", "push")
        .header("x-github-delivery", "00000000-0000-4000-8000-000000000000")
        .header("x-hub-signature-256", format!("sha256={}", "0".repeat(64)))
        .body(b"{}".to_vec())
        .unwrap();
    let answer = Https::new(true).unwrap().call(request).await.unwrap();
    assert_eq!(answer.status().as_u16(), 401);
    stack.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubeconfig_that_cannot_be_read_is_refused_before_anything_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("new");
    let unusable = folder.path().join("kubeconfig");
    std::fs::write(&unusable, "clusters: [").unwrap();
    for kubeconfig in [unusable, folder.path().join("none")] {
        let options =
            Options { data_dir: data_dir.clone(), kubeconfig: Some(kubeconfig), duplicate_one_in: 0 };
        let problem = Stack::start(options).await.err().unwrap();
        assert!(
            problem.what.contains("as a kubeconfig") && problem.next.contains("--kubeconfig"),
            "{problem}"
        );
    }
    assert!(!data_dir.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journey_whose_time_is_over_says_where_it_stands_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let stack = start(folder.path()).await;
    let mut journey = Journey::new(&stack);
    assert!(!journey.within(Which::Chat, &Report { json: true }, Duration::from_millis(300)).await);
    let [told] = journey.differences() else { panic!("{:?}", journey.differences()) };
    assert!(told.starts_with("not over after 0 s; "), "{told}");
    assert!(told.ends_with("next: give a longer `--limit`"), "{told}");
    stack.stop().await.unwrap();
}
