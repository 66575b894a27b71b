//! DNS on AWS.

pub mod route53;

pub use route53::Route53;
