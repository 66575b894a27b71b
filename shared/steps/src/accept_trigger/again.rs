//! Trying again what failed, because a person asks for it.

use super::{concern::Concern, told::Told};
use roadstead_domain::{
    environment::{Environment, Phase},
    name::EnvironmentId,
    sentence,
    trigger::Outcome,
};

/// The environment that is to be tried again.
pub(super) fn concern(environment: &EnvironmentId) -> Concern {
    Concern { environment: environment.clone(), told: Ok(Told::Again), follows: None }
}

/// What comes of it where no new generation is needed: a teardown that is held goes on at once, and what has not failed stays
/// as it is. What was given back in the place of a failure may be tried anew.
pub(super) fn without_a_generation(environment: &Environment) -> Option<Outcome> {
    let failed = matches!(environment.phase, Phase::Failed { .. } | Phase::NeedsAttention { .. });
    let held = matches!(environment.phase, Phase::Closing { held_by: Some(_) });
    let returned = environment.returning && environment.phase == Phase::Ready;
    match environment.is_at_rest() {
        false if failed || held => Some(Outcome::Looked { generation: environment.carrying }),
        true if failed || returned => None,
        _ => Some(Outcome::Nothing { reason: sentence::nothing_to_retry(&environment.id) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadstead_domain::{refusal::Refusal, step::Stage};
    use serde_json::json;

    fn environment(stage: Option<Stage>, phase: Phase, returning: bool) -> Environment {
        let cause = json!({ "trigger": "t", "actor": { "kind": "roadstead" }, "at": 0 });
        let row = json!({
            "id": "shop/pr-2", "mark": "m", "outside_name": "o", "kind": "preview", "incarnation": 1, "carrying": 7,
            "source": { "kind": "pull-request", "number": 2 },
            "repository": { "host": "github", "id": 1, "full_name": "acme/shop" },
            "wanted": { "generation": 7, "looks": 0, "intent": { "kind": "follow", "hint": null }, "cause": cause },
            "hold": false, "cause": cause, "returning": returning, "attempts": 0, "stage": stage, "phase": phase,
            "phase_since": 0, "begun_at": 0, "stage_since": 0, "deadline": 0,
            "inventory": { "namespaces": [], "objects": [], "records": [] },
        });
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn only_what_failed_is_tried_again_and_a_teardown_goes_on_as_it_is() {
        let refusal = Refusal::broken("why");
        let attention = || Phase::NeedsAttention { refusal: refusal.clone() };
        let nothing =
            Some(Outcome::Nothing { reason: sentence::nothing_to_retry(&"shop/pr-2".parse().unwrap()) });
        let goes_on = Some(Outcome::Looked { generation: 7 });
        for (stage, phase, returning, expected) in [
            (None, attention(), false, &None),
            (None, Phase::Failed { refusal: refusal.clone() }, false, &None),
            (None, Phase::Ready, true, &None),
            (None, Phase::Ready, false, &nothing),
            (Some(Stage::FIRST), Phase::Deploying, true, &nothing),
            (Some(Stage::FIRST_UNDO), Phase::Closing { held_by: None }, false, &nothing),
            (Some(Stage::FIRST_UNDO), Phase::Closing { held_by: Some("it".to_owned()) }, false, &goes_on),
            (Some(Stage::FIRST_UNDO), attention(), false, &goes_on),
        ] {
            let environment = environment(stage, phase, returning);
            assert_eq!(without_a_generation(&environment), *expected, "{stage:?} {:?}", environment.phase);
        }
    }
}
