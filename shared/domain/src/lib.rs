//! What Roadstead is about, without input or output.
//!
//! Names, intents, the environment and its legal moves, deployments, the inventory, configuration (Score and the
//! platform file), the plan that turns them into a deployment, and every sentence that a person reads. Nothing here
//! performs input or output, knows an SDK, or reads a clock: the present moment is always an argument.

pub mod actor;
pub mod adoption;
pub mod announcement;
pub mod claim;
pub mod command;
pub mod deployment;
pub mod environment;
pub mod fact;
pub mod image;
pub mod intent;
pub mod inventory;
pub mod lifetime;
pub mod message;
pub mod name;
pub mod plan;
pub mod platform;
pub mod refusal;
pub mod repository;
pub mod score;
pub mod sentence;
pub mod step;
pub mod tag_rule;
mod tried;
pub mod trigger;
mod wanted;
