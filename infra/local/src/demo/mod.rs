//! Journeys through the stack, as people see them: played, told while they happen, and checked against the outside.

mod chat;
mod checks;
mod image_push;
mod journey;
mod progress;
pub mod report;
mod words;

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
    let mut journey = Journey::new(stack);
    journey.within(which, report, limit).await;
    let outcome = Outcome::of(which, &journey).await;
    report.conclude(&outcome);
    outcome.ok
}

impl Journey<'_> {
    /// Plays it within a limit of time, and tells of every move; answers whether all is as it should be.
    pub async fn within(&mut self, which: Which, report: &Report, limit: Duration) -> bool {
        let watched = progress::tell(self.stack, report);
        let journey = &mut *self;
        let played = async {
            match which {
                Which::PullRequest => journey.play(report).await,
                Which::ImagePush => journey.play_image_push(report).await,
                Which::Chat => journey.play_chat(report).await,
            }
        };
        let played = tokio::select! {
            played = tokio::time::timeout(limit, played) => played,
            never = watched => match never {},
        };
        match played {
            Ok(Ok(())) => {}
            Ok(Err(problem)) => self.differences.push(problem.to_string()),
            Err(_) => {
                let (seconds, stands) = (limit.as_secs(), self.stands().await);
                let told = format!("not over after {seconds} s; {stands}\n  next: give a longer `--limit`");
                self.differences.insert(0, told);
            }
        }
        self.differences.is_empty()
    }
}
