//! The host names of an environment.

use super::{Inputs, scene::Piece};
use crate::{
    name::{WorkloadName, outside_name},
    platform::Entrance,
    refusal::Refusal,
    score::{Reference, Resource, ScoreFile, Template},
};
use std::collections::{BTreeMap, BTreeSet};

/// Which host each `dns` resource has got.
pub(super) struct Hosts {
    by_resource: BTreeMap<(String, String), String>,
    first: Option<String>,
}

impl Hosts {
    /// Gives every `dns` resource a host below the entrance's domain.
    ///
    /// The first by workload and resource name gets the environment's own name outside; every other one gets a name
    /// of its own that is made in the same way, of its names too. Resources with the same id share one.
    pub(super) fn assign(inputs: &Inputs<'_>, entrance: &Entrance, workloads: &[Piece<'_>]) -> Self {
        let mut hosts = Self { by_resource: BTreeMap::new(), first: None };
        let mut shared: BTreeMap<&str, String> = BTreeMap::new();
        for (workload, resource, id) in workloads.iter().flat_map(dns_resources) {
            let known = id.and_then(|id| shared.get(id)).cloned();
            let host = known.unwrap_or_else(|| {
                let label = match hosts.first {
                    None => inputs.environment.outside_name(&inputs.platform.installation),
                    Some(_) => label(inputs, workload, resource, id),
                };
                format!("{label}.{}", entrance.domain)
            });
            shared.extend(id.map(|id| (id, host.clone())));
            hosts.first.get_or_insert_with(|| host.clone());
            hosts.by_resource.insert((workload.to_string(), resource.to_owned()), host);
        }
        hosts
    }

    /// All hosts, sorted.
    pub(super) fn all(&self) -> Vec<String> {
        self.by_resource.values().cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The host of the first `dns` resource.
    pub(super) fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// Replaces the placeholders of a text of a workload.
    pub(super) fn expand(&self, piece: &Piece<'_>, template: &Template) -> Result<String, Refusal> {
        template.expand(|reference| self.resolve(piece.name, piece.score, reference))
    }

    fn resolve(
        &self,
        workload: &WorkloadName,
        score: &ScoreFile,
        reference: &Reference,
    ) -> Result<String, Refusal> {
        let text = match reference {
            Reference::Metadata(keys) => score.metadata_text(keys),
            Reference::Resource { name, .. } => {
                self.by_resource.get(&(workload.to_string(), name.clone())).map(String::as_str)
            }
        };
        text.map(str::to_owned).ok_or_else(|| {
            Refusal::rejected(format!(
                "The Score file of `{workload}` has a placeholder that stands for nothing."
            ))
        })
    }
}

fn dns_resources<'a>(
    piece: &Piece<'a>,
) -> impl Iterator<Item = (&'a WorkloadName, &'a str, Option<&'a str>)> {
    let workload = piece.name;
    piece.score.resources.iter().filter_map(move |(name, resource)| match resource {
        Resource::Dns { id } => Some((workload, name.as_str(), id.as_deref())),
        _ => None,
    })
}

/// A label of its own: what is shared has four parts and what is not has five, so that they never meet.
fn label(inputs: &Inputs<'_>, workload: &WorkloadName, resource: &str, id: Option<&str>) -> String {
    let installation = inputs.platform.installation.as_str();
    let (application, name) = (inputs.environment.application.as_str(), inputs.environment.name.as_str());
    match id {
        Some(id) => outside_name(&[installation, application, name, id]),
        None => outside_name(&[installation, application, workload.as_str(), name, resource]),
    }
}
