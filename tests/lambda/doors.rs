//! Doors, invoked as a function URL invokes them (payload format 2.0).

use super::{
    functions,
    process::Process,
    surroundings::{SECRET, Surroundings},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use roadstead_senders::limit;
use roadstead_steps::{nouns::state::Consistency, rows};
use roadstead_worlds::slack::{App, Settings, Slack};
use serde_json::{Value, json};
use sha2::Sha256;

/// A recorded delivery.
pub const OPENED: &str = include_str!("../../events/github/pull_request.opened.json");

const SYNCHRONIZE: &str = include_str!("../../events/github/pull_request.synchronize.json");

/// What a function URL makes of a request.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str, base64: bool) -> Value {
    let headers: serde_json::Map<String, Value> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let body = if base64 { STANDARD.encode(body) } else { body.to_owned() };
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": headers, "body": body, "isBase64Encoded": base64,
        "requestContext": {
            "accountId": "anonymous", "apiId": "it", "domainName": "it.lambda-url.eu-west-1.on.aws",
            "domainPrefix": "it", "requestId": "r", "routeKey": "$default", "stage": "$default",
            "time": "21/Nov/2026:00:00:00 +0000", "timeEpoch": 1_795_219_200_000_u64,
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.1", "userAgent": "it"},
        },
    })
}

/// A delivery of GitHub's, signed.
pub fn delivery(id: &str, body: &str, base64: bool) -> Value {
    let mut hmac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    hmac.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(hmac.finalize().into_bytes()));
    let headers = [
        ("content-type", "application/json"),
        ("x-github-event", "pull_request"),
        ("x-github-delivery", id),
        ("x-hub-signature-256", &signature),
    ];
    request("POST", "/github/app", &headers, body, base64)
}

/// A command of Slack's, `/env` and this text, signed just now.
pub fn typed(text: &str, base64: bool) -> Value {
    let app = App { team: "T1".to_owned(), id: "A1".to_owned(), token: String::new() };
    let mut slack = Slack::new(app, Settings::default());
    slack.add_user("U2", "ada");
    slack.add_channel("C1", "shop", true);
    let now = jiff::Timestamp::now();
    let typed = slack.type_command("U2", "C1", &format!("/env {text}"), now).unwrap();
    let signed = typed.signed(SECRET.as_bytes(), now);
    let headers: Vec<(&str, &str)> =
        signed.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    request("POST", "/slack", &headers, &typed.body, base64)
}

/// What who typed a command sees at once.
fn shown(answer: &Value) -> String {
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["response_type"], "ephemeral");
    body["text"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_command_of_slack_s_is_answered_at_once_and_only_a_real_one_becomes_a_message() {
    let functions = functions();
    let around = Surroundings::start().await;
    let create = typed("create shop try", true);
    let (mut door, answer, took) =
        Process::first(&functions.join("chat-command"), &around, create.clone()).await;
    assert!(took < std::time::Duration::from_secs(3), "{took:?}");
    assert_eq!(shown(&door.again(create).await), shown(&answer), "a replay is answered the same");
    assert_eq!(around.sent.lock().unwrap().len(), 1);
    assert!(shown(&door.again(typed("crate shop", true)).await).contains("/env create shop"));
    assert!(shown(&door.again(typed("", false)).await).contains("/env help"));
    let mut forged = typed("create shop other", true);
    forged["headers"]["x-slack-signature"] = json!(format!("v0={}", "0".repeat(64)));
    assert_eq!(door.again(forged).await["statusCode"], 401);
    assert_eq!(around.sent.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_signed_delivery_becomes_a_row_and_a_message_also_when_it_comes_as_base64() {
    let functions = functions();
    let around = Surroundings::start().await;
    let (first, second) = ("72d3162e-cc78-11e3-81ab-4c9367dc0958", "72d3162e-cc78-11e3-81ab-4c9367dc0959");
    let (mut door, plain, _) =
        Process::first(&functions.join("git-webhook"), &around, delivery(first, OPENED, false)).await;
    let encoded = door.again(delivery(second, SYNCHRONIZE, true)).await;
    assert_eq!(door.again(delivery(second, SYNCHRONIZE, true)).await["statusCode"], 200);
    for answer in [plain, encoded] {
        assert_eq!(answer["statusCode"], 202, "{answer}");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        let key = rows::trigger(body["trigger"].as_str().unwrap());
        let row = around.table.get(&key, Consistency::Strong).await.unwrap();
        assert!(row.is_some(), "{key:?}");
    }
    assert_eq!(around.sent.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_not_right_is_turned_away_and_leaves_nothing() {
    let functions = functions();
    let around = Surroundings::start().await;
    let large = |length: usize| "x".repeat(length);
    let forged = [("x-hub-signature-256", "sha256=00"), ("content-type", "application/json")];
    let (mut door, answer, _) = Process::first(
        &functions.join("git-webhook"),
        &around,
        request("POST", "/github/app", &forged, OPENED, false),
    )
    .await;
    assert_eq!(answer["statusCode"], 401, "{answer}");
    let mut status = async |event: Value| door.again(event).await["statusCode"].as_u64().unwrap();
    assert_eq!(status(request("GET", "/github/app", &[], "", false)).await, 405);
    assert_eq!(status(request("POST", "/", &[], "", false)).await, 401);
    assert_eq!(status(request("POST", "/github/app", &[], &large(limit::BODY_LIMIT), false)).await, 401);
    assert_eq!(status(request("POST", "/github/app", &[], &large(limit::BODY_LIMIT + 1), false)).await, 413);
    assert_eq!(status(request("POST", "/github/app", &[], &large(limit::BODY_LIMIT + 1), true)).await, 413);
    assert_eq!(status(delivery("d", "{", false)).await, 400);
    assert!(around.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_event_of_ecr_becomes_a_message_and_an_odd_one_does_not() {
    let functions = functions();
    let around = Surroundings::start().await;
    let pushed: Value =
        serde_json::from_str(include_str!("../../events/ecr/image_action.push.json")).unwrap();
    let (mut door, answer, _) =
        Process::first(&functions.join("registry-push"), &around, pushed.clone()).await;
    assert_eq!(answer, Value::Null);
    door.again(pushed).await;
    door.again(json!({"detail": 7})).await;
    assert_eq!(around.sent.lock().unwrap().len(), 1);
}
