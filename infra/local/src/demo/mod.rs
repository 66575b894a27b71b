//! A journey through the stack, as a person sees it: played, told while it happens, and checked against the outside.

mod checks;
mod journey;
mod progress;
pub mod report;

pub use journey::{Journey, PullRequest, Running};

use crate::stack::Stack;
use report::{Outcome, Report};
use std::time::Duration;

/// Plays the journey of a pull request within a limit of time; answers whether all ended as it should.
pub async fn play(stack: &Stack, report: &Report, limit: Duration) -> bool {
    let watched = progress::tell(stack, report);
    let mut journey = Journey::new(stack);
    let played = async {
        tokio::select! {
            played = tokio::time::timeout(limit, journey.play(report)) => played,
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
    let outcome = Outcome::of(&journey).await;
    report.conclude(&outcome);
    outcome.ok
}
