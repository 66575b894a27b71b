//! Signatures, bindings and every event.

use super::*;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue};
use roadstead_domain::trigger::Trigger;
use serde_json::{Value, json};
use sha2::Sha256;

mod events;
mod whatever;

const SECRET: &str = "It's a Secret to Everybody";
const SHOP: u64 = 1_296_269;
const INSTALLATION: u64 = 4711;
const OPENED: &[u8] = include_bytes!("../../../../events/github/pull_request.opened.json");
const FORK: &[u8] = include_bytes!("../../../../events/github/pull_request.opened.fork.json");
const RUN_AGAIN: &[u8] = include_bytes!("../../../../events/github/check_run.rerequested.json");
const SUITE_AGAIN: &[u8] = include_bytes!("../../../../events/github/check_suite.rerequested.json");
const PUSH: &[u8] = include_bytes!("../../../../events/github/push.json");

fn hook() -> Hook {
    Hook {
        secret: Secret::new(SECRET).unwrap(),
        bound_to: Binding::Repositories([SHOP].into()),
        own_account: Some(99),
        own_app: Some(900),
    }
}

fn tag(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in all {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn signed(event: &str, body: &[u8]) -> HeaderMap {
    headers(&[
        ("content-type", "application/json"),
        (EVENT, event),
        (DELIVERY, "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        (SIGNATURE, &tag(body)),
    ])
}

fn sent_to(hook: &Hook, event: &str, body: &[u8]) -> Result<Received, DoorError> {
    receive(hook, &signed(event, body), body, Timestamp::UNIX_EPOCH)
}

fn sent(event: &str, body: &[u8]) -> Result<Received, DoorError> {
    sent_to(&hook(), event, body)
}

fn trigger(event: &str, body: &[u8]) -> Trigger {
    match sent(event, body) {
        Ok(Received::Trigger(trigger)) => *trigger,
        other => panic!("{other:?}"),
    }
}

fn has_no_effect(event: &str, body: &[u8]) -> bool {
    matches!(sent(event, body), Ok(Received::NoEffect { .. }))
}

/// A recorded body with one field replaced, or taken away by null.
fn with(body: &[u8], pointer: &str, value: Value) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(body).unwrap();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(field.to_owned(), value);
    body.to_string().into_bytes()
}

#[test]
fn only_one_right_signature_opens() {
    let right = tag(OPENED);
    let base = [("content-type", "application/json"), (EVENT, "pull_request"), (DELIVERY, "1")];
    let sha1 = ("x-hub-signature", "sha1=3dca279e731c97c38e3019a075dee9ebbd0a99f0");
    let joined = format!("{right}, {right}");
    let wrong: &[&[(&'static str, &str)]] = &[
        &[],
        &[sha1],
        &[sha1, (SIGNATURE, "sha256=0000000000000000000000000000000000000000000000000000000000000000")],
        &[(SIGNATURE, &right), (SIGNATURE, &right)],
        &[(SIGNATURE, &right), (SIGNATURE, "sha256=00")],
        &[(SIGNATURE, &joined)],
        &[(SIGNATURE, &right[7..])],
        &[(SIGNATURE, &right[..70])],
        &[(SIGNATURE, "sha256=")],
        &[(SIGNATURE, "sha1=3dca279e731c97c38e3019a075dee9ebbd0a99f0")],
    ];
    for case in wrong {
        let answer = receive(&hook(), &headers(&[&base[..], case].concat()), OPENED, Timestamp::UNIX_EPOCH);
        assert_eq!(answer, Err(DoorError::Unauthenticated), "{case:?}");
    }
    let both = headers(&[&base[..], &[sha1, (SIGNATURE, &right)]].concat());
    assert!(receive(&hook(), &both, OPENED, Timestamp::UNIX_EPOCH).is_ok());
}

#[test]
fn the_signature_is_over_the_raw_bytes() {
    let same_json = [OPENED, b" "].concat();
    assert!(receive(&hook(), &signed("pull_request", OPENED), OPENED, Timestamp::UNIX_EPOCH).is_ok());
    let answer = receive(&hook(), &signed("pull_request", OPENED), &same_json, Timestamp::UNIX_EPOCH);
    assert_eq!(answer, Err(DoorError::Unauthenticated));
}

#[test]
fn an_oversized_body_is_refused_before_its_signature() {
    let body = vec![b' '; limit::BODY_LIMIT + 1];
    let answer = receive(&hook(), &HeaderMap::new(), &body, Timestamp::UNIX_EPOCH);
    assert_eq!(answer, Err(DoorError::TooLarge));
}

#[test]
fn a_secret_speaks_only_of_its_own_repositories() {
    let forbidden = |answer| matches!(answer, Err(DoorError::Forbidden { .. }));
    for (event, body) in [
        ("pull_request", OPENED),
        ("push", PUSH),
        ("check_run", RUN_AGAIN),
        ("check_suite", SUITE_AGAIN),
        ("issues", OPENED),
        ("repository", PUSH),
    ] {
        let foreign = with(body, "/repository/id", json!(7));
        assert!(forbidden(sent(event, &foreign)), "{event}");
        let installed = |id| Hook { bound_to: Binding::Installation(id), ..hook() };
        assert!(sent_to(&installed(INSTALLATION), event, &foreign).is_ok(), "{event}");
        assert!(forbidden(sent_to(&installed(7), event, body)), "{event}");
        let nameless = with(body, "/installation", Value::Null);
        assert!(forbidden(sent_to(&installed(INSTALLATION), event, &nameless)), "{event}");
    }
}

#[test]
fn what_changes_nothing_is_accepted_without_effect() {
    assert!(has_no_effect("ping", include_bytes!("../../../../events/github/ping.json")));
    assert!(has_no_effect("ping", br#"{"zen":"Keep it logically awesome."}"#));
    for event in ["repository", "issue_comment", "status", "installation", "something_new"] {
        assert!(has_no_effect(event, PUSH), "{event}");
    }
    for action in ["transferred", "labeled", "edited", "assigned"] {
        assert!(has_no_effect("pull_request", &with(OPENED, "/action", json!(action))), "{action}");
    }
}

#[test]
fn what_we_do_ourselves_is_not_heard() {
    for (event, body) in [("pull_request", OPENED), ("push", PUSH), ("check_run", RUN_AGAIN)] {
        assert!(has_no_effect(event, &with(body, "/sender/id", json!(99))));
    }
}

#[test]
fn the_same_bytes_are_the_same_trigger_under_any_delivery() {
    let first = trigger("pull_request", OPENED);
    let mut replayed = signed("pull_request", OPENED);
    replayed.insert(DELIVERY, HeaderValue::from_static("another"));
    let answer = receive(&hook(), &replayed, OPENED, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(answer, Received::Trigger(Box::new(first.clone())));
    let upper = tag(OPENED)[7..].to_uppercase();
    replayed.insert(SIGNATURE, HeaderValue::from_str(&format!("sha256={upper}")).unwrap());
    let answer = receive(&hook(), &replayed, OPENED, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(answer, Received::Trigger(Box::new(first.clone())));
    let later = with(OPENED, "/pull_request/updated_at", json!("2026-11-20T10:00:01Z"));
    assert_ne!(trigger("pull_request", &later).key, first.key);
}

#[test]
fn a_wrong_field_is_named() {
    for (event, body, pointer, value) in [
        ("pull_request", OPENED, "/number", json!("2")),
        ("pull_request", OPENED, "/pull_request/head/sha", json!("HEAD")),
        ("pull_request", OPENED, "/pull_request/head/sha", json!(null)),
        ("pull_request", OPENED, "/repository/full_name", json!("acme/../admin")),
        ("pull_request", OPENED, "/repository/id", json!(-1)),
        ("pull_request", OPENED, "/sender/login", json!("a\nb")),
        ("pull_request", OPENED, "/pull_request/head/repo/id", json!([])),
        ("push", PUSH, "/after", json!("main")),
        ("check_run", RUN_AGAIN, "/check_run/head_sha", json!("main")),
        ("check_suite", SUITE_AGAIN, "/check_suite/head_sha", json!("main")),
        ("push", PUSH, "/deleted", json!("no")),
        ("issues", PUSH, "/repository", json!(7)),
    ] {
        let field = pointer[1..].replace('/', ".");
        let Err(DoorError::Malformed { reason }) = sent(event, &with(body, pointer, value)) else {
            panic!("{pointer} was let in");
        };
        assert!(reason.starts_with(&field), "{field}: {reason}");
    }
}

#[test]
fn wrong_headers_are_named() {
    for name in [EVENT, DELIVERY] {
        for bad in ["", "a b", "a#b", &"d".repeat(65)] {
            let mut all = signed("push", PUSH);
            all.insert(name, HeaderValue::from_str(bad).unwrap());
            let Err(error) = receive(&hook(), &all, PUSH, Timestamp::UNIX_EPOCH) else { panic!("{name}") };
            assert!(error.to_string().starts_with(name), "{error}");
        }
        let mut twice = signed("push", PUSH);
        twice.append(name, HeaderValue::from_static("push"));
        assert!(receive(&hook(), &twice, PUSH, Timestamp::UNIX_EPOCH).is_err());
        twice.remove(name);
        assert!(receive(&hook(), &twice, PUSH, Timestamp::UNIX_EPOCH).is_err());
    }
}

#[test]
fn forms_are_not_read() {
    let body = b"payload=%7B%7D";
    let mut all = signed("push", body);
    all.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
    let answer = receive(&hook(), &all, body, Timestamp::UNIX_EPOCH);
    assert!(matches!(answer, Err(DoorError::Unsupported { .. })));
}

#[test]
fn a_field_that_is_there_twice_is_refused() {
    let text = std::str::from_utf8(OPENED).unwrap();
    let twice = text.replacen("\"number\": 2,", "\"number\": 2, \"number\": 3,", 1);
    assert!(matches!(sent("pull_request", twice.as_bytes()), Err(DoorError::Malformed { .. })));
}
