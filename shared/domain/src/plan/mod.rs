//! The plan: what an environment's generation is outside, made of its inputs alone.
//!
//! The same inputs give the same plan, byte for byte. Everything in it carries the environment's mark ([`mark`]),
//! is of a kind from one closed list ([`rules`]), and is covered by its inventory.

mod amounts;
mod container;
mod deployment;
mod guards;
mod hosts;
mod inventory;
pub mod mark;
mod network;
pub mod rules;
mod scene;
mod service;
#[cfg(test)]
mod tests;
mod volume;

pub use guards::{ENVIRONMENT_ROLE, USER};

use crate::{
    intent::Revisions,
    inventory::Inventory,
    name::{ClusterName, EnvironmentId, WorkloadName},
    platform::{EnvironmentType, Platform},
    refusal::Refusal,
    score::ScoreFile,
};
use scene::Scene;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything that a plan depends on.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The platform configuration that the generation is pinned to.
    pub platform: &'a Platform,
    /// The environment.
    pub environment: &'a EnvironmentId,
    /// The environment's type.
    pub kind: &'a EnvironmentType,
    /// The generation.
    pub generation: u64,
    /// The environment's incarnation.
    pub incarnation: u64,
    /// What its workloads run.
    pub revisions: &'a Revisions,
    /// The workloads' Score files.
    pub scores: &'a BTreeMap<WorkloadName, ScoreFile>,
}

/// What one generation is, outside; stored with it, so that every step carries out the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Where it runs.
    pub cluster: ClusterName,
    /// The namespace that it has to itself.
    pub namespace: String,
    /// The namespace and what guards it, in the order in which it is applied.
    pub guards: Vec<Value>,
    /// What runs in it, in the order in which it is applied.
    pub manifests: Vec<Value>,
    /// The host names that lead to it, sorted.
    pub hosts: Vec<String>,
    /// Where people find it: the host of the first route, else the first host, by workload and resource name.
    pub url: Option<String>,
    /// Everything outside that the plan makes.
    pub inventory: Inventory,
}

/// The largest object, in bytes of JSON: an API server takes 1.5 MiB, and keeps what we applied twice.
pub const OBJECT_LIMIT: usize = 512 * 1024;

/// Makes the plan.
///
/// # Errors
/// Rejected, when a workload has no Score file or no image, or its Score file asks for what the type does not give.
pub fn plan(inputs: &Inputs<'_>) -> Result<Plan, Refusal> {
    let scene = Scene::set(inputs)?;
    amounts::check_quota(&scene)?;
    let mut guards = guards::render(&scene);
    let routes = service::routes(&scene)?;
    let mut manifests = volume::render(&scene);
    manifests.extend(deployment::render(&scene)?);
    manifests.extend(service::render(&scene, &routes));
    for object in guards.iter_mut().chain(&mut manifests) {
        scene.sign(object);
        check_size(object)?;
    }
    let hosts = scene.hosts.all();
    Ok(Plan {
        cluster: scene.kind.cluster.clone(),
        inventory: inventory::cover(&scene, guards.iter().chain(&manifests), &hosts),
        url: service::url(&scene, &routes),
        namespace: scene.namespace,
        guards,
        manifests,
        hosts,
    })
}

fn check_size(object: &Value) -> Result<(), Refusal> {
    if object.to_string().len() <= OBJECT_LIMIT {
        return Ok(());
    }
    let kind = object["kind"].as_str().unwrap_or_default();
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let text =
        format!("The {kind} `{name}` would have more than {OBJECT_LIMIT} bytes. Say less in the Score file.");
    Err(Refusal::rejected(text))
}
