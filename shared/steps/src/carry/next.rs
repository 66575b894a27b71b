//! What comes after a stage.

use jiff::Timestamp;
use roadstead_domain::{
    environment::{Environment, Phase},
    refusal::Refusal,
    step::Stage,
};

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// The stage is done; the one after it follows.
    On,
    /// Another stage follows.
    Turn(Stage),
    /// The same stage again, at this moment. It is a wait and no failure.
    Wait {
        /// When.
        until: Timestamp,
        /// What people are told meanwhile, if it changes.
        phase: Option<Phase>,
    },
    /// The same stage again, at this moment, after a failure that may pass.
    Retry {
        /// When.
        until: Timestamp,
        /// What people are told meanwhile, if it changes.
        phase: Option<Phase>,
    },
    /// Nothing was done: a newer generation takes the place of this one.
    Superseded,
    /// The generation ended: everything was seen ready.
    Ready,
    /// The generation ended: nothing is left.
    Gone,
    /// The generation ended without success.
    Failed(Refusal),
}

/// What held an environment up has passed.
pub(super) fn go_on(environment: &mut Environment) {
    if matches!(environment.phase, Phase::Waiting { .. }) {
        let resolves = environment.stage == Some(Stage::FIRST);
        environment.phase = if resolves { Phase::Resolving } else { Phase::Deploying };
    }
}
