//! Why a container does not run, and what to do about it.

use crate::name::{ClusterName, WorkloadName};

/// Which container is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Container<'a> {
    /// The pod that it is in.
    pub pod: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What it runs.
    pub image: &'a str,
}

impl Container<'_> {
    fn says(&self, words: &str) -> String {
        let Self { pod, name, image } = self;
        format!("Container `{name}` of pod `{pod}`, image `{image}`: {words}").trim_end().to_owned()
    }
}

/// The registry does not have its image.
pub fn image_not_found(container: Container<'_>, words: &str) -> String {
    let wrong = format!("The image of `{}` is not in the registry: build and push it again.", container.name);
    format!("{wrong}\n{}", container.says(words))
}

/// The registry does not give its image to the cluster.
pub fn image_forbidden(container: Container<'_>, words: &str) -> String {
    let wrong = format!(
        "The cluster may not pull the image of `{}`: a platform engineer must let its nodes read that repository.",
        container.name
    );
    format!("{wrong}\n{}", container.says(words))
}

/// Its image is for other machines.
pub fn image_of_another_platform(container: Container<'_>, words: &str) -> String {
    let wrong = format!(
        "The image of `{}` is not built for the machines of the cluster: build it for their platform too.",
        container.name
    );
    format!("{wrong}\n{}", container.says(words))
}

/// What the registry says of an image does not fit the machines of a cluster.
pub fn wrong_platform(
    workload: &WorkloadName,
    built: &[String],
    cluster: &ClusterName,
    platform: &str,
) -> String {
    format!(
        "The image of `{workload}` is built for {}, and the cluster `{cluster}` runs {platform}. Build it for {platform} too, and push.",
        built.join(", ")
    )
}

/// It ends as soon as it begins.
pub fn container_crashes(container: Container<'_>, exit_code: i64, reason: &str, words: &str) -> String {
    let wrong = format!(
        "`{}` keeps crashing, with exit code {exit_code} ({reason}): see its log, fix it, and push.",
        container.name
    );
    format!("{wrong}\n{}", container.says(words))
}

/// It used more memory than it may.
pub fn out_of_memory(container: Container<'_>) -> String {
    let wrong = format!(
        "`{}` was killed for using more memory than its limit: raise `resources.limits.memory` in its Score file.",
        container.name
    );
    format!("{wrong}\n{}", container.says("OOMKilled"))
}

/// It runs, and does not say that it is ready.
pub fn probe_fails(container: Container<'_>) -> String {
    let wrong = format!(
        "`{}` runs and does not become ready: see what its readiness probe asks, and its log.",
        container.name
    );
    format!("{wrong}\n{}", container.says("running, not ready"))
}

/// It does not start, for another reason.
pub fn container_waits(container: Container<'_>, reason: &str, words: &str) -> String {
    let wrong = format!("`{}` does not start: {reason}.", container.name);
    format!("{wrong}\n{}", container.says(words))
}

/// No machine of the cluster has room for the pod.
pub fn unschedulable(pod: &str, words: &str) -> String {
    let wrong = "No machine of the cluster has room: ask for less in the Score file, or have a platform engineer add machines.";
    format!("{wrong}\nPod `{pod}`: {words}")
}
