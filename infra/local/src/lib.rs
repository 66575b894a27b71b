//! Roadstead on one machine: the doors and steps of the service, the outside modelled, and a journey that shows them.

pub mod command;
pub mod demo;
pub mod problem;
pub mod stack;
pub mod watch;
