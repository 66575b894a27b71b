//! A trigger is followed through so many generations that took each other's place.

use super::{environment, put, row_of};
use crate::simulation::{calm, in_virtual_time};
use roadstead_domain::{
    actor::Actor,
    trigger::{HowClosed, Outcome, Sighting, Trigger},
};
use roadstead_steps::{
    outcome::{self, GENERATIONS_LIMIT, Standing},
    rows,
};
use serde_json::json;

/// What is told of a trigger that led to generation 1 of an environment where only the last of so many was carried out.
async fn followed(generations: u64) -> (Standing, String) {
    let world = calm(|platform| platform).await;
    let mut environment = environment(&world, "try");
    environment.carrying = generations;
    let cause = json!({ "trigger": "t", "actor": { "kind": "roadstead" }, "at": 0 });
    let result = |generation: u64| {
        if generation == generations {
            json!({ "kind": "ready" })
        } else {
            json!({ "kind": "superseded", "by": generation + 1 })
        }
    };
    let record = |generation: u64| {
        let record = json!({
            "generation": generation, "cause": cause, "platform": "p", "bound": { "kind": "nothing" }, "chunks": 0,
            "ended": { "at": 0, "result": result(generation) },
        });
        rows::row(rows::deployment(&environment.id, generation), &record, None).unwrap()
    };
    put(&world, (1..=generations).map(record).chain([row_of(&environment)])).await;
    let trigger = Trigger {
        key: "t".to_owned(),
        actor: Actor::Roadstead,
        received_at: world.context.now(),
        sighting: Sighting::Retry { environment: environment.id.clone() },
        reply: None,
        outcomes: [(environment.id.clone(), Outcome::Raised { generation: 1 })].into(),
        closed: Some(HowClosed::Told.because("one environment was told")),
    };
    let outcome = outcome::of(world.state.as_ref(), &trigger).await.unwrap();
    assert!(outcome.done);
    (outcome.state, outcome.text)
}

#[test]
fn a_trigger_is_followed_through_so_many_generations_and_then_says_so() {
    in_virtual_time(async {
        let (state, text) = followed(GENERATIONS_LIMIT).await;
        assert_eq!(state, Standing::Ready);
        assert!(text.contains("generation 100 took the place of generation 1: ready"), "{text}");
        let (state, text) = followed(GENERATIONS_LIMIT + 1).await;
        assert_eq!(state, Standing::Nothing);
        assert!(text.contains("more than 100 newer generations took its place"), "{text}");
    });
}
