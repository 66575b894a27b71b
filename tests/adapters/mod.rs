//! The adapters against the models of what they talk to: what one asks, the other must understand.

mod aws;
mod ecr;
mod eks;
mod github;
mod kubernetes;
mod route53;
mod slack;
mod sqs;
