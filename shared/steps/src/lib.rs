//! The nouns, which are traits in domain types, and what is done with them.
//!
//! A step names the noun, never the kind: whether state is kept in DynamoDB or in memory, it cannot tell.

pub mod accept_trigger;
pub mod announce;
pub mod carry;
pub mod clock;
pub mod configuration;
pub mod context;
pub mod functions;
pub mod listing;
pub mod nouns;
pub mod outcome;
pub mod pages;
mod pause;
pub mod record;
pub mod rows;
pub mod step;
pub mod tags;
