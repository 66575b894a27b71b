//! The outside, modelled: pure libraries, request and time in, response out, refusing as the original refuses.
//!
//! The simulation calls them directly; the local stack puts HTTP in front of them, so that the real SDKs talk to them.

pub mod cluster;
pub mod ecr;
pub mod github;
mod given;
pub mod route53;
pub mod slack;
