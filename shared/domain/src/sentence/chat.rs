//! What is said in chat.

use super::comment::beyond;
use super::slack::{SLACK_TEXT_LIMIT, room_in_slack};
use super::{goes_away, goes_away_on, one_line, runs_instead, span, tried_until};
use crate::{
    command::NamedCommit,
    environment::{Environment, Phase},
    intent::Source,
    name::{ApplicationName, EnvironmentId},
    trigger::Outcome,
};
use jiff::{SignedDuration, Timestamp};
use std::fmt::Write as _;

/// The most environments that are listed in one answer.
const LISTED_LIMIT: usize = 30;

/// Said at once, while what was asked for is being done.
pub fn placeholder() -> String {
    "On it…".to_owned()
}

/// What only asked was answered.
pub fn answered() -> String {
    "It was answered.".to_owned()
}

/// Nothing can be made of this application from chat, or nobody may know of it.
pub fn nothing_to_create(application: &ApplicationName) -> String {
    format!(
        "There is no application `{application}` of which you may create environments. The platform configuration says who may."
    )
}

/// An environment of this name is there.
pub fn exists_already(environment: &EnvironmentId) -> String {
    format!(
        "`{environment}` exists already. Choose another name, or see it with `/env status {environment}`."
    )
}

/// Names of this form belong to pull requests.
pub fn name_of_pull_request(environment: &EnvironmentId) -> String {
    format!("`{environment}` is the preview of a pull request by its name. Choose another name.")
}

/// It would not live long enough.
pub fn lives_too_short(least: SignedDuration) -> String {
    format!("An environment lives at least {}. Ask for longer.", span(least))
}

/// It would live longer than its type allows.
pub fn lives_too_long(most: SignedDuration) -> String {
    format!(
        "An environment of this type lives at most {}, says the platform configuration. Ask for less, and extend it later.",
        span(most)
    )
}

/// What the environment follows has no such commit in its history, or several.
pub fn commit_missing(named: &NamedCommit, follows: &Source) -> String {
    let (digits, source) = (named.as_str(), super::source(follows));
    format!(
        "No commit `{digits}` is in the history of {source}, or several begin so. Push it there, or name it by more digits."
    )
}

/// What follows tags runs what they name, and no commit that somebody names.
pub fn follows_tags(environment: &EnvironmentId, follows: &Source) -> String {
    let EnvironmentId { application, name } = environment;
    format!(
        "`{environment}` follows {}: it runs what these tags name, and no commit can be chosen for it. Push or move a tag; \
         or leave the commit out, `/deploy {application} {name}`, and it takes the newest of them.",
        super::source(follows)
    )
}

/// An answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What is said.
    pub text: String,
    /// Whether nothing more will be said.
    pub last: bool,
}

impl Answer {
    /// Nothing more will be said.
    pub fn last(text: String) -> Self {
        Self { text, last: true }
    }

    /// More will be said when there is news.
    pub fn for_now(text: String) -> Self {
        Self { text, last: false }
    }
}

/// What a command came to without a new generation.
pub fn answered_at_once(environment: &EnvironmentId, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Nothing { reason } | Outcome::Refused { reason } => reason.clone(),
        Outcome::Raised { .. } | Outcome::Looked { .. } | Outcome::Extended { .. } => {
            format!("`{environment}`: {}", super::outcome(outcome))
        }
    }
}

/// How what somebody asked for ended, where it can be reached, and when it goes away.
pub fn came_to(text: &str, url: Option<&str>, ends: Option<Timestamp>) -> String {
    let url = url.map_or(String::new(), |url| format!("\n{url}"));
    let ends = ends.map_or(String::new(), |ends| format!("\n{}", goes_away_on(ends)));
    format!("{text}{url}{ends}")
}

/// How far a generation that somebody asked for is, or what took its place.
pub fn on_its_way(environment: &Environment, generation: u64) -> String {
    let id = &environment.id;
    match &environment.phase {
        Phase::Resolving | Phase::Deploying => format!("`{id}` is on its way."),
        Phase::Ready | Phase::Failed { .. } | Phase::NeedsAttention { .. } | Phase::Gone
            if environment.carrying < generation =>
        {
            format!("`{id}` is on its way.")
        }
        other => format!("`{id}`: {}", one_line(other)),
    }
}

/// What was asked for takes longer than it can be answered for.
pub fn takes_longer(text: &str) -> String {
    format!("{text}\nIt takes longer than I can answer here. See with `/env status`, or in the channel.")
}

/// Which environments there are, one in a line; of those that there is no room for in one answer, how many.
pub fn listed(environments: &[Environment], now: Timestamp) -> String {
    let there: Vec<_> = environments.iter().filter(|found| found.phase != Phase::Gone).collect();
    if there.is_empty() {
        return super::no_environments();
    }
    let mut room = SLACK_TEXT_LIMIT - room_in_slack(&and_more(there.len()));
    let mut lines = vec![];
    for line in there.iter().take(LISTED_LIMIT).map(|found| line(found, now)) {
        let Some(left) = room.checked_sub(room_in_slack(&line) + 1) else { break };
        room = left;
        lines.push(line);
    }
    if lines.len() < there.len() {
        lines.push(and_more(there.len() - lines.len()));
    }
    lines.join("\n")
}

fn and_more(count: usize) -> String {
    format!("… and {count} more")
}

