//! What came of a trigger, for whoever waits for it.

use super::ended;
use crate::{deployment::EndResult, name::EnvironmentId};

/// Nobody has decided yet whom a trigger concerns.
pub fn noted() -> String {
    "It was noted, and is about to be looked at.".to_owned()
}

/// What came of a trigger that concerns one environment.
pub fn outcome_of_one(environment: &EnvironmentId, text: &str) -> String {
    format!("`{environment}`: {text}")
}

/// What came of a trigger that concerns several environments: how many there are of each kind.
pub fn outcome_of_many(counts: &[(&str, usize)]) -> String {
    let all: usize = counts.iter().map(|(_, count)| count).sum();
    let each: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    format!("{all} environments: {}", each.join(", "))
}

/// How a generation that a trigger led to has ended, and whether it runs what the trigger was about.
pub fn outcome_ended(result: &EndResult, runs_it: bool) -> String {
    match result {
        EndResult::Ready if !runs_it => "ready, with another image".to_owned(),
        result => ended(result),
    }
}

/// A generation takes the environment away.
pub fn outcome_absent() -> String {
    "it is being removed, and runs nothing new".to_owned()
}

/// A generation is wanted and was not begun.
pub fn outcome_waits() -> String {
    "waits until what is being carried out has ended".to_owned()
}

/// The same of a newer generation, which took the place of the one that was asked for.
pub fn outcome_superseded(first: u64, by: u64, text: &str) -> String {
    if first == by {
        text.to_owned()
    } else {
        format!("generation {by} took the place of generation {first}: {text}")
    }
}

/// So many generations were superseded that they are not followed further.
pub fn outcome_lost(limit: u64) -> String {
    format!("more than {limit} newer generations took its place. Ask for the newest one.")
}

/// An environment cannot be read.
pub fn outcome_unreadable() -> String {
    "its row cannot be read; whoever operates Roadstead must mend it".to_owned()
}

/// There is nothing of that name for whoever asks.
pub fn outcome_unknown() -> String {
    "there is no such outcome, or it belongs to another key".to_owned()
}

/// So many environments were told what a trigger says.
pub fn told(environments: usize) -> String {
    match environments {
        1 => "one environment was told".to_owned(),
        many => format!("{many} environments were told"),
    }
}

/// As many environments were told as one trigger tells, and so many more were not.
pub fn told_some(told: usize, left: usize) -> String {
    format!(
        "{told} environments were told, the most that one event tells, and {left} more were not. They catch up when their \
         repository is looked at, about every ten minutes; retry one that cannot wait."
    )
}

/// The same with how those stand that were told.
pub fn outcome_of_some(of_told: &str, of_others: &str) -> String {
    format!("{of_told}. {of_others}")
}

/// A pull request comes from a fork.
pub fn forks_get_nothing() -> String {
    "pull requests from forks get nothing".to_owned()
}

/// No application previews pull requests of a repository.
pub fn nobody_previews() -> String {
    "no application previews this repository".to_owned()
}

/// No environment follows a branch.
pub fn nobody_follows() -> String {
    "no environment follows this branch".to_owned()
}

/// An image is no news to any environment.
pub fn nobody_waits() -> String {
    "no environment waits for this image".to_owned()
}

/// No environment has run a commit.
pub fn nobody_ran() -> String {
    "no environment has run this commit".to_owned()
}

/// Pushes of a registry are not believed.
pub fn registry_unknown() -> String {
    "the registry is not one of the platform configuration".to_owned()
}
