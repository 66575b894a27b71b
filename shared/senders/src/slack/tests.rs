//! Signatures, times, forms and every field.

use super::*;
use crate::{grammar, slack::form::CHECK_LIMIT};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue};
use jiff::SignedDuration;
use proptest::prelude::*;
use roadstead_domain::{
    actor::Actor,
    command::{Command, TEXT_LIMIT},
    trigger::Sighting,
};
use sha2::Sha256;

/// From Slack's documentation, "Verifying requests from Slack".
const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const SENT_AT: i64 = 1_531_420_618;
const VECTOR: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const VECTOR_SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

fn workspace() -> Workspace {
    let signing_secret = Secret::new(SECRET).unwrap();
    Workspace { signing_secret, team: "T1DC2JH3J".to_owned(), app: "A0ROADSTEAD".to_owned() }
}

/// The documented payload of an App of today.
fn create() -> String {
    format!("{VECTOR}&api_app_id=A0ROADSTEAD&is_enterprise_install=false")
        .replace("%2Fwebhook-collect&text=", "%2Fenv&text=create+shop+try+for+4h")
}

fn now() -> Timestamp {
    Timestamp::from_second(SENT_AT).unwrap()
}

fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in all {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn signature(sent_at: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("v0:{sent_at}:").as_bytes());
    mac.update(body);
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

fn signed(media_type: &str, body: &str) -> HeaderMap {
    let sent_at = SENT_AT.to_string();
    headers(&[
        ("content-type", media_type),
        (TIMESTAMP, &sent_at),
        (SIGNATURE, &signature(&sent_at, body.as_bytes())),
    ])
}

fn sent(body: &str) -> Result<Heard, DoorError> {
    receive(&workspace(), &signed(FORM, body), body.as_bytes(), now())
}

fn typed(body: &str) -> Trigger {
    match sent(body) {
        Ok(Heard::Command(trigger)) => *trigger,
        other => panic!("{other:?}"),
    }
}

fn name_of(trigger: Trigger) -> String {
    let Actor::SlackUser { name, .. } = trigger.actor else { panic!() };
    name
}

fn has_no_effect(heard: &Result<Heard, DoorError>) -> bool {
    matches!(heard, Ok(Heard::NoEffect { .. }))
}

/// The form with one field's value replaced by one that is already encoded.
fn with(field: &str, value: &str) -> String {
    let replaced = |part: &str| match part.split_once('=') {
        Some((name, _)) if name == field => format!("{name}={value}"),
        _ => part.to_owned(),
    };
    create().split('&').map(replaced).collect::<Vec<_>>().join("&")
}

fn without(field: &str) -> String {
    let create = create();
    let others = create.split('&').filter(|part| !part.starts_with(&format!("{field}=")));
    others.collect::<Vec<_>>().join("&")
}

#[test]
fn slack_s_published_vector_verifies() {
    let given = [(TIMESTAMP, "1531420618"), (SIGNATURE, VECTOR_SIGNATURE)];
    let verified =
        |body: &[u8]| signature::verify(&workspace().signing_secret, &headers(&given), body, now());
    assert!(verified(VECTOR.as_bytes()).is_ok());
    assert_eq!(verified(VECTOR.replace("%2F", "/").as_bytes()), Err(DoorError::Unauthenticated));
    assert_eq!(verified(VECTOR.replace("%2F", "%2f").as_bytes()), Err(DoorError::Unauthenticated));
}

#[test]
fn a_command_is_what_was_typed_by_whom_and_where() {
    let trigger = typed(&create());
    let (team, id, name) = ("T1DC2JH3J".to_owned(), "U2CERLKJA".to_owned(), "roadrunner".to_owned());
    assert_eq!(trigger.actor, Actor::SlackUser { team, id, name });
    let command = Command::parse("/env", "create shop try for 4h").unwrap();
    assert_eq!(trigger.sighting, Sighting::Command { command });
    let reply = trigger.reply.clone().unwrap();
    assert_eq!(reply.path(), "commands/T1DC2JH3J/397700885554/96rGlfmibIGlgcZRskXaIFfN");
    assert!(!format!("{trigger:?}").contains("96rGlfmib"));
}

#[test]
fn what_asks_for_nothing_becomes_no_trigger() {
    assert_eq!(sent(&with("text", "help")), Ok(Heard::Help));
    assert_eq!(sent(&with("text", "")), Ok(Heard::Help));
    for (text, part) in [("crate+shop", "crate"), ("status+a%26lt%3Bb%26amp%3B", "a<b&")] {
        let Ok(Heard::Misunderstood(misunderstood)) = sent(&with("text", text)) else { panic!("{text}") };
        assert!(format!("{misunderstood:?}").contains(part), "{misunderstood:?}");
    }
    let long = sent(&with("text", &"t".repeat(TEXT_LIMIT + 1)));
    assert_eq!(long, Ok(Heard::Misunderstood(Misunderstood::TooLong)));
    let longest = sent(&with("text", &"t".repeat(TEXT_LIMIT)));
    assert!(matches!(longest, Ok(Heard::Misunderstood(Misunderstood::Unknown { .. }))));
}

#[test]
fn only_one_right_signature_opens() {
    let body = create();
    let right = signature("1531420618", body.as_bytes());
    let time = (TIMESTAMP, "1531420618");
    let joined = format!("{right}, {right}");
    let other_time = signature("1531420619", body.as_bytes());
    let wrong: &[&[(&'static str, &str)]] = &[
        &[],
        &[time],
        &[(SIGNATURE, &right)],
        &[time, (SIGNATURE, &other_time)],
        &[time, (SIGNATURE, VECTOR_SIGNATURE)],
        &[time, (SIGNATURE, &right), (SIGNATURE, &right)],
        &[time, time, (SIGNATURE, &right)],
        &[time, (SIGNATURE, &joined)],
        &[time, (SIGNATURE, &right[3..])],
        &[time, (SIGNATURE, &right[..66])],
        &[time, (SIGNATURE, &right.replace("v0=", "v1="))],
        &[time, (SIGNATURE, "v0=")],
    ];
    for case in wrong {
        let given = headers(&[&[("content-type", FORM)][..], case].concat());
        let answer = receive(&workspace(), &given, body.as_bytes(), now());
        assert_eq!(answer, Err(DoorError::Unauthenticated), "{case:?}");
    }
}

#[test]
fn a_time_is_at_most_five_minutes_away() {
    let body = create();
    let at = |now: Timestamp| receive(&workspace(), &signed(FORM, &body), body.as_bytes(), now).is_ok();
    let instant = SignedDuration::from_nanos(1);
    assert!(at(now() + WINDOW) && at(now() - WINDOW));
    assert!(!at(now() + WINDOW + instant) && !at(now() - WINDOW - instant));
}

#[test]
fn a_time_is_a_number() {
    let body = create();
    for time in ["", "+1531420618", "-1531420618", "1531420618.0", "0x5b47", "99999999999999999999", "now"] {
        let signature = signature(time, body.as_bytes());
        let given = headers(&[("content-type", FORM), (TIMESTAMP, time), (SIGNATURE, &signature)]);
        let answer = receive(&workspace(), &given, body.as_bytes(), now());
        assert_eq!(answer, Err(DoorError::Unauthenticated), "{time}");
    }
}

#[test]
fn the_same_request_is_the_same_delivery_and_another_is_another() {
    assert_eq!(typed(&create()).key, typed(&create()).key);
    assert_ne!(typed(&create()).key, typed(&with("trigger_id", "1.2.3")).key);
}

#[test]
fn another_workspace_or_app_is_refused() {
    for body in [with("team_id", "T0"), with("api_app_id", "A0"), with("team_id", "T1DC2JH3j")] {
        assert!(matches!(sent(&body), Err(DoorError::Forbidden { .. })), "{body}");
    }
}

#[test]
fn every_field_that_is_read_must_be_there_once() {
    for field in ["team_id", "api_app_id", "user_id", "command", "response_url"] {
        assert!(matches!(sent(&without(field)), Err(DoorError::Malformed { .. })), "{field}");
        let twice = format!("{}&{field}=1", create());
        assert!(matches!(sent(&twice), Err(DoorError::Malformed { .. })), "{field}");
        let hidden = format!("{}&%{:02x}{}=1", create(), field.as_bytes()[0], &field[1..]);
        assert!(matches!(sent(&hidden), Err(DoorError::Malformed { .. })), "{hidden}");
    }
    assert_eq!(sent(&without("text")), Ok(Heard::Help));
}

#[test]
fn ids_have_letters_and_digits_and_a_name_is_only_shown() {
    for value in ["", "U1%2F2", "U1%20", "%C3%9C1", &"U".repeat(grammar::SLACK_ID_LIMIT + 1)] {
        assert!(matches!(sent(&with("user_id", value)), Err(DoorError::Malformed { .. })), "{value}");
    }
    assert!(sent(&with("user_id", &"U".repeat(grammar::SLACK_ID_LIMIT))).is_ok());
    for name in ["", "a%0Ab", &"n".repeat(NAME_LIMIT + 1)] {
        assert_eq!(name_of(typed(&with("user_name", name))), "U2CERLKJA", "{name}");
    }
    assert_eq!(name_of(typed(&with("user_name", &"n".repeat(NAME_LIMIT)))).len(), NAME_LIMIT);
    assert_eq!(name_of(typed(&without("user_name"))), "U2CERLKJA");
}

#[test]
fn only_slack_s_own_address_may_be_answered() {
    for url in [
        "",
        "commands/T1/2/3",
        "http://hooks.slack.com/commands/T1/2/3",
        "https://hooks.slack.com:443/commands/T1/2/3",
        "https://hooks.slack.com.evil.example/commands/T1/2/3",
        "https://evil.example/https://hooks.slack.com/commands/T1/2/3",
        "https://hooks.slack.com%40evil.example/commands/T1/2/3",
        "https://user%40hooks.slack.com/commands/T1/2/3",
        "https://HOOKS.slack.com/commands/T1/2/3",
        "https://hooks.slack.com./commands/T1/2/3",
        "https://hooks.slack.com/commands/../services/T1/2",
        "https://hooks.slack.com/commands/T1/%252e%252e/3",
        "https://hooks.slack.com/commands//3",
        "https://hooks.slack.com/commands/",
        "https://hooks.slack.com/commands/T1/2/3?x=1",
        "https://hooks.slack.com/commands/T1/2/3%23x",
        "https://hooks.slack.com/commands/T1/2/3%5Cx",
        "https://hooks.slack.com/commands/T1/2/3%0d%0ax",
        "https://hooks.slack.com/services/T1/2/3",
        "https://169.254.169.254/commands/T1/2/3",
    ] {
        assert!(matches!(sent(&with("response_url", url)), Err(DoorError::Malformed { .. })), "{url}");
    }
}

#[test]
fn an_address_for_answers_has_at_most_512_bytes() {
    let url = |length: usize| {
        let base = "https://hooks.slack.com/commands/";
        format!("{base}{}", "a".repeat(length - base.len()))
    };
    assert!(sent(&with("response_url", &url(RESPONSE_URL_LIMIT))).is_ok());
    assert!(sent(&with("response_url", &url(RESPONSE_URL_LIMIT + 1))).is_err());
}

#[test]
fn a_form_has_at_most_50_fields() {
    let more = |fields: usize| {
        let more = fields - create().split('&').count();
        (0..more).fold(create(), |form, number| format!("{form}&more{number}=1"))
    };
    assert!(sent(&more(FIELDS_LIMIT)).is_ok());
    assert_eq!(sent(&more(FIELDS_LIMIT + 1)), Err(DoorError::TooLarge));
}

#[test]
fn a_check_of_the_certificate_needs_no_signature_and_opens_nothing() {
    let unsigned = |body: &str| receive(&workspace(), &HeaderMap::new(), body.as_bytes(), now());
    let long =
        |length: usize| format!("ssl_check=1&token={}", "t".repeat(length - "ssl_check=1&token=".len()));
    assert!(has_no_effect(&unsigned("ssl_check=1&token=x")));
    assert!(has_no_effect(&unsigned(&long(CHECK_LIMIT))));
    for body in [
        &long(CHECK_LIMIT + 1),
        &format!("ssl_check=1&{}", create()),
        "ssl_check=1&command=%2Fenv&text=list",
        "ssl_check=0",
        "ssl_check=true",
        "ssl_check=1&ssl_check=1",
        "",
    ] {
        assert_eq!(unsigned(body), Err(DoorError::Unauthenticated), "{body}");
    }
}

#[test]
fn a_challenge_is_echoed_only_when_it_is_signed() {
    let asked = |challenge: &str| {
        let body = format!(r#"{{"token":"t","challenge":"{challenge}","type":"url_verification"}}"#);
        receive(&workspace(), &signed("application/json", &body), body.as_bytes(), now())
    };
    assert_eq!(asked("3eZbrw1aB"), Ok(Heard::Challenge("3eZbrw1aB".to_owned())));
    assert!(asked(&"c".repeat(CHALLENGE_LIMIT)).is_ok());
    assert!(asked(&"c".repeat(CHALLENGE_LIMIT + 1)).is_err() && asked("a b").is_err());
    let body = br#"{"challenge":"3eZbrw1aB","type":"url_verification"}"#;
    let unsigned = headers(&[("content-type", "application/json")]);
    assert_eq!(receive(&workspace(), &unsigned, body, now()), Err(DoorError::Unauthenticated));
}

#[test]
fn what_else_slack_sends_has_no_effect() {
    let event = r#"{"type":"event_callback","event":{"type":"app_mention"}}"#;
    let heard = receive(&workspace(), &signed("application/json", event), event.as_bytes(), now());
    assert!(has_no_effect(&heard));
    assert!(has_no_effect(&sent("payload=%7B%22type%22%3A%22block_actions%22%7D")));
    let form = create();
    let plain = receive(&workspace(), &signed("text/plain", &form), form.as_bytes(), now());
    assert!(matches!(plain, Err(DoorError::Unsupported { .. })));
}

#[test]
fn a_body_over_the_limit_is_not_even_verified() {
    let body = "x".repeat(limit::BODY_LIMIT + 1);
    assert_eq!(sent(&body), Err(DoorError::TooLarge));
    assert!(sent(&body[1..]).is_err_and(|error| error != DoorError::TooLarge));
}

proptest! {
    #[test]
    fn no_form_makes_it_panic(body in ".{0,300}", field in "[a-z_]{1,12}") {
        let _ = sent(&body);
        let _ = sent(&with(&field, &body));
        let _ = receive(&workspace(), &HeaderMap::new(), body.as_bytes(), now());
    }

    #[test]
    fn one_flipped_bit_closes_it(place in 0..10_000_usize, bit in 0..8_u8) {
        let mut body = create().into_bytes();
        let headers = signed(FORM, &create());
        let place = place % body.len();
        body[place] ^= 1 << bit;
        prop_assert_eq!(receive(&workspace(), &headers, &body, now()), Err(DoorError::Unauthenticated));
    }
}
