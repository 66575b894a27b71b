//! What a Score file's placeholders and ports refer to must be there.

use super::limits::METADATA_LIMIT;
use crate::{
    platform::problem::Problems,
    score::{Container, Reference, Resource, ScoreFile, Template},
};

pub(super) fn check_references(problems: &mut Problems, score: &ScoreFile) {
    for (name, container) in &score.containers {
        let path = format!("containers.{name}");
        for (variable, template) in &container.variables {
            check_template(problems, &format!("{path}.variables.{variable}"), template, score);
        }
        check_mounts(problems, &path, container, score);
    }
    for (name, resource) in &score.resources {
        check_route(problems, &format!("resources.{name}.params"), resource, score);
    }
}

fn check_mounts(problems: &mut Problems, path: &str, container: &Container, score: &ScoreFile) {
    for (target, mount) in &container.volumes {
        if !matches!(score.resources.get(&mount.resource), Some(Resource::Volume { .. })) {
            let text = format!("there is no sound resource `{}` of the type volume", mount.resource);
            problems.add(&format!("{path}.volumes.{target}.source"), text);
        }
    }
}

fn check_route(problems: &mut Problems, path: &str, resource: &Resource, score: &ScoreFile) {
    let Resource::Route { host, path: target, port } = resource else { return };
    check_template(problems, &format!("{path}.host"), host, score);
    check_template(problems, &format!("{path}.path"), target, score);
    if !score.ports.values().any(|known| known.port == *port && known.protocol == "TCP") {
        problems.add(&format!("{path}.port"), format_args!("the service has no TCP port {port}"));
    }
}

fn check_template(problems: &mut Problems, path: &str, template: &Template, score: &ScoreFile) {
    for reference in template.references() {
        if let Some(text) = missing(reference, score) {
            problems.add(path, text);
        }
    }
}

/// Why a reference leads nowhere.
fn missing(reference: &Reference, score: &ScoreFile) -> Option<String> {
    match reference {
        Reference::Metadata(keys) => match score.metadata_text(keys) {
            None => Some(format!("there is no `metadata.{}`", keys.join("."))),
            Some(text) => (text.len() > METADATA_LIMIT)
                .then(|| format!("`metadata.{}` has more than {METADATA_LIMIT} bytes", keys.join("."))),
        },
        Reference::Resource { name, output } => match (score.resources.get(name), output.as_slice()) {
            (None, _) => Some(format!("there is no sound resource `{name}`")),
            (Some(Resource::Dns { .. }), [only]) if only == "host" => None,
            (Some(resource), _) => {
                let outputs = match resource {
                    Resource::Dns { .. } => "the one output `host`",
                    Resource::Route { .. } => "no outputs",
                    Resource::Volume { .. } => "no outputs except as the source of a container's volume",
                };
                Some(format!("`{name}` is a resource of the type {}, which has {outputs}", resource.kind()))
            }
        },
    }
}
