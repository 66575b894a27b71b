//! Events as they are, and what is wrong with them.

use super::*;
use proptest::prelude::*;
use roadstead_domain::trigger::Trigger;
use serde_json::{Value, json};

const PUSH: &[u8] = include_bytes!("../../../../events/ecr/image_action.push.json");

const REPLICATED: &[u8] = include_bytes!("../../../../events/ecr/replication_action.replicate.json");

fn received(event: &[u8]) -> Result<Received, DoorError> {
    receive(event, Timestamp::UNIX_EPOCH)
}

/// The recorded push with one field replaced, or taken away by null.
fn push_with(pointer: &str, value: Value) -> Vec<u8> {
    let mut event: Value = serde_json::from_slice(PUSH).unwrap();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let parent = event.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(field);
    } else {
        parent.insert(field.to_owned(), value);
    }
    event.to_string().into_bytes()
}

fn trigger(event: &[u8]) -> Trigger {
    match received(event) {
        Ok(Received::Trigger(trigger)) => *trigger,
        other => panic!("{other:?}"),
    }
}

fn has_no_effect(event: &[u8]) -> bool {
    matches!(received(event), Ok(Received::NoEffect { .. }))
}

#[test]
fn a_tagged_push_is_a_sighting_by_its_event_id() {
    let trigger = trigger(PUSH);
    assert_eq!(trigger.key, "ecr#13cde686-328b-6117-af20-0e5566167482");
    assert_eq!(trigger.actor, Actor::Registry { account: "123456789012".to_owned() });
    let Sighting::ImagePushed { place, tag, digest } = trigger.sighting else { panic!() };
    assert_eq!((place.account.as_str(), place.region.as_str()), ("123456789012", "eu-west-1"));
    assert_eq!((place.repository.as_str(), tag.as_str()), ("shop/web", "pr-2"));
    assert!(digest.as_str().starts_with("sha256:7f5b2640fe6f"));
}

#[test]
fn a_replicated_image_is_a_push_to_the_registry_that_it_came_to() {
    let trigger = trigger(REPLICATED);
    let Sighting::ImagePushed { place, tag, .. } = trigger.sighting else { panic!() };
    assert_eq!((place.account.as_str(), place.region.as_str()), ("123456789012", "eu-west-1"));
    assert_eq!((place.repository.as_str(), tag.as_str()), ("shop/web", "1.4.0"));
    assert_eq!(trigger.actor, Actor::Registry { account: "123456789012".to_owned() });
}

#[test]
fn what_is_not_a_tagged_push_that_succeeded_has_no_effect() {
    for (pointer, value) in [
        ("/detail/image-tag", json!(null)),
        ("/detail/image-tag", json!("")),
        ("/detail/action-type", json!("DELETE")),
        ("/detail/result", json!("FAILURE")),
        ("/detail-type", json!("ECR Image Scan")),
        ("/detail-type", json!("ECR Pull Through Cache Action")),
        ("/source", json!("my.own")),
    ] {
        assert!(has_no_effect(&push_with(pointer, value.clone())), "{pointer} {value}");
    }
}

#[test]
fn other_details_are_not_even_read() {
    let scan = json!({"source": "aws.ecr", "detail-type": "ECR Image Scan", "detail": 7});
    assert!(has_no_effect(scan.to_string().as_bytes()));
}

#[test]
fn hostile_names_are_refused_with_their_field() {
    for (pointer, value) in [
        ("/id", json!("a#b")),
        ("/account", json!("12345678901")),
        ("/account", json!("evil.example")),
        ("/region", json!("eu-west-1.evil.example/")),
        ("/detail/repository-name", json!("../admin")),
        ("/detail/image-tag", json!("a@b")),
        ("/detail/image-tag", json!("t".repeat(129))),
        ("/detail/image-tag", json!("a\nb")),
        ("/detail/image-digest", json!("sha256:00")),
        ("/detail/image-digest", json!(null)),
        ("/detail/result", json!(null)),
        ("/region", json!(7)),
    ] {
        let field = pointer[1..].replace('/', ".");
        let Err(DoorError::Malformed { reason }) = received(&push_with(pointer, value.clone())) else {
            panic!("{pointer} {value} was let in");
        };
        let parent = field.split('.').next().unwrap();
        assert!(reason.contains(&field) || reason.starts_with(parent), "{field}: {reason}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(received(&bytes).is_err());
    }

    #[test]
    fn a_damaged_event_never_panics(at in 0..PUSH.len(), byte: u8, cut in 0..PUSH.len()) {
        let mut event = PUSH.to_vec();
        event[at] = byte;
        let _ = received(&event);
        prop_assert!(received(&PUSH[..cut]).is_err() || PUSH[cut..].trim_ascii().is_empty());
    }
}
