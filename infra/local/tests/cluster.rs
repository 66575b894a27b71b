//! The journey on a cluster that is reached by a kubeconfig, as the user `roadstead`: on the cluster of
//! `ROADSTEAD_TEST_KUBECONFIG` (see `infra/cluster/README.md`), else on the sandbox of a second stack.

#![expect(clippy::unwrap_used, reason = "a test ends where it is surprised, in its helpers too")]

use jiff::Timestamp;
use roadstead::{
    demo::{Journey, PullRequest, Running},
    stack::{Options, Stack, local_file, secrets::Secrets},
};
use roadstead_domain::{
    deployment::Bound,
    environment::Phase,
    plan::{
        Plan,
        mark::{MANAGED_BY_LABEL, MANAGER, generation_of, mark_of},
    },
};
use roadstead_steps::{
    nouns::{CallError, Cluster, cluster::Apply},
    record,
    step::objects,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;

/// How long the journey may take: a real cluster takes seconds to sweep a namespace.
const LIMIT: Duration = Duration::from_secs(180);
/// How long it may take until an earlier run has left nothing.
const CLEAR_LIMIT: Duration = Duration::from_secs(60);
/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// How the marks of the sample's installation begin.
const INSTALLATION: &str = "demo/";

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
    stack.worlds.cluster.as_ref().unwrap().change(|cluster| cluster.set_images(None));
    let of_person: Value =
        serde_saphyr::from_str(&fs::read_to_string(&stack.local.kubeconfig).unwrap()).unwrap();
    let server = of_person["clusters"][0]["cluster"]["server"].as_str().unwrap();
    let token = Secrets::of(folder.path()).unwrap().cluster_roadstead;
    let path = folder.path().join("kubeconfig-roadstead");
    fs::write(&path, local_file::kubeconfig(server, "roadstead", &token)).unwrap();
    (stack, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_is_previewed_in_a_cluster_by_kubeconfig_and_leaves_nothing() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (sandbox, kubeconfig) = match given() {
        Some(file) => (None, file),
        None => {
            let (stack, file) = sandbox(&outside).await;
            (Some(stack), file)
        }
    };
    let stack = start(folder.path(), Some(kubeconfig)).await;
    let cluster = stack.clusters.open(&"local".parse().unwrap()).await.unwrap();
    clear(cluster.as_ref()).await;
    fenced(cluster.as_ref()).await;
    let before = foreign(cluster.as_ref()).await;
    tokio::time::timeout(LIMIT, play(&stack, cluster.as_ref())).await.unwrap();
    assert_eq!(foreign(cluster.as_ref()).await, before);
    clear(cluster.as_ref()).await;
    stack.stop().await.unwrap();
    if let Some(sandbox) = sandbox {
        sandbox.stop().await.unwrap();
    }
}

async fn play(stack: &Stack, cluster: &dyn Cluster) {
    let mut journey = Journey::new(stack);
    let base = journey.deploy_staging().await.unwrap();
    let now = Timestamp::now();
    let pull_request = journey.open().await.unwrap();
    let first = journey.build(&pull_request, &base).await.unwrap();
    journey.reached(&pull_request, 1, Phase::Ready, "opened", now, &first).await.unwrap();
    carries(stack, cluster, &pull_request, 1, &first).await;
    journey.push_again(&pull_request).await.unwrap();
    let second = journey.build(&pull_request, &base).await.unwrap();
    assert_ne!(first, second);
    journey.reached(&pull_request, 2, Phase::Ready, "pushed again", now, &second).await.unwrap();
    let plan = carries(stack, cluster, &pull_request, 2, &second).await;
    journey.close(&pull_request).await.unwrap();
    journey.reached(&pull_request, 3, Phase::Gone, "closed", now, &Running::new()).await.unwrap();
    assert_eq!(cluster.get(&objects::namespace(&plan.namespace)).await.unwrap(), None);
    assert!(journey.differences().is_empty(), "{:?}", journey.differences());
}

/// Every object of a generation is there and of that generation, and what it runs is what is recorded; returns its plan.
async fn carries(
    stack: &Stack,
    cluster: &dyn Cluster,
    pull_request: &PullRequest,
    generation: u64,
    expected: &Running,
) -> Plan {
    let id = &pull_request.environment;
    let record = stack.deployment(id, generation).await.unwrap().unwrap();
    let revisions = match record.bound {
        Bound::Present { revisions } => Some(revisions),
        Bound::Absent { .. } | Bound::Nothing => None,
    };
    let recorded = revisions.unwrap().images.into_iter().map(|(name, chosen)| (name, chosen.digest));
    assert_eq!(recorded.collect::<Running>(), *expected);
    let plan = record::plan(stack.context.state.as_ref(), id, generation).await.unwrap();
    let mut running = BTreeSet::new();
    for manifest in plan.guards.iter().chain(&plan.manifests) {
        let object = cluster.get(&objects::reference(manifest).unwrap()).await.unwrap().unwrap();
        assert_eq!((mark_of(&object), generation_of(&object)), (mark_of(manifest), Some(generation)));
        let containers = object["spec"]["template"]["spec"]["containers"].as_array();
        let images = containers.into_iter().flatten().filter_map(|container| container["image"].as_str());
        running.extend(images.filter_map(|image| image.split_once('@')).map(|(_, digest)| digest.to_owned()));
    }
    assert_eq!(running, expected.values().map(ToString::to_string).collect());
    plan
}

/// The user is the one that the fence concerns: it may write nothing that is not an environment's.
async fn fenced(cluster: &dyn Cluster) {
    let elsewhere = json!({
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "roadstead-probe", "namespace": "default" },
    });
    let unmarked =
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "roadstead-probe" } });
    for object in [elsewhere, unmarked] {
        let dry_run = Apply { dry_run: true, ..Apply::default() };
        let applied = cluster.apply(&objects::reference(&object).unwrap(), &object, dry_run).await;
        assert!(matches!(applied, Err(CallError::Forbidden { .. })), "not the user `roadstead`: {applied:?}");
    }
}

/// A namespace that is nobody's environment, as it is now.
async fn foreign(cluster: &dyn Cluster) -> Value {
    cluster.get(&objects::namespace("default")).await.unwrap().unwrap()
}

/// Removes what the sample's installation has in the cluster: staging, and what an earlier run left.
async fn clear(cluster: &dyn Cluster) {
    let label = format!("{MANAGED_BY_LABEL}={MANAGER}");
    let until = Timestamp::now() + CLEAR_LIMIT;
    loop {
        let mut ours = cluster.list(&objects::namespaces(), None, &label).await.unwrap();
        ours.retain(|namespace| mark_of(namespace).is_some_and(|mark| mark.starts_with(INSTALLATION)));
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
