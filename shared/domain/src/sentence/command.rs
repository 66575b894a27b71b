//! What can be typed in chat, and what is said to what cannot.

use super::comment::plain;
use crate::{
    command::{Command, Expected, Misunderstood, TEXT_LIMIT, USAGES, Usage},
    name::EnvironmentId,
};
use jiff::SignedDuration;

/// What was typed is no command.
pub fn misunderstood(misunderstood: &Misunderstood) -> String {
    match misunderstood {
        Misunderstood::TooLong => {
            format!("A command has at most {TEXT_LIMIT} characters. Type a shorter one.")
        }
        Misunderstood::Unknown { said, meant } => {
            let meant = did_you_mean(meant.as_deref());
            format!("`{}` is no command.{meant} `/env help` tells what can be typed.", plain(said))
        }
        Misunderstood::Wrong { usage, said, expected, meant } => {
            let expected = expected_word(*expected);
            let problem = match said {
                Some(said) => format!("`{}` is not {expected}.", plain(said)),
                None => format!("Something is missing: {expected}."),
            };
            format!("{problem}{} Type `{}{}`.", did_you_mean(meant.as_deref()), usage.verb, usage.rest)
        }
    }
}

fn did_you_mean(line: Option<&str>) -> String {
    line.map_or(String::new(), |line| format!(" Did you mean `{}`?", plain(line)))
}

/// What can be typed.
pub fn help() -> String {
    let line = |usage: &Usage| format!("`{}{}` {}", usage.verb, usage.rest, does(usage.verb));
    USAGES.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn does(verb: &str) -> &'static str {
    match verb {
        "/env create" => "makes an environment that follows a branch",
        "/env destroy" => "takes an environment away",
        "/env list" => "tells which environments there are",
        "/env status" => "tells how an environment is",
        "/env retry" => "tries again what failed",
        "/env extend" => "lets an environment live longer",
        "/deploy" => "lets an environment run a commit, or the newest of what it follows",
        _ => "tells what can be typed",
    }
}

fn expected_word(expected: Expected) -> &'static str {
    match expected {
        Expected::Application => "the name of an application",
        Expected::Name => "a name, `branch BRANCH` or `for 4h`",
        Expected::NameWithin => "the name of an environment of it",
        Expected::Environment => "`APPLICATION/NAME`, such as `shop/pr-42`",
        Expected::OneWord => "`APPLICATION/NAME` in one word",
        Expected::Commit => "the first 7 or more digits of a commit",
        Expected::Branch => "the name of a branch",
        Expected::Span => "a span of time such as `90m`, `4h` or `3d`",
        Expected::End => "the end of the command",
    }
}

/// A command as it is typed.
pub(super) fn typed(command: &Command) -> String {
    let spoken =
        |word: &str, text: Option<String>| text.map_or(String::new(), |text| format!(" {word}{text}"));
    match command {
        Command::Create { application, name, branch, lifetime } => {
            let name = spoken("", name.as_ref().map(ToString::to_string));
            let branch = spoken("branch ", branch.clone());
            format!("/env create {application}{name}{branch}{}", spoken("for ", lifetime.map(span)))
        }
        Command::Destroy { environment } => format!("/env destroy {environment}"),
        Command::List { application } => {
            format!("/env list{}", spoken("", application.as_ref().map(ToString::to_string)))
        }
        Command::Status { environment } => format!("/env status {environment}"),
        Command::Retry { environment } => format!("/env retry {environment}"),
        Command::Extend { environment, by } => {
            format!("/env extend {environment}{}", spoken("by ", by.map(span)))
        }
        Command::Deploy { environment: EnvironmentId { application, name }, commit } => {
            let commit = spoken("", commit.as_ref().map(|commit| commit.as_str().to_owned()));
            format!("/deploy {application} {name}{commit}")
        }
        Command::Help => "/env help".to_owned(),
    }
}

/// A span of time as it is typed, in the largest unit that tells it whole.
pub fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    let whole = units.into_iter().find(|(unit, _)| seconds % unit == 0);
    let (unit, letter) = whole.unwrap_or((1, 's'));
    format!("{}{letter}", seconds / unit)
}
