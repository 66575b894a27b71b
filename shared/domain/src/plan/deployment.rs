//! A Deployment for each workload.

use super::{
    container,
    guards::WORKLOAD_ACCOUNT,
    rules::DEPLOYMENT,
    scene::{Piece, Scene, WORKLOAD_LABEL},
    volume,
};
use crate::refusal::Refusal;
use serde_json::{Value, json};

/// How many old ReplicaSets are kept; returning is a generation of its own and needs none.
const HISTORY: u32 = 2;
/// The group that mounted storage belongs to, so that an image which does not run as root can write to it.
const STORAGE_GROUP: u32 = 1_000;

pub(super) fn render(scene: &Scene<'_>) -> Result<Vec<Value>, Refusal> {
    scene.workloads.iter().map(|piece| deployment(scene, piece)).collect()
}

/// How many pods there are is not said: it is one, unless somebody else scales it.
fn deployment(scene: &Scene<'_>, piece: &Piece<'_>) -> Result<Value, Refusal> {
    let pod = pod(scene, piece)?;
    let mut spec = json!({
        "progressDeadlineSeconds": scene.kind.deadline.as_secs(),
        "revisionHistoryLimit": HISTORY,
        "selector": {"matchLabels": {WORKLOAD_LABEL: piece.name}},
        "template": {"metadata": {"labels": scene.pod_labels(piece.name)}, "spec": pod},
    });
    // One node at a time can mount the storage: the old pod goes before the new one comes.
    if !volume::volumes(piece).is_empty() {
        spec["strategy"] = json!({"type": "Recreate"});
    }
    Ok(scene.object(DEPLOYMENT, piece.name.as_str(), json!({"spec": spec})))
}

fn pod(scene: &Scene<'_>, piece: &Piece<'_>) -> Result<Value, Refusal> {
    let containers: Vec<Value> = piece
        .score
        .containers
        .iter()
        .map(|(name, content)| container::render(scene, piece, name, content))
        .collect::<Result<_, _>>()?;
    let mut pod = json!({
        "serviceAccountName": WORKLOAD_ACCOUNT,
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "containers": containers,
    });
    let volumes = volume::volumes(piece);
    if !volumes.is_empty() {
        pod["volumes"] = json!(volumes);
        pod["securityContext"]["fsGroup"] = json!(STORAGE_GROUP);
    }
    Ok(pod)
}
