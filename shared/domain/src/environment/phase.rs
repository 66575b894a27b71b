//! What people are told of an environment, in one word and what belongs to it.

use crate::{name::WorkloadName, refusal::Refusal};
use serde::{Deserialize, Serialize};

/// What people are told of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Phase {
    /// Its configuration is being read.
    Resolving,
    /// Images of the commit are awaited.
    AwaitingImages {
        /// The workloads whose images are missing.
        workloads: Vec<WorkloadName>,
    },
    /// It is being carried out.
    Deploying,
    /// Something holds it up that may pass by itself.
    Waiting {
        /// What.
        why: String,
    },
    /// All objects of the generation were seen ready, and DNS answers.
    Ready,
    /// It did not succeed.
    Failed {
        /// Why.
        refusal: Refusal,
    },
    /// We must act.
    NeedsAttention {
        /// Why.
        refusal: Refusal,
    },
    /// It is being removed.
    Closing {
        /// What holds it, if something does.
        held_by: Option<String>,
    },
    /// Nothing is left, but a late call might still make something.
    Settling,
    /// Nothing is left and nothing can come.
    Gone,
}
