//! The story of an environment and of a trigger: who wanted what, and what came of it.

use super::{configuration, one_line};
use crate::{
    announcement::AnnouncementKey,
    deployment::{Bound, EndResult},
    environment::Phase,
    intent::{AbsentReason, Source},
    step::Stage,
    trigger::{Outcome, Sighting},
};
use jiff::SignedDuration;

/// What a trigger says.
pub fn sighting(sighting: &Sighting) -> String {
    match sighting {
        Sighting::PullRequest { repository, number, head, from_fork } => {
            let fork = if *from_fork { ", from a fork" } else { "" };
            format!("pull request {number} of {} at {}{fork}", repository.full_name, head.short())
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

/// A newer generation took the place of one.
pub fn superseded(by: u64) -> String {
    format!("superseded by generation {by}")
}

/// A generation has not ended: what people are told of it, and which step it is at.
pub fn under_way(phase: &Phase, stage: Option<Stage>, attempts: u32) -> String {
    let stage = stage.map_or(String::new(), |stage| format!(", at {stage}, begun {attempts} times"));
    let more = match phase {
        Phase::Waiting { why: more } | Phase::Closing { held_by: Some(more) } => format!("\n{more}"),
        Phase::NeedsAttention { refusal } => format!("\n{}", refusal.text),
        _ => String::new(),
    };
    format!("{}{stage}{more}", one_line(phase))
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
}
