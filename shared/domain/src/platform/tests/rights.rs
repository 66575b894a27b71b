//! Who may do what.

use super::*;
use crate::actor::{Actor, Verb};
use std::collections::BTreeSet;

fn actors() -> Vec<Actor> {
    vec![
        Actor::GithubUser { id: 1, login: Some("one".into()) },
        Actor::GithubUser { id: 2, login: Some("one".into()) },
        Actor::Pipeline { key: "ci".into() },
        Actor::Pipeline { key: "1".into() },
        Actor::Registry { account: "123456789012".into() },
        Actor::Registry { account: "ci".into() },
        Actor::PersonAtThisMachine,
        Actor::Roadstead,
    ]
}

/// Which of [`actors`] may do each of create, deploy and destroy.
fn allowed(right: &str, application: &str, kind: &str) -> Vec<[bool; 3]> {
    let given = &SAMPLE[SAMPLE.find("      - who:").unwrap()..];
    let platform = with(given, right).unwrap();
    let (application, kind) = (application.parse().unwrap(), kind.parse().unwrap());
    let verbs = [Verb::Create, Verb::Deploy, Verb::Destroy];
    let may = |actor: &Actor| verbs.map(|verb| authorise(&platform, actor, verb, &application, &kind));
    actors().iter().map(may).collect()
}

const NO: [bool; 3] = [false; 3];
const YES: [bool; 3] = [true; 3];
const OWN: [bool; 3] = [false, true, true];
/// Standing environments are wished for by the configuration itself.
const STANDING: [bool; 3] = YES;
const LAST: [bool; 3] = [false, false, true];

#[test]
fn a_right_is_for_whom_it_names() {
    let all = |who: &str| {
        format!("      - who: [{who}]\n        verbs: [create, deploy, destroy]\n        types: [preview]\n")
    };
    for (who, expected) in [
        ("", [NO, NO, NO, NO, NO, NO, NO, OWN]),
        ("{ github_user: 1 }", [YES, NO, NO, NO, NO, NO, NO, OWN]),
        ("any_github_user", [YES, YES, NO, NO, NO, NO, NO, OWN]),
        ("{ pipeline: ci }", [NO, NO, YES, NO, NO, NO, NO, OWN]),
        ("{ registry: \"123456789012\" }", [NO, NO, NO, NO, YES, NO, NO, OWN]),
        ("person_at_this_machine", [NO, NO, NO, NO, NO, NO, YES, OWN]),
    ] {
        assert_eq!(allowed(&all(who), "shop", "preview"), expected, "{who}");
        assert_eq!(allowed(&all(who), "shop", "staging"), [NO, NO, NO, NO, NO, NO, NO, STANDING], "{who}");
        assert_eq!(allowed(&all(who), "other", "preview"), [NO, NO, NO, NO, NO, NO, NO, LAST], "{who}");
        assert_eq!(allowed(&all(who), "shop", "other"), [NO, NO, NO, NO, NO, NO, NO, LAST], "{who}");
    }
}

#[test]
fn a_right_is_for_the_verbs_that_it_names() {
    let right = "      - { who: [{ github_user: 1 }], verbs: [deploy], types: [preview] }\n\
        \u{20}     - { who: [{ pipeline: ci }], verbs: [destroy], types: [staging, preview] }\n";
    let expected = [[false, true, false], NO, LAST, NO, NO, NO, NO, OWN];
    assert_eq!(allowed(right, "shop", "preview"), expected);
    let verbs: BTreeSet<Verb> = sample().applications[&"shop".parse().unwrap()].rights[0].verbs.clone();
    assert_eq!(verbs.len(), 3);
}

#[test]
fn a_right_in_chat_is_for_a_user_of_a_workspace_by_their_ids() {
    let user =
        |team: &str, id: &str| Actor::SlackUser { team: team.into(), id: id.into(), name: "ada".into() };
    let may = |who: &str, actor: &Actor| {
        let given = &SAMPLE[SAMPLE.find("      - who:").unwrap()..];
        let right = format!("      - {{ who: [{who}], verbs: [create], types: [preview] }}\n");
        let (application, kind) = ("shop".parse().unwrap(), "preview".parse().unwrap());
        authorise(&with(given, &right).unwrap(), actor, Verb::Create, &application, &kind)
    };
    for (who, expected) in [
        ("{ slack_user: T1/U1 }", [true, false, false]),
        ("{ slack_workspace: T1 }", [true, true, false]),
        ("any_github_user", [false, false, false]),
    ] {
        let actors = [user("T1", "U1"), user("T1", "U2"), user("T2", "U1")];
        assert_eq!(actors.map(|actor| may(who, &actor)), expected, "{who}");
    }
}
