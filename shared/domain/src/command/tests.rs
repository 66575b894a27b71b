//! What is understood, and what near misses are told.

use super::*;
use crate::sentence;

fn env(text: &str) -> Result<Command, Misunderstood> {
    Command::parse("/env", text)
}

fn id(text: &str) -> EnvironmentId {
    text.parse().unwrap()
}

fn meant(slash: &str, text: &str) -> Option<String> {
    match Command::parse(slash, text).unwrap_err() {
        Misunderstood::Unknown { meant, .. } | Misunderstood::Wrong { meant, .. } => meant,
        Misunderstood::TooLong => None,
    }
}

#[test]
fn every_command_is_understood_with_and_without_what_may_be_left_out() {
    let hours = |hours| Some(SignedDuration::from_hours(hours));
    let create = |name: Option<&str>, branch: Option<&str>, lifetime| Command::Create {
        application: "shop".parse().unwrap(),
        name: name.map(|name| name.parse().unwrap()),
        branch: branch.map(str::to_owned),
        lifetime,
    };
    let environment = || id("shop/pr-42");
    for (text, expected) in [
        ("create shop", create(None, None, None)),
        ("create shop try", create(Some("try"), None, None)),
        ("create shop branch feature/a", create(None, Some("feature/a"), None)),
        ("create shop for 4h", create(None, None, hours(4))),
        ("  create  shop try branch main for 1d ", create(Some("try"), Some("main"), hours(24))),
        ("create shop try branch for for 2h", create(Some("try"), Some("for"), hours(2))),
        ("destroy shop/pr-42", Command::Destroy { environment: environment() }),
        ("list", Command::List { application: None }),
        ("list shop", Command::List { application: Some("shop".parse().unwrap()) }),
        ("status shop/pr-42", Command::Status { environment: environment() }),
        ("retry shop/pr-42", Command::Retry { environment: environment() }),
        ("extend shop/pr-42", Command::Extend { environment: environment(), by: None }),
        ("extend shop/pr-42 by 4h", Command::Extend { environment: environment(), by: hours(4) }),
        ("help", Command::Help),
        ("", Command::Help),
    ] {
        assert_eq!(env(text), Ok(expected), "{text}");
    }
    let deploy = |commit: Option<&str>| Command::Deploy {
        environment: id("shop/staging"),
        commit: commit.map(|commit| NamedCommit::try_from(commit.to_owned()).unwrap()),
    };
    assert_eq!(Command::parse("/deploy", "shop staging"), Ok(deploy(None)));
    assert_eq!(Command::parse("/deploy", "shop staging 0123abc"), Ok(deploy(Some("0123abc"))));
}

#[test]
fn near_misses_are_told_what_was_probably_meant() {
    for (slash, text, expected) in [
        ("/env", "crate shop try", Some("/env create shop try")),
        ("/env", "Destroy shop/x", Some("/env destroy shop/x")),
        ("/env", "statsu shop/x", Some("/env status shop/x")),
        ("/env", "deploy shop staging", Some("/deploy shop staging")),
        ("/env", "destroy shop x", Some("/env destroy shop/x")),
        ("/env", "extend shop x by 4h", Some("/env extend shop/x by 4h")),
        ("/env", "create Shop try for 4h", Some("/env create shop try for 4h")),
        ("/deploy", "shop/staging 0123abc", Some("/deploy shop staging 0123abc")),
        ("/deploy", "shop staging 0123ABC", Some("/deploy shop staging 0123abc")),
        ("/env", "staus shop pr-2", Some("/env status shop/pr-2")),
        ("/env", "extend shop pr-2 4h", Some("/env extend shop/pr-2 by 4h")),
        ("/env", "extend shop/pr-2 4h", Some("/env extend shop/pr-2 by 4h")),
        ("/env", "extend shop/pr-2 for 4h", Some("/env extend shop/pr-2 by 4h")),
        ("/env", "Extend shop pr-2 for 4 hours", Some("/env extend shop/pr-2 by 4h")),
        ("/env", "create shop/try", Some("/env create shop try")),
        ("/env", "create shop 4h", Some("/env create shop for 4h")),
        ("/env", "create shop 2days", Some("/env create shop for 2d")),
        ("/env", "create shop try 4h", Some("/env create shop try for 4h")),
        ("/env", "create shop/try by 4H", Some("/env create shop try for 4h")),
        ("/env", "create shop for 4h branch main", Some("/env create shop branch main for 4h")),
        ("/env", "create shop for 90 minutes", Some("/env create shop for 90m")),
        ("/env", "create shop for 4H branch Main", Some("/env create shop branch Main for 4h")),
        ("/env", "create shop try brnach main", Some("/env create shop try branch main")),
        ("/env", "create shop from main", Some("/env create shop branch main")),
        ("/env", "delete shop/try", Some("/env destroy shop/try")),
        ("/env", "up shop try", Some("/env create shop try")),
        ("/env", "deploy shop/staging", Some("/deploy shop staging")),
        ("/env", "dance shop", None),
        ("/env", "destroy", None),
        ("/env", "status shop/x now please", None),
        ("/env", "create shop for ever", None),
        ("/env", "create shop for 0h", None),
        ("/env", "create shop 0h", None),
        ("/env", "extend shop 4h", None),
        ("/env", "create shop `try` for 4H", None),
        ("/env", "create shop branch a..b", None),
        ("/env", "extend shop/x by", None),
        ("/deploy", "shop", None),
        ("/deploy", "shop staging 0123", None),
        ("/other", "list", None),
    ] {
        assert_eq!(meant(slash, text).as_deref(), expected, "{slash} {text}");
    }
}

