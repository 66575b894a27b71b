//! Verifies, parses and normalises what providers send.
//!
//! Every sender has one function, `receive`: the bytes in, with the headers where the sender proves itself by them; what was
//! received or a [`DoorError`] out. Nothing
//! here performs input or output or reads a clock, and no address in a payload is ever used: a trigger only says where to
//! look.

mod bearer;
pub mod body;
pub mod configuration;
pub mod ecr;
mod error;
pub mod github;
mod grammar;
mod header;
mod idempotency;
pub mod images;
pub mod limit;
mod received;
mod secret;
pub mod slack;

pub use error::DoorError;
pub use received::Received;
pub use secret::{SECRET_MINIMUM, Secret, WeakSecret};
