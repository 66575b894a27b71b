//! Commands, and what who typed them sees at once.

use super::*;
use crate::door::note::tests::{Fault, Outside};
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, StatusCode};
use roadstead_senders::{
    Secret,
    slack::{SIGNATURE, TIMESTAMP},
};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::Arc;

/// How long Slack waits for an answer.
const SLACK_WAITS: Duration = Duration::from_secs(3);
const SECRET: &str = "a secret of this test";
/// When the time of these tests begins.
const SENT_AT: &str = "1790000000";

fn door(outside: &Arc<Outside>) -> SlackDoor {
    let signing_secret = Secret::new(SECRET).unwrap();
    let workspace = Workspace { signing_secret, team: "T1".to_owned(), app: "A1".to_owned() };
    SlackDoor { notebook: outside.notebook(), workspace: Some(workspace) }
}

fn form(text: &str) -> String {
    format!(
        "team_id=T1&api_app_id=A1&user_id=U2&user_name=ada&command=%2Fenv&text={text}\
         &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1%2F397%2F96r&trigger_id=1.2.3"
    )
}

fn request(media_type: &str, body: &str) -> Parts {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("v0:{SENT_AT}:{body}").as_bytes());
    Request::post("/slack")
        .header("content-type", media_type)
        .header(TIMESTAMP, SENT_AT)
        .header(SIGNATURE, format!("v0={}", hex::encode(mac.finalize().into_bytes())))
        .body(())
        .unwrap()
        .into_parts()
        .0
}

async fn typed(outside: &Arc<Outside>, text: &str) -> (u16, Value) {
    let body = form(text);
    let request = request("application/x-www-form-urlencoded", &body);
    let response = slack(&door(outside), &request, body.as_bytes()).await;
    (response.status().as_u16(), serde_json::from_str(response.body()).unwrap())
}

fn shown(text: &str) -> (u16, Value) {
    (200, json!({"response_type": "ephemeral", "text": text}))
}

#[tokio::test]
async fn a_command_becomes_one_trigger_and_a_replay_is_answered_the_same() {
    let outside = Arc::new(Outside::default());
    for _ in 0..3 {
        assert_eq!(typed(&outside, "create+shop+try").await, shown(&placeholder()));
    }
    assert_eq!(outside.counts(), (1, 1, 3));
    assert_eq!(typed(&outside, "create+shop+other").await, shown(&placeholder()));
    assert_eq!(outside.counts(), (2, 2, 4));
}

#[tokio::test]
async fn what_asks_for_nothing_is_answered_at_once_and_written_nowhere() {
    let outside = Arc::new(Outside::default());
    let (status, help) = typed(&outside, "help").await;
    assert!(status == 200 && help["text"].as_str().unwrap().contains("`/env create"));
    let (status, near) = typed(&outside, "crate+shop+branch+%3C%21channel%3E").await;
    let text = near["text"].as_str().unwrap();
    assert!(status == 200 && text.contains("Did you mean") && text.contains("/env help"), "{text}");
    assert!(text.contains("&lt;!channel&gt;") && !text.contains('<'), "{text}");
    assert_eq!(outside.counts(), (0, 0, 0));
}

#[tokio::test]
async fn a_command_that_was_not_noted_says_so_to_who_typed_it() {
    let outside = Arc::new(Outside { state_fault: Fault::Lost, ..Outside::default() });
    assert_eq!(typed(&outside, "list").await, shown(&not_noted()));
}

#[tokio::test(start_paused = true)]
async fn whatever_stalls_who_typed_a_command_is_answered_in_time_and_told_no_untruth() {
    for (state_fault, queue_fault, expected) in
        [(Fault::Hangs, Fault::Never, not_noted()), (Fault::Never, Fault::Hangs, placeholder())]
    {
        let outside = Arc::new(Outside { state_fault, queue_fault, ..Outside::default() });
        let answered = tokio::time::timeout(SLACK_WAITS, typed(&outside, "list")).await;
        assert_eq!(answered.ok(), Some(shown(&expected)));
        assert_eq!(outside.counts(), (1, 0, 1), "it is noted, and the clock finds it");
    }
}

#[tokio::test]
async fn what_is_not_verified_reaches_neither_table_nor_queue() {
    let outside = Arc::new(Outside::default());
    let body = form("create+shop+try");
    let form_type = "application/x-www-form-urlencoded";
    let mut forged = request(form_type, &body);
    forged.headers.remove(SIGNATURE);
    let nobody = SlackDoor { workspace: None, ..door(&outside) };
    let good = request(form_type, &body);
    for (door, request) in [(&door(&outside), &forged), (&nobody, &good)] {
        let response = slack(door, request, body.as_bytes()).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.body(), r#"{"error":"not authenticated"}"#);
    }
    assert_eq!(outside.counts(), (0, 0, 0));
}

#[tokio::test]
async fn a_signed_challenge_is_echoed_and_a_check_of_the_certificate_is_fine() {
    let outside = Arc::new(Outside::default());
    let body = r#"{"type":"url_verification","challenge":"3eZbrw1aB"}"#;
    let response = slack(&door(&outside), &request("application/json", body), body.as_bytes()).await;
    assert_eq!(response.body(), r#"{"challenge":"3eZbrw1aB"}"#);
    let check = Request::post("/slack").body(()).unwrap().into_parts().0;
    let response = slack(&door(&outside), &check, b"ssl_check=1&token=x").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(outside.counts(), (0, 0, 0));
}
