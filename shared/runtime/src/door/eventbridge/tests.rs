//! Every recorded event, and what becomes of it.

use super::*;
use crate::door::note::tests::{Fault, Outside};
use std::{path::Path, sync::Arc};

const PUSH: &[u8] = include_bytes!("../../../../../events/ecr/image_action.push.json");

fn door(outside: &Arc<Outside>) -> RegistryDoor {
    RegistryDoor { notebook: outside.notebook() }
}

#[tokio::test]
async fn of_all_recorded_events_only_what_was_pushed_or_replicated_with_a_tag_is_written() {
    let outside = Arc::new(Outside::default());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/ecr");
    let mut replayed = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let event = std::fs::read(file.unwrap().path()).unwrap();
        assert_eq!(registry_push(&door(&outside), &event).await, Ok(()));
        replayed += 1;
    }
    assert_eq!((replayed, outside.counts()), (5, (2, 2, 2)));
}

#[tokio::test]
async fn an_event_that_is_delivered_again_is_written_once() {
    let outside = Arc::new(Outside::default());
    for _ in 0..10 {
        assert_eq!(registry_push(&door(&outside), PUSH).await, Ok(()));
    }
    assert_eq!(outside.counts(), (1, 1, 10));
}

#[tokio::test]
async fn only_what_may_succeed_later_is_asked_for_again() {
    let outside = Arc::new(Outside { state_fault: Fault::Lost, ..Outside::default() });
    assert_eq!(registry_push(&door(&outside), b"{").await, Ok(()));
    assert_eq!(registry_push(&door(&outside), PUSH).await, Err(NotTaken));
}
