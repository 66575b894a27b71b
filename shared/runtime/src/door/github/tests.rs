//! Every recorded delivery, and what the door answers.

use super::*;
use crate::door::note::tests::{Fault, Outside};
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, StatusCode, header};
use roadstead_senders::{Secret, github::Binding};
use sha2::Sha256;
use std::{path::Path, sync::Arc};

const SECRET: &str = "a secret of this test";

fn door(outside: &Arc<Outside>) -> GithubDoor {
    let hook = Hook {
        secret: Secret::new(SECRET).unwrap(),
        bound_to: Binding::Repositories([1_296_269].into()),
        own_account: None,
        own_app: Some(900),
    };
    GithubDoor { notebook: outside.notebook(), hooks: [("shop".to_owned(), hook)].into() }
}

fn request(path: &str, event: &str, body: &[u8]) -> Parts {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    Request::post(path)
        .header("content-type", "application/json")
        .header(github::EVENT, event)
        .header(github::DELIVERY, "72d3162e-cc78-11e3-81ab-4c9367dc0958")
        .header(github::SIGNATURE, format!("sha256={}", hex::encode(mac.finalize().into_bytes())))
        .body(())
        .unwrap()
        .into_parts()
        .0
}

fn recorded() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/github");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let named = |path: &std::path::PathBuf| {
        (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap())
    };
    files.iter().map(named).collect()
}

#[tokio::test]
async fn every_recorded_delivery_is_answered_as_it_deserves() {
    let outside = Arc::new(Outside::default());
    let mut answers = Vec::new();
    for (name, body) in recorded() {
        let event = name.split('.').next().unwrap();
        let response = github(&door(&outside), &request("/github/shop", event, &body), &body).await;
        answers.push((name, response.status().as_u16()));
    }
    let expected = [
        ("check_run.rerequested.json", 202),
        ("check_suite.rerequested.json", 202),
        ("ping.json", 200),
        ("pull_request.closed.json", 202),
        ("pull_request.opened.fork.json", 202),
        ("pull_request.opened.json", 202),
        ("pull_request.reopened.json", 202),
        ("pull_request.synchronize.json", 202),
        ("push.json", 202),
    ];
    assert_eq!(answers, expected.map(|(name, status)| (name.to_owned(), status)));
    assert_eq!(outside.counts(), (8, 8, 8));
}

#[tokio::test]
async fn every_delivery_k_times_is_once() {
    let outside = Arc::new(Outside::default());
    for _ in 0..3 {
        for (name, body) in recorded() {
            let event = name.split('.').next().unwrap();
            let response = github(&door(&outside), &request("/github/shop", event, &body), &body).await;
            assert!(response.status().is_success());
        }
    }
    assert_eq!(outside.counts(), (8, 8, 24));
}

#[tokio::test]
async fn what_is_not_verified_reaches_neither_table_nor_queue() {
    let outside = Arc::new(Outside::default());
    let (_, body) = recorded().pop().unwrap();
    let mut forged = request("/github/shop", "push", &body);
    forged.headers.remove(github::SIGNATURE);
    let unknown = request("/github/other", "push", &body);
    for request in [forged, unknown] {
        let response = github(&door(&outside), &request, &body).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.body(), r#"{"error":"not authenticated"}"#);
    }
    assert_eq!(outside.counts(), (0, 0, 0));
}

#[tokio::test]
async fn an_unavailable_table_is_never_a_success() {
    let outside = Arc::new(Outside { state_fault: Fault::Lost, ..Outside::default() });
    let (_, body) = recorded().pop().unwrap();
    let response = github(&door(&outside), &request("/github/shop", "push", &body), &body).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "5");
}
