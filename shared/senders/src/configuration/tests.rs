//! Keys, files and identities.

use super::*;
use http::HeaderValue;

const FILE: &[u8] = include_bytes!("../../../../infra/local/sample/platform.yaml");
const SECRET: &str = "a secret of this test";

fn sent<'a>(secret: &str, more: &[(&'static str, &str)], body: &'a [u8]) -> Result<Pushed<'a>, Refused> {
    let keys = [Key { name: "platform".to_owned(), secret: Secret::new(SECRET).unwrap() }];
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {secret}")).unwrap());
    headers.insert("content-type", HeaderValue::from_static("application/yaml; charset=utf-8"));
    for (name, value) in more {
        headers.insert(*name, HeaderValue::from_str(value).unwrap());
    }
    receive(&keys, &headers, body, Timestamp::from_millisecond(7).unwrap())
}

fn refusal(answer: Result<Pushed<'_>, Refused>) -> DoorError {
    match answer {
        Err(Refused::Door(error)) => error,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was taken"),
    }
}

/// The sample with a comment that makes it this long.
fn of_length(length: usize) -> Vec<u8> {
    let comment = "#".repeat(length - FILE.len());
    [FILE, comment.as_bytes()].concat()
}

#[test]
fn a_good_file_is_a_sighting_of_its_platform_engineer() {
    let Ok(Pushed { hash, text, trigger }) = sent(SECRET, &[], FILE) else { panic!() };
    assert_eq!(text.as_bytes(), FILE);
    assert_eq!(trigger.actor, Actor::PlatformEngineer { key: "platform".to_owned() });
    assert_eq!(trigger.sighting, Sighting::Configuration { hash: hash.clone() });
    assert_eq!(trigger.key, format!("configurations#platform#content#{hash}#7"));
    let Ok(named) = sent(SECRET, &[("idempotency-key", "one")], FILE) else { panic!() };
    assert_eq!(named.trigger.key, "configurations#platform#given#one");
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let text = String::from_utf8(FILE.to_vec()).unwrap();
    let wrong = text.replace("pods: 40", "pods: 0").replace("type: preview", "type: previw");
    let Err(Refused::Problems(problems)) = sent(SECRET, &[], wrong.as_bytes()) else { panic!() };
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert!(paths.contains(&"types.staging.quota.pods"), "{problems:#?}");
    assert!(paths.contains(&"applications.shop.previews.type"), "{problems:#?}");
    assert!(problems.iter().any(|problem| problem.line.is_some()), "{problems:#?}");
}

#[test]
fn without_the_key_nothing_is_told_of_a_file() {
    for (secret, body) in
        [("nothing", FILE), ("a secret of this tes", b"{"), ("", &of_length(FILE_LIMIT + 1))]
    {
        assert_eq!(refusal(sent(secret, &[], body)), DoorError::Unauthenticated);
    }
}

#[test]
fn a_file_has_at_most_256_kilobytes_and_is_yaml() {
    assert!(sent(SECRET, &[], &of_length(FILE_LIMIT)).is_ok());
    assert_eq!(refusal(sent(SECRET, &[], &of_length(FILE_LIMIT + 1))), DoorError::TooLarge);
    let json = refusal(sent(SECRET, &[("content-type", "application/json")], FILE));
    assert!(matches!(json, DoorError::Unsupported { .. }));
    let bytes = refusal(sent(SECRET, &[], b"installation: \xff"));
    assert!(matches!(bytes, DoorError::Malformed { .. }), "{bytes}");
}
