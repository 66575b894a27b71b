//! The steps. Each does one thing to one outside system, with its undo beside it.

pub mod adoption;
pub mod apply_to_eks;
pub mod create_dns;
pub mod objects;
pub mod provision_environment;
pub mod resolve_config;
pub(crate) mod site;
pub mod verify_rollout;

use crate::{
    carry::{Next, Work},
    context::Context,
};
use jiff::SignedDuration;
use roadstead_domain::{
    plan::{Part, Plan},
    refusal::Refusal,
    sentence,
    step::Step,
};

/// How long after the last call that was given up something might still come.
pub(crate) const LATE_MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// One step. Both directions may be begun any number of times and end the same.
#[async_trait::async_trait]
pub trait StepWork: Send + Sync {
    /// Which step it is.
    fn step(&self) -> Step;

    /// Carries the step out.
    ///
    /// # Errors
    /// A refusal, in one of three classes.
    async fn carry_out(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal>;

    /// Takes away what the step made, by inventory and marks and never by configuration.
    ///
    /// # Errors
    /// A refusal, in one of three classes.
    async fn undo(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal>;
}

/// Says in which cluster something was refused, where the plan has more than one.
pub(crate) fn whose(plan: &Plan, part: &Part, mut refusal: Refusal) -> Refusal {
    if plan.parts.len() > 1 {
        refusal.text = sentence::in_cluster(&part.cluster, &refusal.text);
    }
    refusal
}

/// What was refused in several places, one after the other: each is tried, and the first refusal is told.
#[derive(Default)]
pub(crate) struct Refused(Option<Refusal>);

impl Refused {
    /// Remembers a refusal; answers what was not refused.
    pub(crate) fn pass<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        let refusal = match result {
            Ok(done) => return Some(done),
            Err(refusal) => refusal,
        };
        let maybe_done = refusal.maybe_done;
        self.0.get_or_insert(refusal).maybe_done |= maybe_done;
        None
    }

    /// The first refusal, if there was one.
    pub(crate) fn end(self) -> Result<(), Refusal> {
        self.0.map_or(Ok(()), Err)
    }
}
