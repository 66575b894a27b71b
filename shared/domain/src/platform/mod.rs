//! The platform configuration: what the platform engineers say once, for every environment.
//!
//! One YAML file, read strictly ([`Platform::parse`]), checked as a whole, and stored by the hash of its bytes. Types
//! that follow are what it says after the checks, so every reference in them resolves.

mod change;
mod check;
pub mod duration;
mod entrance;
mod file;
mod pattern;
pub(crate) mod place;
pub(crate) mod problem;
pub(crate) mod quantity;
mod rights;
pub mod template;
#[cfg(test)]
mod tests;
pub(crate) mod yaml;

pub use check::limits;
pub(crate) use check::shape;
pub use entrance::{AliasTarget, CONTROLLER_CERTIFICATE, Entrance, EntranceNames};
pub use pattern::TagPattern;
pub use problem::Problem;
pub use rights::{Right, Who, authorise, pipelines_that_may};
pub use template::{TagMatch, TagTemplate};

use crate::{
    image::ImageRepository,
    intent::Source,
    name::{ApplicationName, ClusterName, EnvironmentName, InstallationName, TypeName, WorkloadName},
    repository::{PullRequest, Repository},
};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// The platform configuration, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// The name of this installation; part of every mark outside.
    pub installation: InstallationName,
    /// The registries whose pushes are believed.
    pub registries: Vec<RegistryAccount>,
    /// The clusters that environments run in.
    pub clusters: BTreeMap<ClusterName, Cluster>,
    /// The environment types.
    pub types: BTreeMap<TypeName, EnvironmentType>,
    /// The applications.
    pub applications: BTreeMap<ApplicationName, Application>,
}

/// A platform configuration beside the hash that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// What the file says.
    pub platform: Platform,
    /// The SHA-256 of the file's bytes, as lower-case hexadecimal digits.
    pub hash: String,
}

/// A registry whose pushes are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryAccount {
    /// Its host: `123456789012.dkr.ecr.eu-west-1.amazonaws.com`.
    pub host: String,
    /// The AWS account that owns it.
    pub account: String,
    /// The AWS region that it is in.
    pub region: String,
}

/// A cluster that environments run in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// How traffic enters it.
    pub entrance: Entrance,
    /// The platforms of its machines, such as `linux/amd64`; nothing is checked where none is given.
    pub platforms: Vec<String>,
}

/// An environment type: what an environment of this type is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentType {
    /// Where its environments run: each in all of these, as one generation. Never none.
    pub clusters: Vec<ClusterName>,
    /// How long it waits for images, and what it does then.
    pub images: ImageRule,
    /// How long an environment lives after its last deployment; for ever when none is given.
    pub lifetime: Option<SignedDuration>,
    /// How long a deployment may take.
    pub deadline: SignedDuration,
    /// What happens when a deployment fails.
    pub on_failure: OnFailure,
    /// When a newer generation takes over from one that is being carried out.
    pub supersede: Supersede,
    /// How many environments of this type one application may have.
    pub limit: u32,
    /// What one environment may use.
    pub quota: Quota,
    /// Whether an object may be deleted and created anew where a change cannot be made in place.
    pub may_recreate: bool,
    /// Whether its environments are safe from being destroyed by a command in chat, while the file names them.
    pub protected: bool,
}

/// How long a workload that was not rebuilt is waited for, and what it runs then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageRule {
    /// How long.
    pub wait: SignedDuration,
    /// What then.
    pub otherwise: Otherwise,
}

/// What happens with a workload that has no image of the commit when the wait is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// It runs what the base environment runs; a standing environment is its own base.
    Base,
    /// The deployment fails.
    Fail,
}

/// What happens when a deployment fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// A new generation returns to what was ready last.
    Return,
    /// What failed stays as it is.
    Keep,
}

/// When a newer generation takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Supersede {
    /// After the step that is being carried out.
    AtOnce,
    /// After the generation that is being carried out was seen ready, or failed.
    AfterVerify,
}

/// What one environment may use, as quantities of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// CPU that may be requested in total: `4`, `500m`.
    pub cpu: String,
    /// Memory that may be requested in total: `8Gi`.
    pub memory: String,
    /// How many pods may exist.
    pub pods: u32,
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Where its Score files are.
    pub repository: Repository,
    /// Its previews, if pull requests get any.
    pub previews: Option<Previews>,
    /// Its standing environments.
    pub environments: BTreeMap<EnvironmentName, Following>,
    /// Its workloads.
    pub workloads: BTreeMap<WorkloadName, Workload>,
    /// The channel of Slack, by its id, in which its environments are told of.
    pub channel: Option<String>,
    /// Who may do what.
    pub rights: Vec<Right>,
}

impl Application {
    /// Who lends one of its environments the images of what was not rebuilt: a standing one is its own base.
    pub fn base_of<'a>(&'a self, name: &'a EnvironmentName) -> &'a EnvironmentName {
        let previews = self.previews.as_ref().filter(|_| !self.environments.contains_key(name));
        previews.and_then(|previews| previews.base.as_ref()).unwrap_or(name)
    }
}

/// How pull requests of an application are previewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previews {
    /// The type of the previews.
    pub kind: TypeName,
    /// The environment that lends the images of what was not rebuilt.
    pub base: Option<EnvironmentName>,
    /// Whether drafts are previewed too.
    pub drafts: bool,
}

/// A standing environment and what it follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Following {
    /// Its type.
    pub kind: TypeName,
    /// A branch, or tags.
    pub source: Source,
    /// The namespace that it runs in, where the file names one; else it has a name of its own making.
    pub namespace: Option<String>,
}

/// A workload: one Score file, one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// The path of its Score file in the repository.
    pub score: String,
    /// Where its images are kept.
    pub image: ImageRepository,
    /// How tags tell which commit an image was built from, in order.
    pub tags: Vec<TagTemplate>,
}

impl Platform {
    /// Whether objects of environments of a type may be deleted and created where they cannot be changed.
    pub fn may_recreate(&self, kind: &TypeName) -> bool {
        self.types.get(kind).is_some_and(|kind| kind.may_recreate)
    }

    /// The applications that are built from a repository; its host and id are compared, never its name.
    pub fn applications_of(
        &self,
        repository: &Repository,
    ) -> impl Iterator<Item = (&ApplicationName, &Application)> {
        let key = (repository.host, repository.id);
        self.applications
            .iter()
            .filter(move |(_, application)| (application.repository.host, application.repository.id) == key)
    }

    /// Whether a pull request is a draft, and an application wants no previews of drafts.
    pub fn wants_no_draft(&self, application: &ApplicationName, pull_request: &PullRequest) -> bool {
        let previews = self.applications.get(application).and_then(|found| found.previews.as_ref());
        pull_request.draft && !previews.is_some_and(|previews| previews.drafts)
    }
}
