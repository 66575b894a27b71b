//! Checks what the platform file says: every text, every reference, every limit; all problems are told, not the
//! first.

mod application;
mod cluster;
mod following;
mod kind;
pub mod limits;
mod namespace;
pub(crate) mod shape;
mod workload;

use super::{
    Application, Cluster, EnvironmentType, Parsed, Platform, Problem, RegistryAccount,
    file::{File, FileRegistry},
    problem::Problems,
    yaml,
};
use crate::name::{ApplicationName, ClusterName, TypeName};
use limits::{APPLICATION_LIMIT, CLUSTER_LIMIT, FILE_LIMIT, REGISTRY_LIMIT, TYPE_LIMIT};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// What the file is called in problems.
const FILE_NAME: &str = "platform.yaml";

/// What the entries of an application may refer to.
struct Known<'a> {
    registries: &'a [RegistryAccount],
    types: &'a BTreeMap<TypeName, EnvironmentType>,
}

impl Platform {
    /// Reads the platform configuration.
    ///
    /// # Errors
    /// Everything that is wrong with it; only what is no YAML, or not of this form, hides what comes after it.
    pub fn parse(text: &[u8]) -> Result<Parsed, Vec<Problem>> {
        let file: File = yaml::read(FILE_NAME, text, FILE_LIMIT).map_err(|problem| vec![problem])?;
        let mut problems = Problems::of(FILE_NAME);
        let platform = check(&mut problems, &file);
        let hash = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        problems.result(platform, text).map(|platform| Parsed { platform, hash })
    }
}

fn check(problems: &mut Problems, file: &File) -> Option<Platform> {
    let installation = problems.parse("installation", &file.installation);
    let registries = check_registries(problems, &file.registries);
    let clusters = check_clusters(problems, file);
    let types = check_types(problems, file, &clusters);
    let applications = check_applications(problems, file, &Known { registries: &registries, types: &types });
    namespace::check_places(problems, &clusters, &types, &applications);
    Some(Platform { installation: installation?, registries, clusters, types, applications })
}

fn check_registries(problems: &mut Problems, registries: &[FileRegistry]) -> Vec<RegistryAccount> {
    problems.at_most("registries", registries.len(), REGISTRY_LIMIT);
    let numbered = registries.iter().enumerate();
    numbered.filter_map(|(number, registry)| check_registry(problems, number, registry)).collect()
}

fn check_registry(
    problems: &mut Problems,
    number: usize,
    registry: &FileRegistry,
) -> Option<RegistryAccount> {
    let path = |field: &str| format!("registries[{number}].{field}");
    let (host, account, region) = (&registry.host, &registry.account, &registry.region);
    let host = problems.require(
        shape::is_domain(&host.value, 253),
        &path("host"),
        host,
        "a registry's host is a DNS name in lower case",
    );
    let account = problems.require(
        shape::is_account(&account.value),
        &path("account"),
        account,
        "an AWS account is twelve digits",
    );
    let region = problems.require(
        shape::is_label(&region.value),
        &path("region"),
        region,
        "an AWS region looks like `eu-west-1`",
    );
    Some(RegistryAccount { host: host?, account: account?, region: region? })
}

fn check_clusters(problems: &mut Problems, file: &File) -> BTreeMap<ClusterName, Cluster> {
    problems.at_most("clusters", file.clusters.len(), CLUSTER_LIMIT);
    let mut clusters = BTreeMap::new();
    for (name, cluster) in &file.clusters {
        let path = format!("clusters.{name}");
        let entrance = cluster::check_entrance(problems, &path, &cluster.entrance);
        let platforms = cluster::check_platforms(problems, &path, &cluster.platforms);
        if let (Some(name), Some(entrance)) = (problems.parse_key(&path, name), entrance) {
            clusters.insert(name, Cluster { entrance, platforms });
        }
    }
    cluster::check_domains(problems, &clusters);
    clusters
}

fn check_types(
    problems: &mut Problems,
    file: &File,
    clusters: &BTreeMap<ClusterName, Cluster>,
) -> BTreeMap<TypeName, EnvironmentType> {
    problems.at_most("types", file.types.len(), TYPE_LIMIT);
    let mut types = BTreeMap::new();
    for (name, kind) in &file.types {
        let path = format!("types.{name}");
        let previews = file.applications.values().filter_map(|application| application.previews.as_ref());
        let of_previews = previews.into_iter().any(|previews| previews.kind.value == *name);
        let kind = kind::check_type(problems, &path, kind, clusters, of_previews);
        if let (Some(name), Some(kind)) = (problems.parse_key(&path, name), kind) {
            types.insert(name, kind);
        }
    }
    types
}

fn check_applications(
    problems: &mut Problems,
    file: &File,
    known: &Known<'_>,
) -> BTreeMap<ApplicationName, Application> {
    problems.at_most("applications", file.applications.len(), APPLICATION_LIMIT);
    workload::check_images(problems, &file.applications);
    let mut applications = BTreeMap::new();
    for (name, application) in &file.applications {
        let path = format!("applications.{name}");
        let application = application::check_application(problems, &path, application, known);
        if let (Some(name), Some(application)) = (problems.parse_key(&path, name), application) {
            applications.insert(name, application);
        }
    }
    applications
}
