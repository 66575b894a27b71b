//! Why a workload has no image to run, and what to do about it.

use crate::{
    name::{EnvironmentId, WorkloadName},
    repository::Commit,
};

/// No image was built in time.
pub fn images_missing(workloads: &[WorkloadName], commit: &Commit) -> String {
    let names: Vec<_> = workloads.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "No image of {} was built from {} in time. Look at the pipeline, and run it again.",
        names.join(", "),
        commit.short()
    )
}

/// The base environment cannot lend an image.
pub fn base_has_none(workload: &WorkloadName, commit: &Commit, base: &EnvironmentId) -> String {
    format!(
        "`{workload}` was not built from {}, and `{base}` runs no image of it. Build it, or deploy `{base}` first.",
        commit.short()
    )
}

/// Nothing was ever built that the environment could run.
pub fn never_built(workload: &WorkloadName, commit: &Commit) -> String {
    format!(
        "No image of `{workload}` was built yet, from {} or before it. Run its pipeline, or push a commit.",
        commit.short()
    )
}
