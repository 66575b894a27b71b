//! Journeys through the stack, as people see them: played, told while they happen, and checked against the outside.

mod chat;
mod checks;
mod image_push;
mod journey;
mod progress;
pub mod report;

pub use journey::{Journey, PullRequest, Running};

use crate::stack::Stack;
use report::{Outcome, Report};
use std::time::Duration;

/// A journey that can be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Which {
    /// A pull request is opened, pushed to, and closed.
    PullRequest,
    /// Images are pushed: they roll out in two clusters, and a broken one is returned from.
    ImagePush,
    /// A team asks in Slack for an environment, asks about it, and lets it go.
    Chat,
}

impl Which {
    /// All of them, in the order in which they are played.
    pub const ALL: [Self; 3] = [Self::PullRequest, Self::ImagePush, Self::Chat];

    /// What it is called, on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::PullRequest => "pull-request",
            Self::ImagePush => "image-push",
            Self::Chat => "chat",
        }
    }
}

/// Plays journeys one after the other, each within a limit of time; answers whether all ended as they should.
pub async fn play_all(stack: &Stack, report: &Report, limit: Duration, journeys: &[Which]) -> bool {
    let mut ok = true;
    for which in journeys {
        report.tell(&format!("journey {}", which.name()));
        ok &= play(stack, report, limit, *which).await;
    }
    ok
}

/// Plays one journey within a limit of time; answers whether it ended as it should.
async fn play(stack: &Stack, report: &Report, limit: Duration, which: Which) -> bool {
    let watched = progress::tell(stack, report);
    let mut journey = Journey::new(stack);
    let played = async {
        let played = async {
            match which {
                Which::PullRequest => journey.play(report).await,
                Which::ImagePush => journey.play_image_push(report).await,
                Which::Chat => journey.play_chat(report).await,
            }
        };
        tokio::select! {
            played = tokio::time::timeout(limit, played) => played,
            never = watched => match never {},
        }
    };
    match played.await {
        Ok(Ok(())) => {}
        Ok(Err(problem)) => journey.differences.push(problem.to_string()),
        Err(_) => {
            let stands = journey.stands().await;
            journey
                .differences
                .push(format!("the journey was not over after {} s; {stands}", limit.as_secs()));
        }
    }
    let outcome = Outcome::of(which, &journey).await;
    report.conclude(&outcome);
    outcome.ok
}
