//! What is stored, what is noted, and what is told of a file that is wrong.

use super::*;
use crate::door::{
    HttpApi, ImagesDoor,
    http_api::http_api,
    note::tests::{Fault, Outside},
};
use http::Request;
use roadstead_domain::platform::Platform;
use roadstead_senders::Secret;
use roadstead_steps::rows;
use serde_json::{Value, json};
use std::sync::Arc;

const FILE: &str = include_str!("../../../../../infra/local/sample/platform.yaml");
const SECRET: &str = "a secret of this test";

async fn called(outside: &Arc<Outside>, method: &str, path: &str, secret: &str, body: &str) -> (u16, Value) {
    let keys = vec![Key { name: "platform".to_owned(), secret: Secret::new(SECRET).unwrap() }];
    let door = HttpApi {
        images: ImagesDoor { notebook: outside.notebook(), keys: vec![] },
        configurations: ConfigurationsDoor { notebook: outside.notebook(), keys },
    };
    let request = Request::builder().method(method).uri(path).header("content-type", "application/yaml");
    let request = request.header("authorization", format!("Bearer {secret}")).body(()).unwrap();
    let response = http_api(&door, &request.into_parts().0, body.as_bytes()).await;
    (response.status().as_u16(), serde_json::from_str(response.body()).unwrap())
}

async fn pushed(outside: &Arc<Outside>, secret: &str, body: &str) -> (u16, Value) {
    called(outside, "POST", "/configurations", secret, body).await
}

#[tokio::test]
async fn a_good_file_is_stored_by_its_hash_and_noted_and_its_outcome_can_be_asked_for() {
    let outside = Arc::new(Outside { may_read: true, ..Outside::default() });
    let (status, told) = pushed(&outside, SECRET, FILE).await;
    assert_eq!((status, outside.counts()), (202, (2, 1, 2)));
    let hash = Platform::parse(FILE.as_bytes()).unwrap().hash;
    let stored = outside.rows.lock().unwrap().get(&rows::platform(&hash)).cloned().unwrap();
    assert_eq!(stored.attributes["text"], FILE);
    let outcome = called(&outside, "GET", told["outcome"].as_str().unwrap(), SECRET, "").await;
    assert_eq!((outcome.0, &outcome.1["state"]), (200, &json!("pending")));
    assert_eq!(
        pushed(&outside, SECRET, FILE).await.0,
        202,
        "what is pushed again is meant to be in force again"
    );
}

#[tokio::test]
async fn a_wrong_file_is_told_whole_and_leaves_nothing() {
    let outside = Arc::new(Outside::default());
    let wrong = FILE.replace("pods: 40", "pods: 0").replace("clusters: [main", "clusters: [mian");
    let (status, told) = pushed(&outside, SECRET, &wrong).await;
    assert_eq!((status, outside.counts()), (422, (0, 0, 0)));
    let problems = told["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 2, "{told:#}");
    let pods = problems.iter().find(|problem| problem["path"] == "types.staging.quota.pods").unwrap();
    assert_eq!(pods["file"], "platform.yaml");
    assert!(problems.iter().any(|problem| problem["line"].is_number()), "{told:#}");
}

#[tokio::test]
async fn whoever_holds_no_key_learns_nothing_of_a_file() {
    let outside = Arc::new(Outside::default());
    for body in [FILE, "nonsense"] {
        assert_eq!(pushed(&outside, "another secret of it", body).await.0, 401);
    }
    assert_eq!(outside.counts(), (0, 0, 0));
}

#[tokio::test]
async fn what_was_not_stored_is_not_noted() {
    let outside = Arc::new(Outside { state_fault: Fault::Lost, ..Outside::default() });
    assert_eq!(pushed(&outside, SECRET, FILE).await.0, 503);
    assert_eq!(outside.counts(), (0, 0, 1));
}