fn line(environment: &Environment, now: Timestamp) -> String {
    let url = environment.url.as_ref().filter(|_| environment.phase == Phase::Ready);
    let url = url.map_or(String::new(), |url| format!(" {url}"));
    let left = environment.told_end();
    let left =
        left.map_or(String::new(), |at| format!(", {} left", super::time_left(at.duration_since(now))));
    format!("`{}` ({}{left}): {}{url}", environment.id, environment.kind, one_line(&environment.phase))
}

/// How one environment is.
pub fn status(id: &EnvironmentId, environment: Option<&Environment>, now: Timestamp) -> String {
    let Some(environment) = environment else { return super::no_such_environment(id) };
    let mut lines = vec![line(environment, now)];
    lines.push(format!(
        "follows {} of {}",
        super::source(&environment.source),
        environment.repository.full_name
    ));
    for (workload, chosen) in environment.revisions.iter().flat_map(|revisions| &revisions.images) {
        let commit = environment.revisions.as_ref().map(|revisions| &revisions.commit);
        let origin = commit.map_or(String::new(), |commit| super::origin(&chosen.origin, commit));
        lines.push(format!("`{workload}` `{}` {origin}", chosen.digest.short()));
    }
    lines.extend(trouble(environment));
    lines.push(format!("generation {}, wanted by {}", environment.carrying, environment.cause.actor));
    lines.join("\n")
}

/// The message about an environment in its application's channel.
pub fn in_channel(environment: &Environment, now: Timestamp) -> String {
    let mut text = format!("`{}`: {}", environment.id, one_line(&environment.phase));
    if let (Phase::Ready, Some(url)) = (&environment.phase, &environment.url) {
        let _ = write!(text, "\n{url}");
    }
    if let Some(revisions) = environment.revisions.as_ref().filter(|_| environment.phase == Phase::Ready) {
        let _ =
            write!(text, "\ncommit `{}`, wanted by {}", revisions.commit.short(), environment.cause.actor);
    }
    for line in trouble(environment) {
        let _ = write!(text, "\n{line}");
    }
    if let Some(ends) = environment.told_end() {
        let _ = write!(text, "\n{}", goes_away(environment, ends, now));
    }
    text
}

/// The message in a channel that the environment is told of no more.
pub fn left_channel(id: &EnvironmentId) -> String {
    format!("`{id}` is no longer shown in this channel. See with `/env status {id}` how it is.")
}

/// The warning before the end of a lifetime, below that message.
pub fn warning_in_channel(environment: &Environment, end: Timestamp, now: Timestamp) -> String {
    format!("`{}`: {}", environment.id, goes_away(environment, end, now))
}

/// What went wrong with an environment, as far as it is still true and its line does not say it whole.
fn trouble(environment: &Environment) -> Vec<String> {
    let mut lines = vec![];
    if let Some(instead_of) = &environment.instead_of {
        lines.push(format!("{} {}", runs_instead(instead_of), instead_of.why));
    }
    lines.extend(environment.left_behind.clone());
    lines.extend(beyond(&one_line(&environment.phase), &environment.phase));
    if let Phase::Waiting { .. } = &environment.phase {
        lines.push(tried_until(environment.deadline));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::sample::preview;

    #[test]
    fn so_many_environments_are_listed_and_the_rest_is_counted() {
        let of = |count: usize| {
            let all: Vec<Environment> = (1..=count).map(preview).collect();
            listed(&all, Timestamp::UNIX_EPOCH)
        };
        let (all, more) = (of(LISTED_LIMIT), of(LISTED_LIMIT + 1));
        assert_eq!((all.lines().count(), all.contains("more")), (LISTED_LIMIT, false));
        assert_eq!(more.lines().count(), LISTED_LIMIT + 1);
        assert!(more.ends_with("\n… and 1 more"), "{more}");
    }

    #[test]
    fn as_many_are_listed_as_there_is_room_for_and_the_rest_is_counted() {
        let (of, count) = (
            |text: &str, number: usize| {
                let phase = Phase::Waiting { why: text.repeat(100) };
                Environment { phase, ..preview(number) }
            },
            20,
        );
        for text in ["x", "<", "ü", "&"] {
            let all: Vec<Environment> = (1..=count).map(|number| of(text, number)).collect();
            let answer = listed(&all, Timestamp::UNIX_EPOCH);
            assert!(room_in_slack(&answer) <= SLACK_TEXT_LIMIT, "{}", room_in_slack(&answer));
            let lines = answer.lines().filter(|line| line.starts_with("`shop/pr-")).count();
            let counted = (lines < count).then(|| and_more(count - lines));
            assert_eq!(answer.lines().nth(lines), counted.as_deref(), "{text}: {answer}");
            let longest = room_in_slack(answer.lines().next().unwrap()) + 1;
            let full = room_in_slack(&answer) + longest + 2 > SLACK_TEXT_LIMIT;
            assert_eq!(full, counted.is_some(), "{text}: there was no room for one more");
        }
    }

    #[test]
    fn what_is_wrong_is_escaped_once() {
        let phase = Phase::Waiting { why: "a < b, says @ada".to_owned() };
        let environment = Environment { phase, ..preview(1) };
        let text = in_channel(&environment, Timestamp::UNIX_EPOCH);
        assert!(text.starts_with("`shop/pr-1`: waiting: a < b, says @ada\n"), "{text}");
        assert_eq!(text.matches("a < b").count(), 1, "{text}");
    }
}
