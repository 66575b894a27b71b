//! The nouns on AWS: state in DynamoDB, queues in SQS, DNS in Route 53, images in ECR, credentials for EKS.
//!
//! Each call is one attempt on the wire with its own end in time; what came of it is a
//! [`CallError`](roadstead_steps::nouns::CallError) that says whether it may have happened.

pub mod cluster_credentials;
pub mod configuration;
pub mod dns;
mod failure;
pub mod queue;
pub mod registry;
pub mod state;

pub use configuration::{Aws, Configuration, StandIn};
