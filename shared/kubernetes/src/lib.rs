//! The cluster noun over the API of a Kubernetes API server.
//!
//! Addresses are built from what the caller knows of a kind, so nothing is discovered first; every call is one request.

mod address;
mod cluster;
mod clusters;
mod exchange;
#[cfg(test)]
mod given;
mod status;

pub use cluster::KubeCluster;
pub use clusters::{KubeClusters, Kubeconfig};
