//! The sample: the application `shop`, from the folder `sample`.

use roadstead_worlds::github::FileChange;

/// The platform file. The worlds are begun with the ids that it names, so that it can be pushed as it is.
pub(super) const PLATFORM: &str = include_str!("../../../sample/platform.yaml");
/// The numeric id of the repository, as the platform file and the recorded events have it.
pub(super) const REPOSITORY_ID: u64 = 1_296_269;
/// The owner of the repository.
pub(super) const OWNER: &str = "acme";
/// The repository's name.
pub(super) const REPOSITORY: &str = "shop";
/// The application.
pub const APPLICATION: &str = "shop";
/// The registry's account and region.
pub const REGISTRY: (&str, &str) = ("123456789012", "eu-west-1");
/// The key of the sample's GitHub App. It opens nothing but the modelled GitHub of this machine.
pub(super) const APP_KEY: &str = include_str!("../../../sample/app-key.pem");
/// The GitHub App's numeric id.
pub(in crate::stack) const APP: u64 = 900;
/// How many pull requests the repository has had before Roadstead came.
pub(super) const EARLIER_PULL_REQUESTS: u64 = 41;

/// The clusters of the standing environments in the platform file, and what they are where there is only one.
const CLUSTERS: [&str; 2] = ["clusters: [main, second]", "clusters: [main]"];

/// The platform file for one cluster that all names lead to: two parts of an environment would share a namespace there.
pub(super) fn in_one_cluster() -> String {
    let [several, one] = CLUSTERS;
    PLATFORM.replace(several, one)
}

/// The files of the repository's first commit.
pub(super) fn files() -> [FileChange<'static>; 4] {
    [
        FileChange::Put("README.md", b"# shop\n\nTwo workloads: `web` and `worker`.\n"),
        FileChange::Put("web/score.yaml", include_bytes!("../../../sample/web/score.yaml")),
        FileChange::Put("worker/score.yaml", include_bytes!("../../../sample/worker/score.yaml")),
        FileChange::Put("web/page.html", b"<h1>shop</h1>\n"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadstead_domain::platform::Platform;

    #[test]
    fn in_one_cluster_no_type_has_several() {
        let several = |text: &str| {
            let platform = Platform::parse(text.as_bytes()).unwrap().platform;
            platform.types.values().filter(|kind| kind.clusters.len() > 1).count()
        };
        assert_eq!((several(PLATFORM), several(&in_one_cluster())), (1, 0));
    }
}
