//! Namespaces that standing environments are told to run in.

use super::shape;
use crate::{
    name::{ApplicationName, ClusterName, TypeName, is_generated},
    platform::{
        Application, Cluster, EnvironmentType,
        problem::{Problems, Text},
    },
};
use std::collections::BTreeMap;

/// How the namespaces of Kubernetes itself begin ("Namespaces", Kubernetes documentation).
const RESERVED: &str = "kube-";

/// What is not there is right; what is there is a namespace that an environment can have to itself.
pub(super) fn check_namespace(
    problems: &mut Problems,
    path: &str,
    text: Option<&Text>,
) -> Option<Option<String>> {
    let Some(text) = text else { return Some(None) };
    let name = text.value.as_str();
    let wrong = if !shape::is_label(name) {
        "a namespace has lower-case letters, digits and hyphens, and at most 63 of them"
    } else if name == "default" || name.starts_with(RESERVED) {
        "this namespace belongs to the cluster, and never to an environment"
    } else if is_generated(name) {
        "names of this form are those that Roadstead makes by itself"
    } else {
        return Some(Some(text.value.clone()));
    };
    problems.add_at(text, path, wrong);
    None
}

/// In no cluster does a namespace belong to two environments, or to an environment and the entrance.
pub(super) fn check_places(
    problems: &mut Problems,
    clusters: &BTreeMap<ClusterName, Cluster>,
    types: &BTreeMap<TypeName, EnvironmentType>,
    applications: &BTreeMap<ApplicationName, Application>,
) {
    let mut taken: BTreeMap<(&ClusterName, &str), String> = BTreeMap::new();
    for (application, name, following) in standing(applications) {
        let Some(namespace) = following.namespace.as_deref() else { continue };
        let path = format!("applications.{application}.environments.{name}.namespace");
        for cluster in types.get(&following.kind).into_iter().flat_map(|kind| &kind.clusters) {
            let entrance = clusters.get(cluster).and_then(|cluster| cluster.entrance.namespace.as_deref());
            if entrance == Some(namespace) {
                problems
                    .add(&path, format_args!("the entrance of the cluster `{cluster}` has this namespace"));
            }
            if let Some(other) = taken.insert((cluster, namespace), format!("{application}/{name}")) {
                let text = format_args!("`{other}` has this namespace in the cluster `{cluster}`");
                problems.add(&path, text);
            }
        }
    }
}

fn standing(
    applications: &BTreeMap<ApplicationName, Application>,
) -> impl Iterator<Item = (&ApplicationName, &crate::name::EnvironmentName, &crate::platform::Following)> {
    applications.iter().flat_map(|(application, content)| {
        content.environments.iter().map(move |(name, following)| (application, name, following))
    })
}

#[cfg(test)]
mod tests {
    use crate::platform::Platform;

    const SAMPLE: &str = include_str!("../../../../../infra/local/sample/platform.yaml");
    const STAGING: &str = "      staging: { type: staging, branch: main }\n";

    /// What is wrong with the sample once staging, and another environment beside it, run in these namespaces.
    fn wrong(staging: &str, other: &str) -> Vec<String> {
        let named = |name: &str, namespace: &str| {
            format!("      {name}: {{ type: staging, branch: main, namespace: {namespace} }}\n")
        };
        let text = SAMPLE.replacen(STAGING, &(named("staging", staging) + &named("qa", other)), 1);
        let problems = Platform::parse(text.as_bytes()).err().unwrap_or_default();
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_namespace_is_one_that_an_environment_can_have_to_itself() {
        assert!(wrong("shop-production", "shop-qa").is_empty());
        assert!(wrong(&"a".repeat(63), "qa-0123456789abcdef012").is_empty());
        for reserved in ["default", "kube-system", "shop-qa-0123456789abcdef0123", &"a".repeat(64), "a.b"] {
            let told = wrong(reserved, "shop-qa");
            let place = "platform.yaml:66: applications.shop.environments.staging.namespace: ";
            assert!(told[0].starts_with(place), "{reserved}: {told:?}");
        }
    }

    #[test]
    fn no_namespace_belongs_to_two() {
        let told = wrong("shop-production", "shop-production");
        assert!(told.iter().all(|told| told.contains("staging.namespace: `shop/qa` has this")), "{told:?}");
        assert_eq!(told.len(), 2, "one for each cluster");
        let told = wrong("ingress-nginx", "shop-qa");
        assert!(told[0].contains("the entrance of the cluster `main` has this"), "{told:?}");
    }
}
