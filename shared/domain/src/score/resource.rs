//! The resources that a workload may ask for.

use super::Template;

/// The types that are supported, as people write them.
pub const SUPPORTED: [&str; 3] = ["dns", "route", "volume"];

/// A resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A host name that leads to the environment; its output is `host`.
    Dns {
        /// Shared by all workloads of the application that give the same id.
        id: Option<String>,
    },
    /// Lets requests for a host and path reach the workload's service.
    Route {
        /// The host: what a `dns` resource gives.
        host: Template,
        /// The beginning of the path.
        path: Template,
        /// The service's port, by its number.
        port: u16,
    },
    /// Storage that outlives the containers; it is what a container's volume is mounted from.
    Volume {
        /// How much, as a quantity of Kubernetes.
        size: String,
    },
}

impl Resource {
    /// Its type, as people write it.
    pub fn kind(&self) -> &'static str {
        match self {
            Resource::Dns { .. } => "dns",
            Resource::Route { .. } => "route",
            Resource::Volume { .. } => "volume",
        }
    }
}
