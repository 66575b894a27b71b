//! Clusters and their entrances.

use super::{
    limits::{DOMAIN_LIMIT, PLATFORM_LIMIT},
    shape,
};
use crate::{
    name::ClusterName,
    platform::{
        AliasTarget, Cluster, Entrance, EntranceNames,
        entrance::CONTROLLER_CERTIFICATE,
        file::{FileEntrance, FileTarget},
        problem::{Problems, Text},
    },
};
use std::collections::BTreeMap;

const ZONE: &str = "the id of a hosted zone has capital letters and digits: `Z0123456789ABCDEFGHIJ`";

pub(super) fn check_entrance(
    problems: &mut Problems,
    path: &str,
    entrance: &FileEntrance,
) -> Option<Entrance> {
    let path = |field: &str| format!("{path}.entrance.{field}");
    let (zone, domain, class) = (&entrance.zone, &entrance.domain, &entrance.ingress_class);
    let zone = problems.require(shape::is_zone(&zone.value), &path("zone"), zone, ZONE);
    let domain = problems.require(
        shape::is_domain(&domain.value, DOMAIN_LIMIT),
        &path("domain"),
        domain,
        "a domain is in lower case, has at most 189 characters and no final dot: names are put before it",
    );
    let target = check_target(problems, &path("target"), &entrance.target);
    let class = problems.require(
        shape::is_domain(&class.value, 253),
        &path("ingress_class"),
        class,
        "an ingress class has lower-case letters, digits, hyphens and dots",
    );
    let certificate =
        optional(&entrance.certificate, |text| check_certificate(problems, &path("certificate"), text));
    let namespace = optional(&entrance.namespace, |text| {
        problems.require(
            shape::is_label(&text.value),
            &path("namespace"),
            text,
            "a namespace has lower-case letters, digits and hyphens",
        )
    });
    Some(Entrance {
        zone: zone?,
        domain: domain?,
        target: target?,
        ingress_class: class?,
        certificate: certificate?,
        names: entrance.names,
        namespace: namespace?,
    })
}

/// What is not there is right; what is there must be.
fn optional(text: &Option<Text>, check: impl FnOnce(&Text) -> Option<String>) -> Option<Option<String>> {
    text.as_ref().map_or(Some(None), |text| check(text).map(Some))
}

fn check_target(problems: &mut Problems, path: &str, target: &FileTarget) -> Option<AliasTarget> {
    let name = problems.require(
        shape::is_domain(&target.name.value, 253),
        &format!("{path}.name"),
        &target.name,
        "what a name points at is a DNS name in lower case, without the final dot",
    );
    let zone =
        problems.require(shape::is_zone(&target.zone.value), &format!("{path}.zone"), &target.zone, ZONE);
    Some(AliasTarget { name: name?, zone: zone? })
}

fn check_certificate(problems: &mut Problems, path: &str, text: &Text) -> Option<String> {
    let printable = text.value.len() <= 2_048 && text.value.bytes().all(|byte| byte.is_ascii_graphic());
    let known = text.value == CONTROLLER_CERTIFICATE || text.value.starts_with("arn:aws") && printable;
    problems.require(
        known,
        path,
        text,
        "a certificate is the ARN of one in ACM, or `controller` for the one that the ingress controller has",
    )
}

/// The platforms of a cluster's machines: an operating system and an architecture each, as registries call them.
pub(super) fn check_platforms(problems: &mut Problems, path: &str, platforms: &[Text]) -> Vec<String> {
    let path = format!("{path}.platforms");
    problems.at_most(&path, platforms.len(), PLATFORM_LIMIT);
    let checked = platforms.iter().filter_map(|platform| {
        let parts: Vec<_> = platform.value.split('/').collect();
        let shaped = (2..=3).contains(&parts.len()) && parts.iter().all(|part| shape::is_label(part));
        problems.require(shaped, &path, platform, "a platform looks like `linux/amd64`")
    });
    checked.collect()
}

/// A name leads to one cluster only: no domain is given twice, and none is below one that a wildcard covers.
pub(super) fn check_domains(problems: &mut Problems, clusters: &BTreeMap<ClusterName, Cluster>) {
    for (name, Cluster { entrance, .. }) in clusters {
        for (other, Cluster { entrance: theirs, .. }) in clusters.iter().filter(|(other, _)| *other != name) {
            let path = format!("clusters.{name}.entrance.domain");
            let below = entrance.domain.strip_suffix(&theirs.domain).is_some_and(|rest| rest.ends_with('.'));
            if entrance.domain == theirs.domain && name > other {
                problems.add(&path, format_args!("the cluster `{other}` has the same domain"));
            } else if below && theirs.names == EntranceNames::Wildcard {
                problems.add(&path, format_args!("the wildcard of the cluster `{other}` covers this domain"));
            }
        }
    }
}
