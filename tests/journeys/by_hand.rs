//! A stage that is carried out by hand, with work that a journey makes up.

use super::*;
use jiff::SignedDuration;
use roadstead_domain::{environment::Environment, refusal::Refusal, step::Stage};
use roadstead_steps::{
    carry::carry,
    context::Invocation,
    nouns::{
        State as _, Time as _,
        state::{Condition, Write},
    },
    step::StepWork,
};

/// The claim of whoever carries a stage out by hand.
pub const BY_HAND: &str = "by hand";

impl World {
    /// Lets the environment stand at its first stage, and carries that out.
    pub async fn carry_by_hand(
        &self,
        mut environment: Environment,
        work: &dyn StepWork,
    ) -> Result<(), Refusal> {
        environment.stage = Some(Stage::FIRST);
        let row = rows::row(rows::environment(&environment.id), &environment, None).unwrap();
        self.state.commit(&[Write::Put(row, Condition::Always)]).await.unwrap();
        let deadline = self.time.now() + SignedDuration::from_mins(10);
        let invocation = Invocation { token: BY_HAND.to_owned(), deadline };
        let (id, generation) = (&environment.id, environment.carrying);
        carry(&self.context, work, id, generation, Stage::FIRST, &invocation).await
    }
}
