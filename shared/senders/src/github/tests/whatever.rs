//! Whatever is sent: no event hides a fork, and nothing makes a door panic.

use super::*;
use proptest::prelude::*;

/// Every event of GitHub's documentation that can carry a pull request, and some that cannot.
const EVENTS: [&str; 12] = [
    "pull_request",
    "pull_request_target",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "issue_comment",
    "issues",
    "check_run",
    "check_suite",
    "workflow_run",
    "merge_group",
    "deployment_status",
];
/// Every action of `pull_request` in GitHub's documentation.
const ACTIONS: [&str; 22] = [
    "assigned",
    "auto_merge_disabled",
    "auto_merge_enabled",
    "closed",
    "converted_to_draft",
    "demilestoned",
    "dequeued",
    "edited",
    "enqueued",
    "labeled",
    "locked",
    "milestoned",
    "opened",
    "ready_for_review",
    "reopened",
    "review_request_removed",
    "review_requested",
    "synchronize",
    "unassigned",
    "unlabeled",
    "unlocked",
    "created",
];

#[test]
fn no_event_or_action_hides_that_a_pull_request_is_from_a_fork() {
    let gone = with(FORK, "/pull_request/head/repo", Value::Null);
    let mut seen = 0;
    for (event, action) in EVENTS.iter().flat_map(|event| ACTIONS.iter().map(move |action| (event, action))) {
        for body in [FORK, &gone] {
            let body = with(body, "/action", json!(action));
            let Ok(Received::Trigger(trigger)) = sent(event, &body) else { continue };
            let from_fork = matches!(trigger.sighting, Sighting::PullRequest { from_fork: true, .. });
            assert!(from_fork, "{event} {action}");
            seen += 1;
        }
    }
    assert_eq!(seen, 12, "six actions, twice");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(
        event in prop_oneof![Just("pull_request"), Just("push"), Just("ping")],
        body in proptest::collection::vec(any::<u8>(), 0..2000),
    ) {
        prop_assert!(sent(event, &body).is_err());
    }

    #[test]
    fn a_damaged_body_never_panics(at in 0..PUSH.len(), byte: u8, cut in 0..PUSH.len()) {
        let mut body = PUSH.to_vec();
        body[at] = byte;
        let _ = sent("push", &body);
        prop_assert!(sent("push", &PUSH[..cut]).is_err() || PUSH[cut..].trim_ascii().is_empty());
    }

    #[test]
    fn arbitrary_headers_never_open(value in "[ -~]{0,100}", event in "[ -~]{0,70}") {
        let headers = headers(&[(EVENT, &event), (DELIVERY, "1"), (SIGNATURE, &value)]);
        let answer = receive(&hook(), &headers, PUSH, Timestamp::UNIX_EPOCH);
        prop_assert_eq!(answer, Err(DoorError::Unauthenticated));
    }
}
