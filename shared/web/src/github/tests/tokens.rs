//! Tokens: kept, renewed, never shown.

use super::*;

#[tokio::test]
async fn a_token_is_kept_until_five_minutes_before_its_end() {
    let (github, script) = host((0..3).map(|_| answer(200, &[], &pull(1))));
    let repository = shop();
    github.pull_request(&repository, 1).await.unwrap();
    script.clock.forward(55 * 60 - 1);
    github.pull_request(&repository, 1).await.unwrap();
    assert_eq!(script.issued(), 1);
    script.clock.forward(1);
    github.pull_request(&repository, 1).await.unwrap();
    assert_eq!(script.issued(), 2);
    assert_eq!(script.header(1, "authorization"), "Bearer ghs_canary1");
    assert_eq!(script.header(2, "authorization"), "Bearer ghs_canary2");
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_renewed_once() {
    let unaccepted = || answer(401, &[], &json!({"message": "Bad credentials"}));
    let (github, script) = host([unaccepted(), answer(200, &[], &pull(1))]);
    github.pull_request(&shop(), 1).await.unwrap();
    assert_eq!((script.issued(), script.lines().len()), (2, 2));

    let (github, script) = host([unaccepted(), unaccepted()]);
    let error = github.pull_request(&shop(), 1).await.unwrap_err();
    assert!(matches!(error, CallError::Unauthorized { .. }), "{error:?}");
    assert_eq!((script.issued(), script.lines().len()), (2, 2));
}

#[tokio::test]
async fn an_app_that_is_not_installed_is_not_taken_for_a_missing_thing() {
    let (github, script) = host([]);
    for _ in 0..2 {
        script.issue.lock().unwrap().push_back(answer(404, &[], &json!({"message": "Not Found"})));
    }
    let branch = github.branch(&shop(), "main").await;
    assert!(matches!(branch, Err(CallError::Unauthorized { .. })), "{branch:?}");
    let deleted = github.delete_comment(&shop(), 1).await;
    assert!(matches!(deleted, Err(CallError::Unauthorized { .. })), "{deleted:?}");
}

#[tokio::test]
async fn a_call_that_got_no_token_was_not_sent() {
    let (github, script) = host([]);
    script.issue.lock().unwrap().push_back(answer(502, &[], &json!({})));
    let error = github.create_comment(&shop(), 1, "text").await.unwrap_err();
    assert!(matches!(error, CallError::Unavailable { maybe_done: false, .. }), "{error:?}");
}

#[tokio::test]
async fn no_error_holds_a_token() {
    for status in [302, 400, 401, 403, 404, 409, 422, 429, 500, 503, 600] {
        let (github, _) = host((0..2).map(|_| answer(status, &[], &json!({"message": "no"}))));
        let error = github.create_comment(&shop(), 1, "text").await.unwrap_err();
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}
