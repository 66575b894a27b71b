//! Roadstead on a cluster that is reached by a kubeconfig, as the user `roadstead`: on the cluster of
//! `ROADSTEAD_TEST_KUBECONFIG` (see `infra/cluster/README.md`), else on the sandbox of a second stack.

#![expect(clippy::unwrap_used, reason = "a test ends where it is surprised, in its helpers too")]

mod fence;
mod journey;

use jiff::Timestamp;
use roadstead::stack::{Options, Stack, local_file, secrets::Secrets};
use roadstead_domain::plan::mark::{MANAGED_BY_LABEL, MANAGER, mark_of};
use roadstead_steps::{
    nouns::{CallError, Cluster},
    step::objects,
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;

/// How long it may take until an earlier run has left nothing.
const CLEAR_LIMIT: Duration = Duration::from_secs(60);
/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// A stack, and the cluster that it deploys to.
struct Bench {
    stack: Stack,
    cluster: Arc<dyn Cluster>,
    sandbox: Option<Stack>,
    folders: [TempDir; 2],
}

impl Bench {
    async fn start() -> Self {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let (sandbox, kubeconfig) = match given() {
            Some(file) => (None, file),
            None => {
                let (stack, file) = sandbox(&folders[1]).await;
                (Some(stack), file)
            }
        };
        let stack = start(folders[0].path(), Some(kubeconfig)).await;
        let cluster = stack.clusters.open(&"local".parse().unwrap()).await.unwrap();
        Self { stack, cluster, sandbox, folders }
    }

    async fn stop(self) {
        self.stack.stop().await.unwrap();
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await.unwrap();
        }
        drop(self.folders);
    }
}

#[expect(clippy::disallowed_methods, reason = "which cluster is tested is no setting of the service")]
fn given() -> Option<PathBuf> {
    std::env::var_os("ROADSTEAD_TEST_KUBECONFIG").map(PathBuf::from)
}

async fn start(data_dir: &Path, kubeconfig: Option<PathBuf>) -> Stack {
    let data_dir = data_dir.to_owned();
    Stack::start(Options { data_dir, kubeconfig, duplicate_one_in: 0 }).await.unwrap()
}

/// A stack whose sandbox is the cluster of another stack, and the kubeconfig of the user `roadstead` in it.
async fn sandbox(folder: &TempDir) -> (Stack, PathBuf) {
    let stack = start(folder.path(), None).await;
    // It pulls what the other stack's registry has, of which it knows nothing.
    for cluster in stack.worlds.clusters.values() {
        cluster.change(|cluster| cluster.set_images(None));
    }
    let of_person: Value =
        serde_saphyr::from_str(&fs::read_to_string(&stack.local.kubeconfig).unwrap()).unwrap();
    let server = of_person["clusters"][0]["cluster"]["server"].as_str().unwrap().to_owned();
    let name = "it".parse().unwrap();
    let token = Secrets::of(folder.path()).unwrap().cluster_roadstead;
    let path = folder.path().join("kubeconfig-roadstead");
    fs::write(&path, local_file::kubeconfig([(&name, &server)], "roadstead", &token)).unwrap();
    (stack, path)
}

/// Removes what an installation has in the cluster: what this run leaves, and what an earlier one left.
async fn clear(cluster: &dyn Cluster, installation: &str) {
    let label = format!("{MANAGED_BY_LABEL}={MANAGER}");
    let until = Timestamp::now() + CLEAR_LIMIT;
    loop {
        let mut ours = cluster.list(&objects::namespaces(), None, &label).await.unwrap();
        ours.retain(|namespace| mark_of(namespace).is_some_and(|mark| mark.starts_with(installation)));
        if ours.is_empty() {
            return;
        }
        assert!(Timestamp::now() < until, "namespaces do not go away: {ours:?}");
        for namespace in ours.iter().filter(|namespace| !objects::is_ending(namespace)) {
            let reference = objects::namespace(objects::name_of(namespace).unwrap());
            let deleted = cluster.delete(&reference, &objects::exactly(namespace)).await;
            assert!(matches!(deleted, Ok(()) | Err(CallError::Conflict { .. })), "{deleted:?}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
