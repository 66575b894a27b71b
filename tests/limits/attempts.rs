//! A stage is begun so often, and once more only to say that it does not end.

use super::{environment, put, row_of};
use crate::simulation::{calm, in_virtual_time};
use roadstead_domain::{
    environment::Phase,
    refusal::{Class, Refusal},
    step::{Direction, Stage, Step},
};
use roadstead_steps::{
    carry::{ATTEMPTS_LIMIT, Next, Work, carry},
    context::{Context, Invocation},
    step::StepWork,
};
use std::sync::atomic::{AtomicU32, Ordering};

/// A step that never ends: the outside is not there.
#[derive(Default)]
struct Endless {
    begun: AtomicU32,
}

impl Endless {
    fn begin(&self) -> Result<Next, Refusal> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        Err(Refusal::unavailable("nobody answers"))
    }
}

#[async_trait::async_trait]
impl StepWork for Endless {
    fn step(&self) -> Step {
        Step::ResolveConfig
    }

    async fn carry_out(&self, _: &Context, _: &mut Work) -> Result<Next, Refusal> {
        self.begin()
    }

    async fn undo(&self, _: &Context, _: &mut Work) -> Result<Next, Refusal> {
        self.begin()
    }
}

/// How often the work was done, and the phase, after the stage was begun so often.
async fn begun(direction: Direction, times: u32) -> (u32, Phase) {
    let world = calm(|platform| platform).await;
    let stage = Stage { step: Step::ResolveConfig, direction };
    let mut environment = environment(&world, "try");
    environment.stage = Some(stage);
    put(&world, [row_of(&environment)]).await;
    let step = Endless::default();
    for attempt in 1..=times {
        let deadline = world.context.now() + jiff::SignedDuration::from_secs(30);
        let invocation = Invocation { token: format!("attempt {attempt}"), deadline };
        carry(&world.context, &step, &environment.id, 1, stage, &invocation).await.unwrap();
    }
    (step.begun.load(Ordering::SeqCst), world.environment("shop/try").unwrap().phase)
}

#[test]
fn a_stage_that_does_not_end_is_begun_so_often_and_then_needs_attention() {
    in_virtual_time(async {
        let (worked, phase) = begun(Direction::Forward, ATTEMPTS_LIMIT).await;
        assert_eq!(worked, ATTEMPTS_LIMIT);
        assert!(matches!(phase, Phase::Waiting { .. }), "{phase:?}");
        let (worked, phase) = begun(Direction::Forward, ATTEMPTS_LIMIT + 1).await;
        assert_eq!(worked, ATTEMPTS_LIMIT);
        let Phase::NeedsAttention { refusal } = phase else { panic!("it is {phase:?}") };
        assert_eq!(refusal.class, Class::Broken);
        assert!(refusal.text.contains("was begun 26 times and did not end"), "{refusal}");
    });
}

#[test]
fn teardown_is_begun_however_often() {
    in_virtual_time(async {
        let (worked, phase) = begun(Direction::Undo, ATTEMPTS_LIMIT + 1).await;
        assert_eq!(worked, ATTEMPTS_LIMIT + 1);
        assert!(matches!(phase, Phase::Closing { .. }), "{phase:?}");
    });
}
