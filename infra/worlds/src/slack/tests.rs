//! What this Slack answers, and how it refuses.

use super::*;
use http::{StatusCode, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TOKEN: &str = "xoxb-test";

fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

fn world() -> Slack {
    let app = App { team: "T1".to_owned(), id: "A1".to_owned(), token: TOKEN.to_owned() };
    let mut slack = Slack::new(app, Settings::default());
    slack.add_user("U2", "ada");
    slack.add_channel("C1", "shop", true);
    slack
}

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn call(slack: &mut Slack, method: &str, body: Value, now: Timestamp) -> (StatusCode, Value) {
    let request = Request::post(format!("https://slack.com/api/{method}"))
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .body(body.to_string().into_bytes())
        .unwrap();
    let response = slack.handle(&request, now);
    (response.status(), serde_json::from_slice(response.body()).unwrap())
}

fn post(slack: &mut Slack, text: &str, now: Timestamp) -> Value {
    let metadata = json!({"event_type": "roadstead", "event_payload": {"marker": text}});
    call(slack, "chat.postMessage", json!({"channel": "C1", "text": text, "metadata": metadata}), now).1
}

fn error(slack: &mut Slack, method: &str, body: Value) -> String {
    call(slack, method, body, now()).1["error"].as_str().unwrap().to_owned()
}

fn history(slack: &mut Slack, query: &str, now: Timestamp) -> Value {
    let request = Request::get(format!("https://slack.com/api/conversations.history?{query}"))
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .body(vec![])
        .unwrap();
    serde_json::from_slice(slack.handle(&request, now).body()).unwrap()
}

fn reply(slack: &mut Slack, path: &str, text: &str, now: Timestamp) -> (StatusCode, String) {
    let body = json!({"text": text, "response_type": "ephemeral", "replace_original": true});
    let request =
        Request::post(format!("https://hooks.slack.com/{path}")).body(body.to_string().into_bytes()).unwrap();
    let response = slack.handle(&request, now);
    (response.status(), String::from_utf8(response.into_body()).unwrap())
}

#[test]
fn a_message_is_said_changed_and_read_back_with_what_is_attached() {
    let mut slack = world();
    let said = post(&mut slack, "one", now());
    assert_eq!((said["ok"].as_bool(), said["message"]["bot_id"].as_str()), (Some(true), Some("BA1")));
    let ts = said["ts"].as_str().unwrap();
    let (_, changed) =
        call(&mut slack, "chat.update", json!({"channel": "C1", "ts": ts, "text": "two"}), now());
    assert_eq!(changed["text"], "two");
    let shown = &history(&mut slack, "channel=C1&include_all_metadata=true", now())["messages"][0];
    assert_eq!(
        (&shown["text"], &shown["metadata"]["event_payload"]["marker"]),
        (&json!("two"), &json!("one"))
    );
    let hidden = &history(&mut slack, "channel=C1", now())["messages"][0];
    assert!(hidden.get("metadata").is_none());
    assert_eq!(slack.messages("C1").len(), 1);
}

#[test]
fn a_page_of_history_holds_999_at_most() {
    let mut slack = world();
    for number in 0..i64::try_from(history::PAGE_LIMIT + 1).unwrap() {
        post(&mut slack, "again", later(number * 10));
    }
    for asked in [history::PAGE_LIMIT, history::PAGE_LIMIT + 1] {
        let page = history(&mut slack, &format!("channel=C1&limit={asked}"), later(100_000));
        assert_eq!(page["messages"].as_array().unwrap().len(), history::PAGE_LIMIT);
    }
}

#[test]
fn a_history_has_pages_newest_first_and_may_lag() {
    let mut slack = world();
    for number in 0..5 {
        post(&mut slack, &number.to_string(), later(number * 10));
    }
    let texts = |page: &Value| {
        let messages = page["messages"].as_array().unwrap();
        messages.iter().map(|message| message["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = history(&mut slack, "channel=C1&limit=3", later(50));
    assert_eq!((texts(&first).join(""), first["has_more"].as_bool()), ("432".to_owned(), Some(true)));
    let cursor = first["response_metadata"]["next_cursor"].as_str().unwrap();
    let query = serde_urlencoded::to_string([("channel", "C1"), ("cursor", cursor)]).unwrap();
    let second = history(&mut slack, &query, later(50));
    assert_eq!((texts(&second).join(""), second["has_more"].as_bool()), ("10".to_owned(), Some(false)));
    assert_eq!(history(&mut slack, "channel=C1&cursor=x", now())["error"], "invalid_cursor");
    slack.settings.history_lag = SignedDuration::from_secs(15);
    assert_eq!(texts(&history(&mut slack, "channel=C1", later(50))).join(""), "3210");
}

#[test]
fn what_is_wrong_is_said_in_slack_s_words() {
    let mut slack = world();
    slack.add_channel("C2", "other", false);
    let theirs = slack.say("C1", "U2", "hello", None, now()).unwrap();
    let long = "x".repeat(TEXT_LIMIT + 1);
    for (method, body, word) in [
        ("chat.postMessage", json!({"channel": "C9", "text": "x"}), "channel_not_found"),
        ("chat.postMessage", json!({"channel": "C2", "text": "x"}), "not_in_channel"),
        ("chat.postMessage", json!({"channel": "C1", "text": ""}), "no_text"),
        ("chat.postMessage", json!({"channel": "C1", "text": long}), "msg_too_long"),
        (
            "chat.postMessage",
            json!({"channel": "C1", "text": "x", "metadata": {"event_type": "a"}}),
            "invalid_metadata_format",
        ),
        ("chat.update", json!({"channel": "C1", "ts": "1.1", "text": "x"}), "message_not_found"),
        ("chat.update", json!({"channel": "C1", "ts": theirs, "text": "x"}), "cant_update_message"),
        ("chat.unknown", json!({}), "unknown_method"),
    ] {
        assert_eq!(error(&mut slack, method, body), word);
    }
    slack.archive("C1").unwrap();
    assert_eq!(error(&mut slack, "chat.postMessage", json!({"channel": "C1", "text": "x"})), "is_archived");
    slack.settings.scopes.clear();
    let (_, refused) = call(&mut slack, "chat.postMessage", json!({"channel": "C1", "text": "x"}), now());
    assert_eq!((&refused["error"], &refused["needed"]), (&json!("missing_scope"), &json!("chat:write")));
}

#[test]
fn the_longest_text_is_taken() {
    let mut slack = world();
    assert_eq!(post(&mut slack, &"x".repeat(TEXT_LIMIT), now())["ok"], true);
}

#[test]
fn a_message_is_changed_to_so_many_bytes_and_no_more() {
    let mut slack = world();
    let ts = post(&mut slack, "one", now())["ts"].clone();
    let mut changed = |text: &str| {
        call(&mut slack, "chat.update", json!({"channel": "C1", "ts": ts, "text": text}), now()).1
    };
    assert_eq!(changed(&"ä".repeat(UPDATE_LIMIT / 2))["ok"], true);
    assert_eq!(changed(&format!("{}x", "ä".repeat(UPDATE_LIMIT / 2)))["error"], "msg_too_long");
    assert_eq!(slack.messages("C1")[0].text.len(), UPDATE_LIMIT);
}

#[test]
fn only_the_bot_s_token_opens() {
    let mut slack = world();
    let mut ask = |authorization: Option<&str>| {
        let mut request = Request::get("https://slack.com/api/auth.test").body(vec![]).unwrap();
        if let Some(value) = authorization {
            request.headers_mut().insert(header::AUTHORIZATION, value.parse().unwrap());
        }
        serde_json::from_slice::<Value>(slack.handle(&request, now()).body()).unwrap()
    };
    assert_eq!(ask(None)["error"], "not_authed");
    assert_eq!(ask(Some("Bearer xoxb-other"))["error"], "invalid_auth");
    assert_eq!(ask(Some("Bearer xoxb-test"))["bot_id"], "BA1");
}

#[test]
fn a_channel_takes_a_short_burst_and_then_one_message_a_second() {
    let mut slack = world();
    for number in 0..5 {
        assert_eq!(post(&mut slack, &number.to_string(), now())["ok"], true);
    }
    let body = json!({"channel": "C1", "text": "x"});
    let (status, refused) = call(&mut slack, "chat.postMessage", body.clone(), now());
    assert_eq!((status, &refused["error"]), (StatusCode::TOO_MANY_REQUESTS, &json!("ratelimited")));
    assert_eq!(call(&mut slack, "chat.postMessage", body.clone(), later(1)).0, StatusCode::OK);
    assert_eq!(call(&mut slack, "chat.postMessage", body, later(1)).0, StatusCode::TOO_MANY_REQUESTS);
}

#[test]
fn a_method_is_answered_so_often_a_minute() {
    let mut slack = world();
    slack.settings.calls_per_minute = 2;
    assert_eq!(history(&mut slack, "channel=C1", now())["ok"], true);
    assert_eq!(history(&mut slack, "channel=C1", later(10))["ok"], true);
    assert_eq!(history(&mut slack, "channel=C1", later(59))["error"], "ratelimited");
    assert_eq!(history(&mut slack, "channel=C1", later(60))["ok"], true);
}

#[test]
fn an_address_takes_five_answers_within_half_an_hour() {
    let mut slack = world();
    let typed = slack.type_command("U2", "C1", "/env list", now()).unwrap();
    for number in 0..REPLY_USES {
        let answered = reply(&mut slack, &typed.reply, &number.to_string(), later(1));
        assert_eq!(answered, (StatusCode::OK, "ok".to_owned()));
    }
    let (status, body) = reply(&mut slack, &typed.reply, "six", later(1));
    assert!(status == StatusCode::NOT_FOUND && body.contains("used_url"), "{status} {body}");
    let other = slack.type_command("U2", "C1", "/env list", now()).unwrap();
    let end = now() + REPLY_LIFETIME;
    assert_eq!(reply(&mut slack, &other.reply, "in time", end).0, StatusCode::OK);
    let (_, body) = reply(&mut slack, &other.reply, "late", end + SignedDuration::from_secs(1));
    assert!(body.contains("expired_url"));
    assert!(reply(&mut slack, "commands/T1/0/guessed", "x", now()).1.contains("no_service"));
}

#[test]
fn a_command_is_a_signed_form_with_everything_that_slack_tells() {
    let mut slack = world();
    let typed = slack.type_command("U2", "C1", "/env create shop a&b <c>", now()).unwrap();
    let request = typed.signed(b"secret", now());
    let form: BTreeMap<String, String> = serde_urlencoded::from_bytes(request.body()).unwrap();
    assert_eq!((form["command"].as_str(), form["text"].as_str()), ("/env", "create shop a&amp;b &lt;c&gt;"));
    assert_eq!((form["team_id"].as_str(), form["api_app_id"].as_str()), ("T1", "A1"));
    assert_eq!((form["user_id"].as_str(), form["user_name"].as_str()), ("U2", "ada"));
    assert_eq!(form["response_url"], format!("https://hooks.slack.com/{}", typed.reply));
    assert_eq!(request.headers()["x-slack-request-timestamp"], "1790000000");
    assert_eq!(request.headers()["x-slack-signature"].len(), "v0=".len() + 64);
    let again = slack.type_command("U2", "C1", "/env create shop a&b <c>", now()).unwrap();
    assert_ne!(again.reply, typed.reply);
    assert!(slack.type_command("U9", "C1", "/env", now()).is_err());
    assert!(slack.type_command("U2", "C9", "/env", now()).is_err());
}

/// From Slack's documentation, "Verifying requests from Slack".
#[test]
fn a_signature_is_as_slack_documents_it() {
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let at = Timestamp::from_second(1_531_420_618).unwrap();
    let request = signed(body.as_bytes().to_vec(), b"8f742231b10e8888abcd99yyyzzz85a5", at);
    let expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    assert_eq!(request.headers()["x-slack-signature"], expected);
}

#[test]
fn the_outbox_shows_what_is_shown_now() {
    let mut slack = world();
    let typed = slack.type_command("U2", "C1", "/env list", now()).unwrap();
    slack.answered(&typed.reply, br#"{"response_type":"ephemeral","text":"On it"}"#);
    reply(&mut slack, &typed.reply, "none", now());
    slack.say("C1", "U2", "not ours", None, now()).unwrap();
    post(&mut slack, "ours", now());
    let outbox = slack.outbox();
    let replies = outbox["replies"].as_array().unwrap();
    assert_eq!(replies.len(), 1);
    assert_eq!((&replies[0]["command"], &replies[0]["text"]), (&json!("/env list"), &json!("none")));
    assert_eq!(replies[0]["answers"], json!(["none"]), "it took the place of the first");
    let messages = outbox["messages"].as_array().unwrap();
    assert_eq!((messages.len(), &messages[0]["text"]), (1, &json!("ours")));
}

#[test]
fn it_survives_being_kept() {
    let mut slack = world();
    let typed = slack.type_command("U2", "C1", "/env list", now()).unwrap();
    post(&mut slack, "ours", now());
    let kept = serde_json::to_vec(&slack).unwrap();
    let mut back: Slack = serde_json::from_slice(&kept).unwrap();
    assert_eq!(reply(&mut back, &typed.reply, "x", now()).0, StatusCode::OK);
    assert_eq!(back.messages("C1").len(), 1);
}

#[test]
fn what_is_said_below_a_message_is_in_the_history_only_where_the_channel_shows_it_too() {
    let mut slack = world();
    let first = post(&mut slack, "one", now())["ts"].clone();
    let mut below = |broadcast: bool, ts: &Value| {
        let body = json!({"channel": "C1", "text": "below", "thread_ts": ts, "reply_broadcast": broadcast});
        call(&mut slack, "chat.postMessage", body, now()).1
    };
    assert_eq!(below(false, &first)["ok"], true);
    assert_eq!(below(true, &first)["message"]["subtype"], "thread_broadcast");
    assert_eq!(below(true, &json!("1.000009"))["error"], "thread_not_found");
    let shown = history(&mut slack, "channel=C1", now());
    let threads: Vec<&Value> =
        shown["messages"].as_array().unwrap().iter().map(|message| &message["thread_ts"]).collect();
    assert_eq!(threads, [&first, &Value::Null]);
}
