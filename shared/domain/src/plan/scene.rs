//! What everything in a plan has in common.

use super::{Inputs, hosts::Hosts, mark, rules::RenderedKind};
use crate::{
    name::{ClusterName, WorkloadName},
    platform::{Entrance, EnvironmentType},
    refusal::Refusal,
    score::ScoreFile,
    sentence,
};
use serde_json::{Value, json};

/// The label that tells the pods of one workload from the others.
pub(super) const WORKLOAD_LABEL: &str = "app.kubernetes.io/name";

/// The inputs for one cluster, with every reference in them followed.
pub(super) struct Scene<'a> {
    pub(super) kind: &'a EnvironmentType,
    pub(super) cluster: &'a ClusterName,
    pub(super) entrance: &'a Entrance,
    /// The namespace's name.
    pub(super) namespace: String,
    /// The environment's name outside.
    outside_name: String,
    pub(super) hosts: Hosts,
    pub(super) workloads: Vec<Piece<'a>>,
    pub(super) incarnation: u64,
    mark: String,
    generation: u64,
}

/// One workload: what it is called, what it says, and what it runs.
pub(super) struct Piece<'a> {
    pub(super) name: &'a WorkloadName,
    pub(super) score: &'a ScoreFile,
    /// The image, by repository and digest.
    pub(super) image: String,
}

impl<'a> Scene<'a> {
    pub(super) fn set(inputs: &Inputs<'a>, name: &'a ClusterName) -> Result<Self, Refusal> {
        let installation = &inputs.platform.installation;
        let cluster = inputs.platform.clusters.get(name);
        let cluster = cluster.ok_or_else(|| Refusal::rejected(sentence::cluster_unknown(name)))?;
        let workloads = pieces(inputs)?;
        let hosts = Hosts::assign(inputs, &cluster.entrance, &workloads);
        Ok(Self {
            kind: inputs.kind,
            cluster: name,
            entrance: &cluster.entrance,
            namespace: namespace(inputs),
            outside_name: inputs.environment.outside_name(installation),
            hosts,
            workloads,
            incarnation: inputs.incarnation,
            mark: inputs.environment.mark(installation),
            generation: inputs.generation,
        })
    }

    /// Marks an object.
    pub(super) fn sign(&self, object: &mut Value) {
        mark::stamp(object, &self.mark, &self.outside_name, self.generation);
    }

    /// An object in the environment's namespace.
    pub(super) fn object(&self, kind: RenderedKind, name: &str, fields: Value) -> Value {
        let mut object = json!({
            "apiVersion": kind.api_version,
            "kind": kind.kind,
            "metadata": {"name": name, "namespace": self.namespace},
        });
        if let (Some(object), Value::Object(fields)) = (object.as_object_mut(), fields) {
            object.extend(fields);
        }
        object
    }

    /// The labels of a workload's pods.
    pub(super) fn pod_labels(&self, workload: &WorkloadName) -> Value {
        json!({
            mark::MANAGED_BY_LABEL: mark::MANAGER,
            mark::ENVIRONMENT_LABEL: self.outside_name,
            WORKLOAD_LABEL: workload,
        })
    }
}

/// The namespace that the platform file names for a standing environment, else the environment's name outside.
pub(super) fn namespace(inputs: &Inputs<'_>) -> String {
    let application = inputs.platform.applications.get(&inputs.environment.application);
    let standing = application.and_then(|application| application.environments.get(&inputs.environment.name));
    let named = standing.and_then(|following| following.namespace.clone());
    named.unwrap_or_else(|| inputs.environment.outside_name(&inputs.platform.installation))
}

fn pieces<'a>(inputs: &Inputs<'a>) -> Result<Vec<Piece<'a>>, Refusal> {
    let application = inputs.platform.applications.get(&inputs.environment.application);
    let application = application
        .ok_or_else(|| Refusal::rejected(sentence::application_unknown(&inputs.environment.application)))?;
    let missing = |name: &WorkloadName, what: &str| Refusal::rejected(sentence::workload_without(name, what));
    application
        .workloads
        .iter()
        .map(|(name, workload)| {
            let score = inputs.scores.get(name).ok_or_else(|| missing(name, "Score file"))?;
            let chosen = inputs.revisions.images.get(name).ok_or_else(|| missing(name, "image"))?;
            Ok(Piece { name, score, image: workload.image.at(&chosen.digest) })
        })
        .collect()
}
