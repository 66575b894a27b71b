//! Score: what a developer says about a workload (`score.dev/v1b1`).
//!
//! A closed part of the specification is understood; what is not is refused, with what could be written instead.
//! Texts with placeholders are kept taken apart, and expanded where Score says and nowhere else: in variables, in
//! what volumes are mounted from, and in the parameters of resources. Images, commands, arguments and probes stay
//! as written.

mod check;
mod file;
mod placeholder;
mod resource;
#[cfg(test)]
mod tests;

pub use check::limits;
pub use placeholder::{Reference, Template};
pub use resource::{Resource, SUPPORTED};

use std::collections::BTreeMap;

/// A Score file, checked: every reference in it leads to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreFile {
    /// The workload's name, as its author calls it.
    pub name: String,
    /// Every text in `metadata`, its name included.
    pub metadata: BTreeMap<String, String>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
    /// The containers of one pod.
    pub containers: BTreeMap<String, Container>,
    /// The ports of the workload's service.
    pub ports: BTreeMap<String, Port>,
    /// What the workload needs beside itself.
    pub resources: BTreeMap<String, Resource>,
}

/// A container. Its image is the workload's recorded digest: `image` must be `.`, so that what is read is what runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Container {
    /// In place of the image's entry point.
    pub command: Vec<String>,
    /// In place of the image's arguments.
    pub args: Vec<String>,
    /// Environment variables.
    pub variables: BTreeMap<String, Template>,
    /// What is mounted, by the path that it is mounted at.
    pub volumes: BTreeMap<String, Mount>,
    /// What the container is given at least.
    pub requests: Amounts,
    /// What the container is given at most.
    pub limits: Amounts,
    /// Tells whether it must be restarted.
    pub liveness: Option<Probe>,
    /// Tells whether it can be talked to.
    pub readiness: Option<Probe>,
}

/// A volume in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The resource that is mounted.
    pub resource: String,
    /// Which directory of it; all when none is given.
    pub path: Option<String>,
    /// Whether it cannot be written to.
    pub read_only: bool,
}

/// Amounts of computing, as quantities of Kubernetes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Processors.
    pub cpu: Option<String>,
    /// Memory.
    pub memory: Option<String>,
}

/// How a container is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// By a request; a status from 200 to 399 is good.
    HttpGet {
        /// `HTTP` or `HTTPS`.
        scheme: &'static str,
        /// The path.
        path: String,
        /// The container's port.
        port: u16,
        /// Headers of the request, in order.
        headers: Vec<(String, String)>,
    },
    /// By a command in the container; status 0 is good.
    Exec {
        /// The command and its arguments.
        command: Vec<String>,
    },
}

/// A port of the workload's service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// What others connect to.
    pub port: u16,
    /// What the container listens on.
    pub target: u16,
    /// `TCP` or `UDP`.
    pub protocol: &'static str,
}

impl ScoreFile {
    /// What a reference to `metadata` means.
    pub fn metadata_text(&self, keys: &[String]) -> Option<&str> {
        match keys {
            [key] => self.metadata.get(key),
            [annotations, key] if annotations == "annotations" => self.annotations.get(key),
            _ => None,
        }
        .map(String::as_str)
    }
}
