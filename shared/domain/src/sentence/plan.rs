//! Why there is no plan for an environment.

use crate::name::WorkloadName;

/// A workload is planned without something that it needs.
pub fn workload_without(workload: &WorkloadName, what: &str) -> String {
    format!("The workload `{workload}` has no {what}. Push a commit that gives it one.")
}

/// An object is larger than what a cluster takes.
pub fn object_too_large(kind: &str, name: &str, limit: usize) -> String {
    format!("The {kind} `{name}` would have more than {limit} bytes. Say less in the Score file.")
}

/// The manifests do not fit into the record.
pub fn plan_too_large() -> String {
    "The manifests of this deployment are too large to be recorded. Split the application, or make its configuration smaller.".to_owned()
}
