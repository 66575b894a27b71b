//! Resources and their parameters.

use super::{
    limits::{RESOURCE_LIMIT, VOLUME_SIZE},
    optional, refuse,
};
use crate::{
    platform::{
        problem::{Problems, Text},
        quantity::thousandths,
        shape::is_label,
    },
    score::{Resource, SUPPORTED, Template, file::FileResource},
};
use std::collections::BTreeMap;

pub(super) fn check_resources(
    problems: &mut Problems,
    resources: &BTreeMap<String, FileResource>,
) -> BTreeMap<String, Resource> {
    problems.at_most("resources", resources.len(), RESOURCE_LIMIT);
    let mut checked = BTreeMap::new();
    for (name, resource) in resources {
        let path = format!("resources.{name}");
        checked.extend(check_resource(problems, &path, resource).map(|resource| (name.clone(), resource)));
    }
    checked
}

fn check_resource(problems: &mut Problems, path: &str, resource: &FileResource) -> Option<Resource> {
    refuse(problems, &format!("{path}.metadata"), resource.metadata.as_ref(), "leave it out");
    if let Some(class) = resource.class.as_ref().filter(|class| class.value != "default") {
        problems.add_at(class, &format!("{path}.class"), "only the class `default` is offered");
    }
    let id = optional(resource.id.as_ref(), |text| check_id(problems, path, resource, text))?;
    match resource.kind.value.as_str() {
        "dns" => {
            known_parameters(problems, path, resource, &[]);
            Some(Resource::Dns { id })
        }
        "route" => {
            known_parameters(problems, path, resource, &["host", "path", "port"]);
            check_route(problems, path, resource)
        }
        "volume" => {
            known_parameters(problems, path, resource, &["size"]);
            check_size(problems, path, resource).map(|size| Resource::Volume { size })
        }
        _ => {
            let supported = SUPPORTED.join("`, `");
            let text = format!("this type is not offered here; the types are `{supported}`");
            problems.add_at(&resource.kind, &format!("{path}.type"), text);
            None
        }
    }
}

fn check_id(problems: &mut Problems, path: &str, resource: &FileResource, text: &Text) -> Option<String> {
    let path = format!("{path}.id");
    if resource.kind.value != "dns" {
        problems.add_at(text, &path, "only a resource of the type dns can be shared by an id");
    }
    problems.require(
        is_label(&text.value),
        &path,
        text,
        "an id has at most 63 lower-case letters, digits and hyphens",
    )
}

fn known_parameters(problems: &mut Problems, path: &str, resource: &FileResource, known: &[&str]) {
    for (name, text) in resource.params.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
        problems.add_at(text, &format!("{path}.params.{name}"), "this parameter is not known");
    }
}

fn check_route(problems: &mut Problems, path: &str, resource: &FileResource) -> Option<Resource> {
    let path = format!("{path}.params");
    let parameter = |name: &str, problems: &mut Problems| {
        let text = resource.params.get(name);
        if text.is_none() {
            problems.add(&format!("{path}.{name}"), "a route needs it");
        }
        text
    };
    let host: Option<Template> =
        parameter("host", problems).and_then(|text| problems.parse(&format!("{path}.host"), text));
    let port = parameter("port", problems).and_then(|text| check_port(problems, &path, text));
    let target = match resource.params.get("path") {
        Some(text) => problems.parse(&format!("{path}.path"), text),
        None => "/".parse().ok(),
    };
    Some(Resource::Route { host: host?, path: target?, port: port? })
}

fn check_port(problems: &mut Problems, path: &str, text: &Text) -> Option<u16> {
    let port = text.value.parse().ok().filter(|port| *port > 0);
    if port.is_none() {
        problems.add_at(text, &format!("{path}.port"), "it is the number of one of the service's ports");
    }
    port
}

fn check_size(problems: &mut Problems, path: &str, resource: &FileResource) -> Option<String> {
    let Some(text) = resource.params.get("size") else { return Some(VOLUME_SIZE.to_owned()) };
    let passes = thousandths(&text.value).is_some_and(|value| value > 0);
    problems.require(passes, &format!("{path}.params.size"), text, "a size looks like `1Gi`, and is not zero")
}
