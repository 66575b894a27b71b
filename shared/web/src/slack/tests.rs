//! Calls: what is asked, and what is made of the answers.

use super::*;
use http::{Request, Response};
use jiff::SignedDuration;
use roadstead_domain::sentence::SLACK_TEXT_LIMIT;
use std::{collections::VecDeque, sync::Mutex};

/// A Slack that answers as it is told, in order, and keeps what it was asked.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Result<Response<Vec<u8>>, CallError>>>,
    asked: Mutex<Vec<Request<Vec<u8>>>>,
}

#[async_trait::async_trait]
impl Transport for Script {
    async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        self.asked.lock().unwrap().push(request);
        self.answers.lock().unwrap().pop_front().unwrap()
    }
}

impl Script {
    fn line(&self, at: usize) -> String {
        let asked = self.asked.lock().unwrap();
        format!("{} {}", asked[at].method(), asked[at].uri())
    }

    fn body(&self, at: usize) -> Value {
        serde_json::from_slice(self.asked.lock().unwrap()[at].body()).unwrap()
    }

    fn header(&self, at: usize, name: &str) -> Option<String> {
        let value = self.asked.lock().unwrap()[at].headers().get(name).cloned();
        value.map(|value| value.to_str().unwrap().to_owned())
    }
}

fn answer(status: u16, body: &str) -> Result<Response<Vec<u8>>, CallError> {
    Ok(Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap())
}

fn slack(answers: impl IntoIterator<Item = Result<Response<Vec<u8>>, CallError>>) -> (Slack, Arc<Script>) {
    let script = Arc::new(Script { answers: Mutex::new(answers.into_iter().collect()), ..Script::default() });
    let settings =
        Settings { api: API.to_owned(), hooks: HOOKS.to_owned(), token: BotToken::new("xoxb-canary") };
    (Slack::with_transport(settings, script.clone()), script)
}

fn address() -> ReplyAddress {
    ReplyAddress::new("commands/T1/397/96r")
}

async fn replied(status: u16, body: &str) -> Result<(), CallError> {
    slack([answer(status, body)]).0.reply(&address(), "hello").await
}

async fn posted(body: &str) -> Result<String, CallError> {
    slack([answer(200, body)]).0.post("C1", "m", "hello").await
}

fn refused(word: &str) -> String {
    json!({"ok": false, "error": word}).to_string()
}

#[tokio::test]
async fn an_answer_to_a_command_goes_to_slack_s_own_host_without_a_token() {
    let (slack, script) = slack([answer(200, "ok")]);
    slack.reply(&address(), "<!channel> is `ready` & well").await.unwrap();
    assert_eq!(script.line(0), "POST https://hooks.slack.com/commands/T1/397/96r");
    assert_eq!(script.header(0, "authorization"), None);
    let text = "&lt;!channel&gt; is `ready` &amp; well";
    let expected = json!({"response_type": "ephemeral", "replace_original": true, "text": text});
    assert_eq!(script.body(0), expected);
}

#[tokio::test]
async fn a_used_or_expired_address_is_missing() {
    for (status, body) in [
        (404, refused("used_url")),
        (404, refused("expired_url")),
        (200, refused("used_url")),
        (404, "no_service".to_owned()),
        (410, String::new()),
    ] {
        let error = replied(status, &body).await.unwrap_err();
        assert!(matches!(error, CallError::Missing { .. }), "{status} {body}: {error:?}");
    }
}

