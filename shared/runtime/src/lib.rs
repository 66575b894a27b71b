//! Where the code runs: the doors over their senders, and the settings.

pub mod door;
pub mod settings;
