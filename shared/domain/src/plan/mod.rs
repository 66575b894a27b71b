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

pub use guards::{ENVIRONMENT_ROLE, USER, own_binding};

use crate::{
    intent::Revisions,
    inventory::Inventory,
    name::{ClusterName, EnvironmentId, WorkloadName},
    platform::{EnvironmentType, Platform},
    refusal::Refusal,
    score::ScoreFile,
    sentence,
};
use rules::{NAMESPACE, ROLE_BINDING, RenderedKind};
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
    /// What it is in each cluster of its type, in the order of the platform file.
    pub parts: Vec<Part>,
    /// The namespace that it has to itself, called the same in every cluster: the one that the platform file names, else its
    /// name outside.
    pub namespace: String,
    /// Where people find it, in the first cluster: the host of the first route, else the first host, by workload and
    /// resource name.
    pub url: Option<String>,
    /// Everything outside that the plan makes.
    pub inventory: Inventory,
}

/// What one generation is in one cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The cluster.
    pub cluster: ClusterName,
    /// The namespace and what guards it, in the order in which it is applied.
    pub guards: Vec<Value>,
    /// What runs in it, in the order in which it is applied.
    pub manifests: Vec<Value>,
    /// The host names that lead to it through this cluster's entrance, sorted.
    pub hosts: Vec<String>,
}

impl Part {
    /// The namespace.
    ///
    /// # Errors
    /// Broken, when there is none.
    pub fn namespace(&self) -> Result<&Value, Refusal> {
        let found = self.guards.iter().find(|guard| is(guard, NAMESPACE));
        found.ok_or_else(|| Refusal::broken("the plan has no namespace"))
    }

    /// Our own right in the namespace.
    pub fn own_binding(&self) -> Option<&Value> {
        self.guards.iter().find(|guard| is(guard, ROLE_BINDING))
    }

    /// What else guards the namespace, in the order in which it is applied.
    pub fn other_guards(&self) -> impl Iterator<Item = &Value> {
        self.guards.iter().filter(|guard| !is(guard, NAMESPACE) && !is(guard, ROLE_BINDING))
    }
}

fn is(object: &Value, kind: RenderedKind) -> bool {
    object["kind"] == kind.kind
}

/// The largest object, in bytes of JSON: an API server takes 1.5 MiB, and keeps what we applied twice.
pub const OBJECT_LIMIT: usize = 512 * 1024;

/// Makes the plan.
///
/// # Errors
/// Rejected, when a workload has no Score file or no image, or its Score file asks for what the type does not give.
pub fn plan(inputs: &Inputs<'_>) -> Result<Plan, Refusal> {
    let namespace = scene::namespace(inputs);
    let mut plan = Plan { parts: vec![], namespace, url: None, inventory: Inventory::default() };
    for cluster in &inputs.kind.clusters {
        let scene = Scene::set(inputs, cluster)?;
        let routes = service::routes(&scene)?;
        let part = part(&scene, &routes)?;
        plan.inventory.widen(&inventory::cover(&scene, &part));
        plan.url = plan.url.or_else(|| service::url(&scene, &routes));
        plan.parts.push(part);
    }
    Ok(plan)
}

fn part(scene: &Scene<'_>, routes: &[service::Route<'_>]) -> Result<Part, Refusal> {
    amounts::check_quota(scene)?;
    let mut guards = guards::render(scene);
    let mut manifests = volume::render(scene);
    manifests.extend(deployment::render(scene)?);
    manifests.extend(service::render(scene, routes));
    for object in guards.iter_mut().chain(&mut manifests) {
        scene.sign(object);
        check_size(object)?;
    }
    Ok(Part { cluster: scene.cluster.clone(), guards, manifests, hosts: scene.hosts.all() })
}

fn check_size(object: &Value) -> Result<(), Refusal> {
    if object.to_string().len() <= OBJECT_LIMIT {
        return Ok(());
    }
    let kind = object["kind"].as_str().unwrap_or_default();
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    Err(Refusal::rejected(sentence::object_too_large(kind, name, OBJECT_LIMIT)))
}
