//! Where the code runs: the doors over their senders, the settings, and AWS Lambda.

pub mod door;
pub mod lambda;
pub mod settings;
pub mod time;
