//! One binary for all tests that run across crates.
#![allow(missing_docs, reason = "tests")]

mod adapters;
mod laws;
mod model;
mod outside;
mod simulation;
mod state;
mod tidy;
