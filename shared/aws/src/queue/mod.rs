//! Queues on AWS.

pub mod sqs;

pub use sqs::Sqs;
