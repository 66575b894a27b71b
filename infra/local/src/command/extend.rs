//! `extend`: an environment lives longer, because the person at this machine asks for it.

use super::{
    follow::{Ended, Following, Tell},
    running::RunningStack,
};
use crate::{problem::Problem, stack::desk};
use jiff::SignedDuration;
use roadstead_domain::{name::EnvironmentId, platform::duration};
use std::time::Duration;

/// What is to live longer.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Extend {
    /// The environment, such as `shop/pr-42`.
    pub environment: EnvironmentId,
    /// By how much, such as `4h`; by the lifetime of its type, if none is given.
    #[arg(long, value_parser = duration::parse)]
    pub by: Option<SignedDuration>,
}

impl Extend {
    /// Asks for it, and tells what came of it.
    ///
    /// # Errors
    /// When the stack does not take the note.
    pub async fn run(&self, stack: &RunningStack, tell: Tell<'_>) -> Result<Ended, Problem> {
        let heard = stack.hear().await?;
        let asked = desk::Extend { environment: self.environment.clone(), by: self.by };
        let noted = stack.ask("extend", &asked).await?;
        Following { stack, heard, tell }.to_its_end(&noted.trigger, Duration::from_secs(super::LIMIT)).await
    }
}