#[tokio::test]
async fn a_message_carries_its_marker_where_people_do_not_see_it() {
    let (slack, script) = slack([
        answer(200, r#"{"ok":true,"channel":"C1","ts":"1.000001"}"#),
        answer(200, r#"{"ok":true,"channel":"C1","ts":"1.000001","text":"x"}"#),
    ]);
    assert_eq!(slack.post("C1", "roadstead/shop", "hello").await.unwrap(), "1.000001");
    slack.update("C1", "1.000001", "roadstead/shop", "good bye").await.unwrap();
    assert_eq!(script.line(0), "POST https://slack.com/api/chat.postMessage");
    assert_eq!(script.line(1), "POST https://slack.com/api/chat.update");
    assert_eq!(script.header(0, "authorization").unwrap(), "Bearer xoxb-canary");
    assert_eq!(script.header(0, "content-type").unwrap(), "application/json; charset=utf-8");
    assert!(format!("{:?}", script.asked.lock().unwrap()[0]).contains("Sensitive"));
    let (said, changed) = (script.body(0), script.body(1));
    let metadata = json!({"event_type": "roadstead", "event_payload": {"marker": "roadstead/shop"}});
    assert_eq!((&said["channel"], &said["metadata"]), (&json!("C1"), &metadata));
    assert_eq!((&changed["ts"], &changed["text"]), (&json!("1.000001"), &json!("good bye")));
    assert_eq!((&changed["metadata"], &changed["parse"]), (&metadata, &json!("none")));
}

#[tokio::test]
async fn a_text_is_cut_before_slack_refuses_it() {
    let (slack, script) = slack([answer(200, r#"{"ok":true,"ts":"1"}"#)]);
    slack.post("C1", "m", &"x".repeat(SLACK_TEXT_LIMIT + 1)).await.unwrap();
    let text = script.body(0)["text"].as_str().unwrap().to_owned();
    assert!(text.len() == SLACK_TEXT_LIMIT && text.ends_with('…'));
}

fn page(messages: Value, cursor: &str) -> Result<Response<Vec<u8>>, CallError> {
    let next = json!({"next_cursor": cursor});
    answer(200, &json!({"ok": true, "messages": messages, "response_metadata": next}).to_string())
}

fn shown(ts: &str, bot: &str, event: &str, marker: &str) -> Value {
    let metadata = json!({"event_type": event, "event_payload": {"marker": marker}});
    json!({"type": "message", "ts": ts, "bot_id": bot, "text": "x", "metadata": metadata})
}

fn myself() -> Result<Response<Vec<u8>>, CallError> {
    answer(200, r#"{"ok":true,"bot_id":"B1","user_id":"U1"}"#)
}

#[tokio::test]
async fn only_a_marked_message_of_our_own_is_found() {
    let others = json!([
        {"type": "message", "ts": "9", "user": "U2", "text": "m"},
        shown("8", "B2", "roadstead", "m"),
        shown("7", "B1", "other", "m"),
        shown("6", "B1", "roadstead", "n"),
    ]);
    let ours = json!([shown("5", "B1", "roadstead", "m"), shown("4", "B1", "roadstead", "m")]);
    let (slack, script) = slack([myself(), page(others, "two"), page(ours, ""), page(json!([]), "")]);
    assert_eq!(slack.find("C1", "m").await.unwrap().as_deref(), Some("5"));
    assert_eq!(slack.find("C1", "m").await.unwrap(), None, "who we are is asked once");
    let history = "GET https://slack.com/api/conversations.history?channel=C1&limit=200&include_all_metadata=true&cursor=";
    assert_eq!([script.line(1), script.line(2)], [history.to_owned(), format!("{history}two")]);
}

#[tokio::test]
async fn a_history_without_end_is_looked_through_so_far() {
    let pages = (0..history::PAGES + 1).map(|_| page(json!([]), "more"));
    let (slack, script) = slack(std::iter::once(myself()).chain(pages));
    assert_eq!(slack.find("C1", "m").await.unwrap(), None);
    assert_eq!(script.asked.lock().unwrap().len(), 1 + history::PAGES);
}

#[tokio::test]
async fn a_rate_limit_says_how_long_to_wait() {
    let limited = Response::builder().status(429).header("retry-after", "7");
    let limited = limited.body(refused("ratelimited").into_bytes()).unwrap();
    let error = slack([Ok(limited)]).0.post("C1", "m", "x").await.unwrap_err();
    let CallError::Throttled { after, .. } = error else { panic!("{error:?}") };
    assert_eq!(after, Some(SignedDuration::from_secs(7)));
    let error = posted(&refused("ratelimited")).await.unwrap_err();
    assert!(matches!(error, CallError::Throttled { after: None, .. }));
}

#[tokio::test]
async fn every_refusal_has_its_class_and_says_what_to_do() {
    let class = |error: &CallError| match error {
        CallError::Missing { .. } => "missing",
        CallError::Refused { .. } => "refused",
        CallError::Forbidden { .. } => "forbidden",
        CallError::Unauthorized { .. } => "unauthorized",
        CallError::Unavailable { maybe_done: true, .. } => "maybe done",
        CallError::Broken { .. } => "broken",
        _ => "other",
    };
    for (word, expected, part) in [
        ("channel_not_found", "missing", "no channel"),
        ("not_in_channel", "missing", "invite it"),
        ("message_not_found", "missing", "deleted"),
        ("is_archived", "refused", "archived"),
        ("msg_too_long", "refused", "too long"),
        ("cant_update_message", "refused", "change"),
        ("invalid_auth", "unauthorized", "token"),
        ("token_revoked", "unauthorized", "token"),
        ("restricted_action", "forbidden", "restricted_action"),
        ("message_limit_exceeded", "forbidden", "message_limit_exceeded"),
        ("accesslimited", "forbidden", "accesslimited"),
        ("enterprise_is_restricted", "forbidden", "enterprise_is_restricted"),
        ("internal_error", "maybe done", "just now"),
        ("something_new", "broken", "something_new"),
        ("<script>", "broken", "200"),
    ] {
        let error = posted(&refused(word)).await.unwrap_err();
        assert_eq!(class(&error), expected, "{word}: {error:?}");
        assert!(error.to_string().contains(part), "{word}: {error}");
    }
    let scope = r#"{"ok":false,"error":"missing_scope","needed":"chat:write"}"#;
    assert!(posted(scope).await.unwrap_err().to_string().contains("chat:write"));
}

#[tokio::test]
async fn a_failing_server_leaves_only_a_write_in_doubt() {
    let failing = || answer(503, "");
    assert!(slack([failing()]).0.post("C1", "m", "x").await.unwrap_err().maybe_done());
    assert!(replied(500, "").await.unwrap_err().maybe_done());
    assert!(!slack([failing()]).0.find("C1", "m").await.unwrap_err().maybe_done());
    let lost = CallError::Unavailable { reason: "no answer".to_owned(), maybe_done: true };
    assert!(!slack([Err(lost.clone())]).0.find("C1", "m").await.unwrap_err().maybe_done());
    assert!(slack([Err(lost)]).0.post("C1", "m", "x").await.unwrap_err().maybe_done());
}

#[tokio::test]
async fn what_makes_no_sense_is_broken_and_a_redirect_is_not_followed() {
    for (status, body) in [(302, ""), (200, "{}"), (200, "ok"), (418, "")] {
        let error = slack([answer(status, body)]).0.post("C1", "m", "x").await.unwrap_err();
        assert!(matches!(error, CallError::Broken { .. }), "{status} {body}: {error:?}");
    }
}

#[test]
fn slack_is_at_its_own_addresses_unless_others_are_given() {
    let own = Settings::new(None, None, b"xoxb-canary").unwrap();
    assert_eq!((own.api.as_str(), own.hooks.as_str()), ("https://slack.com/api", "https://hooks.slack.com"));
    let given = Settings::new(Some("http://a".to_owned()), Some("http://h".to_owned()), b"xoxb").unwrap();
    assert_eq!((given.api.as_str(), given.hooks.as_str()), ("http://a", "http://h"));
    let Err(error) = Settings::new(None, None, b"canary\xff") else { panic!() };
    assert!(!error.to_string().contains("canary"));
}
