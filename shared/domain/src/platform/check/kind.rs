//! Environment types.

use super::limits::{
    DEADLINE_LIMIT, DEADLINE_MINIMUM, ENVIRONMENT_LIMIT, LIFETIME_MINIMUM, POD_LIMIT, PREVIEW_LIFETIME,
    TYPE_CLUSTER_LIMIT, WAIT_LIMIT,
};
use crate::{
    name::ClusterName,
    platform::{
        Cluster, EnvironmentType, ImageRule, Quota, duration,
        file::{FileQuota, FileType},
        problem::{Problems, Text},
        quantity,
    },
};
use jiff::SignedDuration;
use std::collections::BTreeMap;

pub(super) fn check_type(
    problems: &mut Problems,
    path: &str,
    kind: &FileType,
    clusters: &BTreeMap<ClusterName, Cluster>,
    of_previews: bool,
) -> Option<EnvironmentType> {
    let path = |field: &str| format!("{path}.{field}");
    let clusters = check_clusters(problems, &path("clusters"), &kind.clusters, clusters);
    let wait =
        check_span(problems, &path("images.wait"), &kind.images.wait, SignedDuration::ZERO, WAIT_LIMIT);
    let deadline = check_span(problems, &path("deadline"), &kind.deadline, DEADLINE_MINIMUM, DEADLINE_LIMIT);
    let lifetime = match &kind.lifetime {
        Some(text) => {
            check_span(problems, &path("lifetime"), text, LIFETIME_MINIMUM, duration::LONGEST).map(Some)
        }
        None => Some(of_previews.then_some(PREVIEW_LIFETIME)),
    };
    check_count(problems, &path("limit"), kind.limit, ENVIRONMENT_LIMIT);
    let quota = check_quota(problems, &path("quota"), &kind.quota);
    Some(EnvironmentType {
        clusters: clusters?,
        images: ImageRule { wait: wait?, otherwise: kind.images.otherwise },
        lifetime: lifetime?,
        deadline: deadline?,
        on_failure: kind.on_failure,
        supersede: kind.supersede,
        limit: kind.limit,
        quota: quota?,
        may_recreate: kind.may_recreate,
        protected: kind.protected,
    })
}

/// At least one, and none twice.
fn check_clusters(
    problems: &mut Problems,
    path: &str,
    texts: &[Text],
    clusters: &BTreeMap<ClusterName, Cluster>,
) -> Option<Vec<ClusterName>> {
    problems.at_most(path, texts.len(), TYPE_CLUSTER_LIMIT);
    if texts.is_empty() {
        problems.add(path, "its environments need a cluster to run in");
    }
    let mut names = vec![];
    for text in texts {
        let name = check_cluster(problems, path, text, clusters)?;
        if names.contains(&name) {
            problems.add_at(text, path, format_args!("the cluster `{name}` is listed twice"));
        }
        names.push(name);
    }
    Some(names)
}

fn check_cluster(
    problems: &mut Problems,
    path: &str,
    text: &Text,
    clusters: &BTreeMap<ClusterName, Cluster>,
) -> Option<ClusterName> {
    let name: ClusterName = problems.parse(path, text)?;
    if !clusters.contains_key(&name) {
        problems.add_at(text, path, format_args!("there is no sound cluster `{name}`"));
    }
    Some(name)
}

fn check_span(
    problems: &mut Problems,
    path: &str,
    text: &Text,
    least: SignedDuration,
    most: SignedDuration,
) -> Option<SignedDuration> {
    let span = duration::parse(&text.value).map_err(|error| problems.add_at(text, path, error)).ok()?;
    if !(least..=most).contains(&span) {
        problems.add_at(
            text,
            path,
            format_args!("it is between {} and {} seconds", least.as_secs(), most.as_secs()),
        );
    }
    Some(span)
}

fn check_count(problems: &mut Problems, path: &str, count: u32, limit: u32) {
    if !(1..=limit).contains(&count) {
        problems.add(path, format_args!("it is between 1 and {limit}"));
    }
}

fn check_quota(problems: &mut Problems, path: &str, quota: &FileQuota) -> Option<Quota> {
    let cpu = check_quantity(problems, &format!("{path}.cpu"), &quota.cpu);
    let memory = check_quantity(problems, &format!("{path}.memory"), &quota.memory);
    check_count(problems, &format!("{path}.pods"), quota.pods, POD_LIMIT);
    Some(Quota { cpu: cpu?, memory: memory?, pods: quota.pods })
}

fn check_quantity(problems: &mut Problems, path: &str, text: &Text) -> Option<String> {
    let more_than_nothing = quantity::thousandths(&text.value).is_some_and(|value| value > 0);
    problems.require(
        more_than_nothing,
        path,
        text,
        "a quantity looks like `500m`, `4` or `8Gi`, and is not zero",
    )
}
