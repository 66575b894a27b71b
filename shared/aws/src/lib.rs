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
pub mod secret;
pub mod state;

pub use configuration::{Aws, Configuration, StandIn};

use roadstead_domain::message::Destination;
use roadstead_steps::{context::Context, nouns::Time};
use std::{collections::BTreeMap, sync::Arc};

/// What every function has, on AWS: the table of this name, and the queues by their URLs.
pub fn context(
    aws: &Arc<Aws>,
    table: String,
    queues: BTreeMap<Destination, String>,
    time: Arc<dyn Time>,
) -> Context {
    let state = Arc::new(state::DynamoDb::new(aws.clone(), table));
    Context::new(state, Arc::new(queue::Sqs::new(aws.clone(), queues)), time)
}
