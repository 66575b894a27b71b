//! `retry`: an environment that failed is tried again, because the person at this machine asks for it.

use super::{
    follow::{Ended, Following, Tell},
    running::RunningStack,
};
use crate::{problem::Problem, stack::desk};
use roadstead_domain::name::EnvironmentId;
use std::time::Duration;

/// What is to be tried again.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Retry {
    /// The environment, such as `shop/pr-42`.
    pub environment: EnvironmentId,
    /// How long it may take, in seconds.
    #[arg(long, default_value_t = super::LIMIT)]
    pub limit: u64,
}

impl Retry {
    /// Asks for it, and follows what comes of it until the environment is at rest.
    ///
    /// # Errors
    /// When the stack does not take the note.
    pub async fn run(&self, stack: &RunningStack, tell: Tell<'_>) -> Result<Ended, Problem> {
        let heard = stack.hear().await?;
        let asked = desk::Retry { environment: self.environment.clone() };
        let noted = stack.ask("retry", &asked).await?;
        Following { stack, heard, tell }.to_its_end(&noted.trigger, Duration::from_secs(self.limit)).await
    }
}
