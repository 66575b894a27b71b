//! What a stage writes when it lets its environment go: always a row that the table can hold.

use super::*;
use crate::simulation::admin::deployment;
use jiff::SignedDuration;
use roadstead_domain::{refusal::Refusal, step::Step};
use roadstead_steps::{
    carry::{Next, Work},
    context::Context,
    step::StepWork,
};
use serde_json::Value;

/// How many stages go forward.
const STAGES: usize = 5;

#[test]
fn what_is_lost_again_and_again_is_told_once_for_each_stage() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, id, namespace, .. } = &preview;
        world.cluster.lock().unwrap().set_ready_after(SignedDuration::from_hours(1));
        preview.push("a change");
        let mut lost = 0;
        for _ in 0..40 {
            world.pass(Duration::from_secs(10)).await;
            let there = world.object("Deployment", namespace, "web").is_some();
            if there {
                world.admin("DELETE", &deployment(namespace, "web"), &Value::Null);
                lost += 1;
            }
        }
        assert!(lost > 5, "{lost}");
        let environment = world.environment(id).unwrap();
        let progress = &environment.progress;
        assert!(progress.len() <= STAGES, "{lost} times lost: {} entries", progress.len());
        let apply = progress.iter().find(|progress| progress.stage.to_string().contains("apply")).unwrap();
        assert!(apply.attempts > 5 && apply.milliseconds > 0, "{apply:?}");
        let spent: u64 = progress.iter().map(|progress| progress.milliseconds).sum();
        let since = environment.stage_since.duration_since(environment.begun_at).as_millis();
        assert_eq!(i128::from(spent), since);
    });
}

/// A stage whose row is larger than the table takes.
struct TooLarge;

#[async_trait::async_trait]
impl StepWork for TooLarge {
    fn step(&self) -> Step {
        Step::ResolveConfig
    }

    async fn carry_out(&self, _: &Context, work: &mut Work) -> Result<Next, Refusal> {
        work.environment.left_behind = Some("x".repeat(500_000));
        Ok(Next::Ready)
    }

    async fn undo(&self, _: &Context, _: &mut Work) -> Result<Next, Refusal> {
        Ok(Next::Gone)
    }
}

#[test]
fn what_the_table_refuses_is_not_written_again() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let world = &preview.world;
        let before = world.state.calls()["commit"];
        let environment = world.environment(&preview.id).unwrap();
        let released = world.carry_by_hand(environment, &TooLarge).await.unwrap_err();
        assert_eq!(
            world.state.calls()["commit"] - before,
            2,
            "that it stands there, and the one that is refused"
        );
        assert!(released.text.contains("maximum allowed size"), "{released}");
    });
}
