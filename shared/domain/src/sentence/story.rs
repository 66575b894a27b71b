//! The story of an environment and of a trigger: who wanted what, and what came of it.

use super::{configuration, one_line};
use crate::{
    announcement::AnnouncementKey,
    deployment::{Bound, EndResult},
    environment::{InsteadOf, Phase},
    intent::{AbsentReason, Occasion, Source},
    refusal::Refusal,
    repository::Commit,
    step::{Direction, Stage, Step},
    trigger::{Outcome, Sighting},
};
use jiff::SignedDuration;

/// What a trigger says.
pub fn sighting(sighting: &Sighting) -> String {
    match sighting {
        Sighting::PullRequest { repository, number, head, from_fork, closed } => {
            let fork = if *from_fork { ", from a fork" } else { "" };
            let closed = if *closed { ", closed" } else { "" };
            format!("pull request {number} of {} at {}{fork}{closed}", repository.full_name, head.short())
        }
        Sighting::Push { repository, branch, head: Some(head) } => {
            format!("a push to `{branch}` of {} at {}", repository.full_name, head.short())
        }
        Sighting::Push { repository, branch, head: None } => {
            format!("`{branch}` of {} was deleted", repository.full_name)
        }
        Sighting::ImagePushed { place, tag, digest } => {
            format!("the image {}:{tag}, {}", place.repository, digest.short())
        }
        Sighting::ImageBuilt { image, digest, commit, .. } => {
            format!("the image {} of {image}, built from {}", digest.short(), commit.short())
        }
        Sighting::Command { command } => format!("`{}`", super::command::typed(command)),
        Sighting::ChecksAgain { repository, commit, environment: None } => {
            format!("run the checks of {} in {} again", commit.short(), repository.full_name)
        }
        Sighting::ChecksAgain { commit, environment: Some(environment), .. } => {
            format!("run the check of `{environment}` at {} again", commit.short())
        }
        Sighting::Configuration { hash } => format!("the platform configuration {}", configuration(hash)),
        Sighting::Retry { environment } => format!("try `{environment}` again"),
        Sighting::Extend { environment, .. } => format!("let `{environment}` live longer"),
    }
}

/// Why something was wanted, where the event is not known.
pub fn occasion(occasion: &Occasion) -> String {
    match occasion {
        Occasion::Trigger(_) => "an event that is not kept any more".to_owned(),
        Occasion::Look { .. } => "its repository was looked at".to_owned(),
        Occasion::LifetimeOver { .. } => "its lifetime is over".to_owned(),
        Occasion::ReturnFrom(generation) => format!("returns to what was ready, as #{generation} failed"),
        Occasion::Configuration { hash, .. } => {
            format!("the platform configuration {}", configuration(hash))
        }
    }
}

/// What came of a trigger for one environment.
pub fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Raised { generation } => format!("wanted anew, as generation {generation}"),
        Outcome::Looked { generation } => format!("generation {generation} looks again"),
        Outcome::Extended { until, latest } => super::extended(*until, *latest),
        Outcome::Nothing { reason } => format!("nothing changes: {reason}"),
        Outcome::Refused { reason } => format!("refused: {reason}"),
    }
}

/// What an environment follows.
pub fn source(source: &Source) -> String {
    match source {
        Source::PullRequest { number } => format!("pull request {number}"),
        Source::Branch { branch } => format!("the branch `{branch}`"),
        Source::Tags { rule } => rule.to_string(),
    }
}

/// What a generation was bound to.
pub fn bound(bound: &Bound) -> String {
    match bound {
        Bound::Present { revisions } => {
            format!("commit {}{}", revisions.commit.short(), super::by_tags(revisions))
        }
        Bound::Absent { reason } => format!("to be gone: {}", absent(*reason)),
        Bound::Nothing => "bound to nothing".to_owned(),
    }
}

fn absent(reason: AbsentReason) -> &'static str {
    match reason {
        AbsentReason::Closed => "its pull request is closed",
        AbsentReason::Draft => "its pull request is a draft",
        AbsentReason::Expired => "its lifetime is over",
        AbsentReason::Asked => "somebody asked for it",
    }
}

/// How a generation ended.
pub fn ended(result: &EndResult) -> String {
    match result {
        EndResult::Ready => one_line(&Phase::Ready),
        EndResult::Gone => one_line(&Phase::Gone),
        EndResult::Superseded { by } => superseded(*by),
        EndResult::Failed { refusal } => format!("failed: {}", refusal.text),
    }
}

/// A generation failed, and the next one brings back what was ready.
pub fn failed_and_returns(failed: &InsteadOf, to: Option<&Commit>) -> String {
    let failed = one_line(&Phase::Failed { refusal: Refusal::rejected(failed.why.clone()) });
    let to = to.map_or("what was ready before", Commit::short);
    format!("{}; returns to {to}", failed.trim_end_matches('.'))
}

