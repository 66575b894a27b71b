//! The nouns over plain HTTPS.
//!
//! A kind here builds requests and reads answers; how they travel is a [`Transport`], of which [`Https`] is the one for
//! production.

pub mod github;
mod https;
pub mod slack;
mod transport;

pub use https::Https;
pub use transport::Transport;
