//! Storage: a claim for each `volume` resource.

use super::{
    rules::CLAIM,
    scene::{Piece, Scene},
};
use crate::{
    name::{WorkloadName, outside_name},
    score::{Container, Mount, Resource},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The name of the claim of a workload's resource, also of the volume in its pods.
fn claim_name(workload: &WorkloadName, resource: &str) -> String {
    outside_name(&[workload.as_str(), resource])
}

pub(super) fn render(scene: &Scene<'_>) -> Vec<Value> {
    scene.workloads.iter().flat_map(|piece| claims(scene, piece)).collect()
}

fn claims(scene: &Scene<'_>, piece: &Piece<'_>) -> Vec<Value> {
    let sized = piece.score.resources.iter().filter_map(|(name, resource)| match resource {
        Resource::Volume { size } => Some((name, size)),
        _ => None,
    });
    sized
        .map(|(name, size)| {
            let spec =
                json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}});
            scene.object(CLAIM, &claim_name(piece.name, name), json!({"spec": spec}))
        })
        .collect()
}

/// The volumes of a workload's pods: the resources that a container mounts.
pub(super) fn volumes(piece: &Piece<'_>) -> Vec<Value> {
    let mounts = piece.score.containers.values().flat_map(|container| container.volumes.values());
    let resources: BTreeSet<&str> = mounts.map(|mount| mount.resource.as_str()).collect();
    let names = resources.into_iter().map(|resource| claim_name(piece.name, resource));
    names.map(|name| json!({"name": name, "persistentVolumeClaim": {"claimName": name}})).collect()
}

/// Where a container mounts them.
pub(super) fn mounts(workload: &WorkloadName, container: &Container) -> Vec<Value> {
    container.volumes.iter().map(|(path, mount)| render_mount(workload, path, mount)).collect()
}

fn render_mount(workload: &WorkloadName, path: &str, mount: &Mount) -> Value {
    let mut rendered = json!({"name": claim_name(workload, &mount.resource), "mountPath": path});
    if let Some(directory) = &mount.path {
        rendered["subPath"] = json!(directory);
    }
    if mount.read_only {
        rendered["readOnly"] = json!(true);
    }
    rendered
}
