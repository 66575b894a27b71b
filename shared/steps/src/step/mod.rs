//! The steps. Each does one thing to one outside system, with its undo beside it.

pub mod apply_to_eks;
pub mod create_dns;
pub mod objects;
pub mod provision_environment;
pub mod resolve_config;
pub mod verify_rollout;

use crate::{
    carry::{Next, Work},
    context::{Context, Invocation},
};
use roadstead_domain::{refusal::Refusal, step::Step};

/// One step. Both directions may be begun any number of times and end the same.
#[async_trait::async_trait]
pub trait StepWork: Send + Sync {
    /// Which step it is.
    fn step(&self) -> Step;

    /// Carries the step out.
    ///
    /// # Errors
    /// A refusal, in one of three classes.
    async fn carry_out(
        &self,
        context: &Context,
        work: &mut Work,
        invocation: &Invocation,
    ) -> Result<Next, Refusal>;

    /// Takes away what the step made, by inventory and marks and never by configuration.
    ///
    /// # Errors
    /// A refusal, in one of three classes.
    async fn undo(
        &self,
        context: &Context,
        work: &mut Work,
        invocation: &Invocation,
    ) -> Result<Next, Refusal>;
}
