//! One binary for all tests that run across crates.
#![cfg(test)]
#![allow(missing_docs, unreachable_pub, reason = "tests")]

mod adapters;
mod journeys;
mod lambda;
mod laws;
mod limits;
mod model;
mod outside;
mod simulation;
mod state;
mod tidy;
