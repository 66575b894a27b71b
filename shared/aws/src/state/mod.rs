//! State on AWS.

pub mod dynamodb;

pub use dynamodb::DynamoDb;
