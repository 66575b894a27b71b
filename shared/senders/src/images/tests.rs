//! Keys, contents and identities.

use super::*;
use http::{HeaderName, HeaderValue};
use proptest::prelude::*;
use roadstead_domain::trigger::Trigger;
use serde_json::{Value, json};

const BUILT: &[u8] = include_bytes!("../../../../events/images/built.json");
const WEB: &str = "0123456789abcdef-web";
const WORKER: &str = "0123456789abcdef-worker";

fn keys() -> Vec<Key> {
    let key = |name: &str, secret: &str| Key {
        name: name.to_owned(),
        secret: Secret::new(secret).unwrap(),
        images: [format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/{name}")]
            .iter()
            .filter_map(|image| grammar::image_repository(image))
            .collect(),
    };
    vec![key("web", WEB), key("worker", WORKER)]
}

fn headers(more: &[(&'static str, &str)]) -> HeaderMap {
    let all = [&[("content-type", "application/json")], more].concat();
    let pair = |(name, value): (&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    let mut headers = HeaderMap::new();
    for (name, value) in all.into_iter().map(pair) {
        headers.append(name, value);
    }
    headers
}

fn sent(more: &[(&'static str, &str)], body: &[u8]) -> Result<Received, DoorError> {
    let authorization = format!("Bearer {WEB}");
    let all = [&[("authorization", authorization.as_str())], more].concat();
    receive(&keys(), &headers(&all), body, Timestamp::UNIX_EPOCH)
}

fn with(field: &str, value: Value) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(BUILT).unwrap();
    let object = body.as_object_mut().unwrap();
    if value.is_null() {
        object.remove(field);
    } else {
        object.insert(field.to_owned(), value);
    }
    body.to_string().into_bytes()
}

fn trigger(more: &[(&'static str, &str)], body: &[u8]) -> Trigger {
    match sent(more, body) {
        Ok(Received::Trigger(trigger)) => *trigger,
        other => panic!("{other:?}"),
    }
}

fn reason(more: &[(&'static str, &str)], body: &[u8]) -> String {
    match sent(more, body) {
        Err(DoorError::Malformed { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_built_is_a_sighting_of_its_pipeline() {
    let trigger = trigger(&[], BUILT);
    assert_eq!(trigger.actor, Actor::Pipeline { key: "web".to_owned() });
    let Sighting::ImageBuilt { image, commit, run, .. } = trigger.sighting else { panic!() };
    assert_eq!(image.to_string(), "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web");
    assert_eq!((commit.short(), run), ("ec26c3e", Some(417)));
}

#[test]
fn only_a_known_key_that_is_sent_once_opens() {
    let token = format!("Bearer {WEB}");
    let good = ("authorization", token.as_str());
    let wrong: &[&[(&'static str, &str)]] = &[
        &[],
        &[("authorization", "Bearer nothing")],
        &[("authorization", "Bearer ")],
        &[("authorization", "bearer x")],
        &[("authorization", WEB)],
        &[("authorization", "Basic 0123456789abcdef-web")],
        &[("authorization", "Bearer  0123456789abcdef-web")],
        &[("authorization", "Bearer 0123456789abcdef-we")],
        &[good, good],
        &[good, ("authorization", "Bearer nothing")],
    ];
    for case in wrong {
        let answer = receive(&keys(), &headers(case), BUILT, Timestamp::UNIX_EPOCH);
        assert_eq!(answer, Err(DoorError::Unauthenticated), "{case:?}");
    }
    assert!(receive(&keys(), &headers(&[good]), BUILT, Timestamp::UNIX_EPOCH).is_ok());
    assert!(receive(&[], &headers(&[good]), BUILT, Timestamp::UNIX_EPOCH).is_err());
}

#[test]
fn a_key_speaks_only_of_its_own_images() {
    let authorization = format!("bearer {WORKER}");
    let headers = headers(&[("authorization", &authorization)]);
    let answer = receive(&keys(), &headers, BUILT, Timestamp::UNIX_EPOCH);
    assert!(matches!(answer, Err(DoorError::Forbidden { .. })));
}

#[test]
fn without_a_name_the_content_is_the_identity() {
    let first = trigger(&[], BUILT);
    assert_eq!(first.key, trigger(&[], &with("run", json!(417))).key);
    assert_ne!(first.key, trigger(&[], &with("run", json!(418))).key);
    assert_ne!(first.key, trigger(&[], &with("commit", json!("0".repeat(40)))).key);
    assert!(first.key.starts_with("images#web#content#"));
    assert!(reason(&[], &with("run", json!(null))).starts_with(IDEMPOTENCY_KEY));
}

#[test]
fn a_given_name_is_the_identity_whatever_the_content() {
    let named = [(IDEMPOTENCY_KEY, "run-417")];
    let first = trigger(&named, BUILT);
    let second = trigger(&named, &with("run", json!(null)));
    assert_eq!((first.key.as_str(), second.key.as_str()), ("images#web#given#run-417", first.key.as_str()));
    assert_ne!(first.sighting, second.sighting);
}

#[test]
fn a_given_name_has_at_most_128_bytes() {
    assert!(sent(&[(IDEMPOTENCY_KEY, &"k".repeat(IDEMPOTENCY_KEY_LIMIT))], BUILT).is_ok());
    for bad in [&"k".repeat(IDEMPOTENCY_KEY_LIMIT + 1), "", "a b"] {
        assert!(reason(&[(IDEMPOTENCY_KEY, bad)], BUILT).starts_with(IDEMPOTENCY_KEY));
    }
    assert!(reason(&[(IDEMPOTENCY_KEY, "a"), (IDEMPOTENCY_KEY, "a")], BUILT).contains("more than once"));
}

#[test]
fn a_wrong_field_is_named() {
    for (field, value) in [
        ("image", json!("shop/web")),
        ("image", json!("ghcr.io/acme/web:latest")),
        ("digest", json!("latest")),
        ("commit", json!("HEAD")),
        ("commit", json!(null)),
        ("run", json!(-1)),
        ("revision", json!("main")),
    ] {
        let reason = reason(&[], &with(field, value.clone()));
        assert!(reason.contains(field), "{field} {value}: {reason}");
    }
}

#[test]
fn the_number_of_a_run_has_an_end() {
    let Sighting::ImageBuilt { run, .. } = trigger(&[], &with("run", json!(RUN_LIMIT))).sighting else {
        panic!()
    };
    assert_eq!(run, Some(9_223_372_036_854_775_807));
    let reason = reason(&[], &with("run", json!(RUN_LIMIT + 1)));
    assert!(reason.starts_with("run: at most 9223372036854775807"), "{reason}");
}

#[test]
fn only_json_is_read() {
    let mut headers = headers(&[("authorization", &format!("Bearer {WEB}"))]);
    headers.insert("content-type", HeaderValue::from_static("text/plain"));
    let answer = receive(&keys(), &headers, BUILT, Timestamp::UNIX_EPOCH);
    assert!(matches!(answer, Err(DoorError::Unsupported { .. })));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(sent(&[], &body).is_err());
    }

    #[test]
    fn arbitrary_authorization_never_opens(value in "[ -~]{0,80}") {
        prop_assume!(!value.ends_with(WEB) && !value.ends_with(WORKER));
        let headers = headers(&[("authorization", &value)]);
        let answer = receive(&keys(), &headers, BUILT, Timestamp::UNIX_EPOCH);
        prop_assert_eq!(answer, Err(DoorError::Unauthenticated));
    }
}
