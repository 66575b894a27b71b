//! The journey of a pull request.

use super::{Bench, clear};
use jiff::Timestamp;
use roadstead::{
    demo::{Journey, PullRequest, Running},
    stack::Stack,
};
use roadstead_domain::{
    deployment::Bound,
    environment::Phase,
    plan::{
        Plan,
        mark::{generation_of, mark_of},
    },
};
use roadstead_steps::{
    nouns::{CallError, Cluster, cluster::Apply},
    record,
    step::objects,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

/// How long the journey may take: a real cluster takes seconds to sweep a namespace.
const LIMIT: Duration = Duration::from_secs(180);
/// How the marks of the sample's installation begin.
const INSTALLATION: &str = "demo/";

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_is_previewed_in_a_cluster_by_kubeconfig_and_leaves_nothing() {
    let bench = Bench::start().await;
    let cluster = bench.cluster.as_ref();
    clear(cluster, INSTALLATION).await;
    fenced(cluster).await;
    let before = foreign(cluster).await;
    tokio::time::timeout(LIMIT, play(&bench.stack, cluster)).await.unwrap();
    assert_eq!(foreign(cluster).await, before);
    clear(cluster, INSTALLATION).await;
    bench.stop().await;
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
    for manifest in plan.parts.iter().flat_map(|part| part.guards.iter().chain(&part.manifests)) {
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