/// A newer generation took the place of one.
pub fn superseded(by: u64) -> String {
    format!("superseded by generation {by}")
}

/// A generation has not ended: what people are told of it, and which step it is at.
pub fn under_way(phase: &Phase, stage: Option<Stage>, attempts: u32) -> String {
    let begun = if attempts > 1 { format!(", begun {attempts} times") } else { String::new() };
    let stage = stage.map_or(String::new(), |stage| format!(", at {stage}: {}{begun}", doing(stage)));
    let more = match phase {
        Phase::Waiting { why: more } | Phase::Closing { held_by: Some(more) } => format!("\n{more}"),
        Phase::NeedsAttention { refusal } => format!("\n{}", refusal.text),
        _ => String::new(),
    };
    format!("{}{stage}{more}", one_line(phase))
}

/// What a step does, or what it waits for.
fn doing(stage: Stage) -> &'static str {
    match (stage.direction, stage.step) {
        (Direction::Forward, Step::ResolveConfig) => {
            "it reads what its source says, and finds the images of that"
        }
        (Direction::Forward, Step::ProvisionEnvironment) => "it makes the namespace and its limits",
        (Direction::Forward, Step::ApplyToEks) => "it applies the objects",
        (Direction::Forward, Step::CreateDns) => "it sees to its name in DNS",
        (Direction::Forward, Step::VerifyRollout) => {
            "it waits until every object is ready and its name is known"
        }
        (Direction::Undo, Step::CreateDns) => "it takes its name out of DNS",
        (Direction::Undo, Step::ApplyToEks) => "it deletes the objects",
        (Direction::Undo, Step::ProvisionEnvironment) => "it waits until the namespace is gone",
        (Direction::Undo, Step::VerifyRollout | Step::ResolveConfig) => "it makes sure that nothing is left",
    }
}

/// What people are told of an environment, with everything that is wrong with it.
pub fn whole(phase: &Phase) -> String {
    match phase {
        Phase::Failed { refusal } => format!("failed: {}", refusal.text),
        Phase::NeedsAttention { refusal } => format!("needs attention: {}", refusal.text),
        other => one_line(other),
    }
}

/// A generation is wanted, and the one before it must end first.
pub fn waits(generation: u64) -> String {
    format!("generation {generation} is wanted, and waits for this one to end")
}

/// There is no environment of this name.
pub fn not_there(environment: &crate::name::EnvironmentId) -> String {
    format!("There is no environment `{environment}`.")
}

/// There is no environment at all.
pub fn no_environments() -> String {
    "There are no environments.".to_owned()
}

/// People were shown what was owed to them.
pub fn announced(announcement: &AnnouncementKey) -> String {
    match announcement {
        AnnouncementKey::Comment { repository, number } => {
            format!("the comment of pull request {number} of {} says so", repository.full_name)
        }
        AnnouncementKey::Channel { environment } => format!("the channel is told of `{environment}`"),
        AnnouncementKey::Reply { .. } => "the command is answered".to_owned(),
        AnnouncementKey::Deployments { environment } => format!("the deployments of `{environment}` say so"),
    }
}

/// What is left of a lifetime, to the minute.
pub fn time_left(left: SignedDuration) -> String {
    let minutes = left.as_mins().max(0);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, minutes) => format!("{hours}h {minutes}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_to_the_minute() {
        for (seconds, told) in [(-60, "0m"), (59, "0m"), (60, "1m"), (3_599, "59m"), (3_600, "1h 0m")] {
            assert_eq!(time_left(SignedDuration::from_secs(seconds)), told, "{seconds}");
        }
    }

    #[test]
    fn what_is_under_way_says_what_it_waits_for_and_counts_only_what_is_done_again() {
        let stage = Stage { step: Step::VerifyRollout, direction: Direction::Forward };
        for (attempts, counted) in [(0, false), (1, false), (2, true)] {
            let told = under_way(&Phase::Deploying, Some(stage), attempts);
            assert!(told.starts_with("being deployed, at verify-rollout: it waits until"), "{told}");
            assert_eq!(told.contains("begun 2 times"), counted, "{told}");
        }
    }

    #[test]
    fn an_occasion_that_is_no_event_is_told_in_words() {
        let configuration = Occasion::Configuration { hash: "0123456789abcdef".to_owned(), since: 0 };
        for (known, told) in [
            (Occasion::Look { repository: "github-1".to_owned(), at: 0 }, "its repository was looked at"),
            (Occasion::LifetimeOver { at: 0 }, "its lifetime is over"),
            (Occasion::ReturnFrom(4), "returns to what was ready, as #4 failed"),
            (configuration, "the platform configuration 0123456789ab"),
            (Occasion::Trigger("github#0123".to_owned()), "an event that is not kept any more"),
        ] {
            assert_eq!(occasion(&known), told);
        }
    }
}
