//! `retry`: an environment that failed is tried again, because the person at this machine asks for it.

use super::{
    follow::{Ended, Following, Tell},
    running::RunningStack,
};
use crate::{
    problem::Problem,
    stack::desk::{self, Noted},
};
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
        let url = format!("{}/retry", stack.local.desk);
        let asked = desk::Retry { environment: self.environment.clone() };
        let answer = stack.post(&url, Some(&stack.local.secrets.desk), &asked).await?;
        if !answer.status().is_success() {
            let what = format!("the stack did not take the note: {}", answer.status());
            return Err(Problem::new(what, "try it again"));
        }
        let noted: Noted = serde_json::from_slice(answer.body())
            .map_err(|error| Problem::unexpected(format!("the stack's answer is not understood: {error}")))?;
        Following { stack, heard, tell }.to_its_end(&noted.trigger, Duration::from_secs(self.limit)).await
    }
}
