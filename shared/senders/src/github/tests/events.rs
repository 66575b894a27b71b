//! What each event is taken for.

use super::*;

#[test]
fn a_pull_request_is_a_sighting_of_its_sender() {
    let trigger = trigger("pull_request", OPENED);
    assert_eq!(trigger.actor, Actor::GithubUser { id: 21_031_067, login: Some("Codertocat".to_owned()) });
    let Sighting::PullRequest { repository, number, head, from_fork, closed } = trigger.sighting else {
        panic!()
    };
    assert_eq!((repository.id, repository.full_name.as_str()), (SHOP, "acme/shop"));
    assert_eq!((number, head.short(), from_fork, closed), (2, "ec26c3e", false, false));
}

#[test]
fn a_branch_is_a_sighting_and_a_tag_is_not() {
    let Sighting::Push { branch, head, .. } = trigger("push", PUSH).sighting else { panic!() };
    assert_eq!((branch.as_str(), head.unwrap().short()), ("master", "6113728"));
    assert!(has_no_effect("push", &with(PUSH, "/ref", json!("refs/tags/v1"))));
    assert!(sent("push", &with(PUSH, "/ref", json!("refs/heads/a..b"))).is_err());
}

#[test]
fn a_deleted_branch_has_no_head() {
    let body = with(&with(PUSH, "/deleted", json!(true)), "/after", json!("0".repeat(40)));
    let Sighting::Push { head, .. } = trigger("push", &body).sighting else { panic!() };
    assert_eq!(head, None);
}

#[test]
fn our_checks_are_asked_for_again_and_those_of_others_are_not_ours() {
    let Sighting::ChecksAgain { repository, commit, environment } = trigger("check_run", RUN_AGAIN).sighting
    else {
        panic!()
    };
    assert_eq!((repository.id, commit.short()), (SHOP, "ec26c3e"));
    assert_eq!(environment.unwrap().to_string(), "shop/pr-2");
    let Sighting::ChecksAgain { environment, .. } = trigger("check_suite", SUITE_AGAIN).sighting else {
        panic!()
    };
    assert_eq!(environment, None);
    for (event, body, place) in
        [("check_run", RUN_AGAIN, "/check_run/app"), ("check_suite", SUITE_AGAIN, "/check_suite/app")]
    {
        assert!(has_no_effect(event, &with(body, &format!("{place}/id"), json!(901))), "{event}");
        assert!(has_no_effect(event, &with(body, place, Value::Null)), "{event}");
        let unknown = Hook { own_app: None, ..hook() };
        assert!(matches!(sent_to(&unknown, event, body), Ok(Received::NoEffect { .. })), "{event}");
        for action in ["created", "completed", "requested", "requested_action"] {
            assert!(has_no_effect(event, &with(body, "/action", json!(action))), "{event} {action}");
        }
    }
    for mark in [json!(null), json!(""), json!("demo/shop/pr-2"), json!("demo#1"), json!("demo/../x#1")] {
        assert!(
            has_no_effect("check_run", &with(RUN_AGAIN, "/check_run/external_id", mark.clone())),
            "{mark}"
        );
    }
}