/// What people type, more or less.
const WORDS: [&str; 15] = [
    "create", "crate", "Delete", "extend", "up", "shop", "shop/try", "pr-2", "4h", "4", "hours", "for", "by",
    "brnach", "Main",
];

/// Every line of so many words.
fn lines(words: usize) -> Vec<String> {
    match words {
        0 => vec![String::new()],
        _ => lines(words - 1).iter().flat_map(|line| WORDS.map(|word| format!("{line} {word}"))).collect(),
    }
}

#[test]
fn whatever_was_meant_is_understood_as_it_is_shown() {
    let mut suggested = 0;
    for text in (0..=4).flat_map(lines) {
        for slash in ["/env", "/deploy"] {
            let Err(wrong) = Command::parse(slash, &text) else { continue };
            let told = sentence::misunderstood(&wrong);
            let Some((_, meant)) = told.split_once("Did you mean `") else { continue };
            let (line, _) = meant.split_once("`?").unwrap();
            let (slash, rest) = line.split_once(' ').unwrap();
            assert!(Command::parse(slash, rest).is_ok(), "{text}: {line}");
            suggested += 1;
        }
    }
    assert!(suggested > 1_000, "{suggested}");
}

#[test]
fn a_text_has_at_most_500_bytes() {
    let of = |length: usize| format!("list {}", " ".repeat(length - 5));
    assert!(env(&of(TEXT_LIMIT)).is_ok());
    assert_eq!(env(&of(TEXT_LIMIT + 1)), Err(Misunderstood::TooLong));
}

#[test]
fn a_commit_is_named_by_7_to_64_digits() {
    let of = |length: usize| NamedCommit::try_from("a".repeat(length)).is_ok();
    assert!(!of(NAMED_COMMIT_MINIMUM - 1) && of(NAMED_COMMIT_MINIMUM));
    assert!(of(NAMED_COMMIT_LIMIT) && !of(NAMED_COMMIT_LIMIT + 1));
}

#[test]
fn what_a_person_is_told_names_the_word_and_the_way_out() {
    let told = |text: &str| sentence::misunderstood(&env(text).unwrap_err());
    assert_eq!(
        told("crate shop try"),
        "`crate` is no command. Did you mean `/env create shop try`? `/env help` tells what can be typed."
    );
    assert_eq!(
        told("destroy"),
        "Something is missing: `APPLICATION/NAME`, such as `shop/pr-42`. Type `/env destroy APPLICATION/NAME`."
    );
    assert!(told("create shop for ever").starts_with("`ever` is not a span of time such as `90m`"));
}

#[test]
fn an_address_for_a_reply_is_not_shown() {
    let address = ReplyAddress::new("commands/T1/2/secret");
    assert!(!format!("{address:?}").contains("secret"));
}

#[test]
fn a_command_is_told_as_it_is_typed() {
    let typed = |command: Command| sentence::sighting(&crate::trigger::Sighting::Command { command });
    for text in
        ["create shop try branch main for 4h", "extend shop/x by 90m", "list", "status shop/x", "help"]
    {
        assert_eq!(typed(env(text).unwrap()), format!("`/env {text}`"));
    }
    assert_eq!(
        typed(Command::parse("/deploy", "shop staging 0123abc").unwrap()),
        "`/deploy shop staging 0123abc`"
    );
}
