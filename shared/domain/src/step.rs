//! The steps, their order and its reverse.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One step of carrying a generation out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Binds the generation to what its source says now, and makes the plan.
    ResolveConfig,
    /// Makes the namespace and what guards it.
    ProvisionEnvironment,
    /// Applies the manifests.
    ApplyToEks,
    /// Points the host names at the entrance.
    CreateDns,
    /// Waits until everything is seen ready.
    VerifyRollout,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Step; 5] = [
        Step::ResolveConfig,
        Step::ProvisionEnvironment,
        Step::ApplyToEks,
        Step::CreateDns,
        Step::VerifyRollout,
    ];

    /// The step's name, which is also its function's.
    pub fn name(self) -> &'static str {
        match self {
            Step::ResolveConfig => "resolve-config",
            Step::ProvisionEnvironment => "provision-environment",
            Step::ApplyToEks => "apply-to-eks",
            Step::CreateDns => "create-dns",
            Step::VerifyRollout => "verify-rollout",
        }
    }

    fn position(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Whether a step is carried out or undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Towards present.
    Forward,
    /// Towards absent.
    Undo,
}

/// Where an environment stands: a step and its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stage {
    /// The step.
    pub step: Step,
    /// Its direction.
    pub direction: Direction,
}

impl Stage {
    /// Where every generation begins.
    pub const FIRST: Stage = Stage { step: Step::ResolveConfig, direction: Direction::Forward };
    /// Where teardown begins: the last step's undo.
    pub const FIRST_UNDO: Stage = Stage { step: Step::VerifyRollout, direction: Direction::Undo };

    /// The stage that follows, or none when the walk is at its end.
    pub fn next(self) -> Option<Stage> {
        let position = match self.direction {
            Direction::Forward => Some(self.step.position() + 1),
            Direction::Undo => self.step.position().checked_sub(1),
        };
        let step = *Step::ALL.get(position?)?;
        Some(Stage { step, direction: self.direction })
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.direction {
            Direction::Forward => write!(formatter, "{}", self.step),
            Direction::Undo => write!(formatter, "undo {}", self.step),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(first: Stage) -> Vec<String> {
        std::iter::successors(Some(first), |stage| stage.next()).map(|stage| stage.to_string()).collect()
    }

    #[test]
    fn undo_walks_the_steps_in_exact_reverse() {
        let mut forward = walk(Stage::FIRST);
        forward.reverse();
        let undo: Vec<String> = forward.iter().map(|step| format!("undo {step}")).collect();
        assert_eq!(walk(Stage::FIRST_UNDO), undo);
    }
}
