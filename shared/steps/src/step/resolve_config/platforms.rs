//! Whether the machines of the clusters can run the images: asked before anything is applied.

use super::{Pinned, ResolveConfig};
use roadstead_domain::{
    intent::Revisions,
    name::{ClusterName, WorkloadName},
    refusal::Refusal,
    sentence,
};

impl ResolveConfig {
    /// Compares what the registry says of each image with the platforms of each cluster that names any.
    pub(super) async fn check_platforms(
        &self,
        pinned: &Pinned<'_>,
        revisions: &Revisions,
    ) -> Result<(), Refusal> {
        let clusters = pinned.kind.clusters.iter().filter_map(|name| {
            let platforms = &pinned.platform.clusters.get(name)?.platforms;
            (!platforms.is_empty()).then_some((name, platforms.as_slice()))
        });
        let clusters: Vec<(&ClusterName, &[String])> = clusters.collect();
        if clusters.is_empty() {
            return Ok(());
        }
        for (name, chosen) in &revisions.images {
            let workload = pinned.application.workloads.get(name);
            let Some(workload) = workload.filter(|workload| self.registry.reads(&workload.image)) else {
                continue;
            };
            let details = self.registry.details(&workload.image, &chosen.digest).await?;
            compare(name, &details.unwrap_or_default().platforms, &clusters)?;
        }
        Ok(())
    }
}

/// An image must be built for every platform of a cluster. One that does not say for which it is built is let through.
fn compare(
    workload: &WorkloadName,
    built: &[String],
    clusters: &[(&ClusterName, &[String])],
) -> Result<(), Refusal> {
    for (cluster, platforms) in clusters {
        let missing = platforms.iter().find(|platform| !built.iter().any(|built| runs_on(built, platform)));
        if let Some(platform) = missing.filter(|_| !built.is_empty()) {
            return Err(Refusal::rejected(sentence::wrong_platform(workload, built, cluster, platform)));
        }
    }
    Ok(())
}

/// A variant that is not asked for does not matter: `linux/arm64/v8` runs on `linux/arm64`.
fn runs_on(built: &str, platform: &str) -> bool {
    built.strip_prefix(platform).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_must_be_built_for_every_platform_of_a_cluster() {
        let (web, main) = ("web".parse().unwrap(), "main".parse().unwrap());
        let (both, one) =
            (["linux/amd64".to_owned(), "linux/arm64/v8".to_owned()], ["linux/amd64".to_owned()]);
        let arm = ["linux/arm64".to_owned()];
        let asks = |built: &[String], platforms: &[String]| compare(&web, built, &[(&main, platforms)]);
        assert!(asks(&both, &one).is_ok() && asks(&both, &arm).is_ok() && asks(&[], &one).is_ok());
        let refused = asks(&arm, &both).unwrap_err().text;
        assert!(
            refused.starts_with(
                "The image of `web` is built for linux/arm64, and the cluster `main` runs linux/amd64."
            ),
            "{refused}"
        );
        assert!(!runs_on("linux/amd64", "linux/amd"));
    }
}
