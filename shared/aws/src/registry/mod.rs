//! Registries on AWS.

pub mod ecr;

pub use ecr::{Ecr, TAGS_LIMIT};
