//! Containers.

use super::{
    limits::{HEADER_LIMIT, MOUNT_LIMIT, VARIABLE_LIMIT, WORD_LIMIT},
    optional, refuse,
};
use crate::{
    platform::{
        problem::{Problems, Text},
        quantity::thousandths,
    },
    score::{
        Amounts, Container, Mount, Probe, Reference, Template,
        file::{FileAmount, FileContainer, FileHttpGet, FileProbe, FileVolume},
    },
};
use std::collections::BTreeMap;

pub(super) fn check_container(
    problems: &mut Problems,
    path: &str,
    container: &FileContainer,
) -> Option<Container> {
    let path = |field: &str| format!("{path}.{field}");
    problems.require(
        container.image.value == ".",
        &path("image"),
        &container.image,
        "it must be `.`: what runs is the image that was built from the commit, by its digest",
    );
    refuse(
        problems,
        &path("files"),
        container.files.as_ref(),
        "put the file into the image, or use a variable",
    );
    refuse(problems, &path("before"), container.before.as_ref(), "containers of a workload start together");
    check_words(problems, &path("command"), &container.command);
    check_words(problems, &path("args"), &container.args);
    let variables = check_variables(problems, &path("variables"), &container.variables);
    let volumes = check_volumes(problems, &path("volumes"), &container.volumes);
    let requests = check_amounts(problems, &path("resources.requests"), &container.resources.requests);
    let limits = check_amounts(problems, &path("resources.limits"), &container.resources.limits);
    let liveness = check_probe(problems, &path("livenessProbe"), container.liveness_probe.as_ref());
    let readiness = check_probe(problems, &path("readinessProbe"), container.readiness_probe.as_ref());
    Some(Container {
        command: container.command.clone(),
        args: container.args.clone(),
        variables,
        volumes,
        requests: requests?,
        limits: limits?,
        liveness: liveness?,
        readiness: readiness?,
    })
}

fn check_words(problems: &mut Problems, path: &str, words: &[String]) {
    problems.at_most(path, words.len(), WORD_LIMIT);
}

fn check_variables(
    problems: &mut Problems,
    path: &str,
    variables: &BTreeMap<String, Text>,
) -> BTreeMap<String, Template> {
    problems.at_most(path, variables.len(), VARIABLE_LIMIT);
    let mut checked = BTreeMap::new();
    for (name, text) in variables {
        let path = format!("{path}.{name}");
        if !is_variable(name) {
            problems.add_at(
                text,
                &path,
                "a variable has letters, digits, `_`, `-` and `.`, and begins with no digit",
            );
        }
        checked.extend(problems.parse(&path, text).map(|template| (name.clone(), template)));
    }
    checked
}

/// The name of an environment variable (`C_IDENTIFIER` of Kubernetes, with `-` and `.`).
fn is_variable(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    name.bytes().all(inner) && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}

fn check_volumes(
    problems: &mut Problems,
    path: &str,
    volumes: &BTreeMap<String, FileVolume>,
) -> BTreeMap<String, Mount> {
    problems.at_most(path, volumes.len(), MOUNT_LIMIT);
    let mut checked = BTreeMap::new();
    for (target, volume) in volumes {
        let path = format!("{path}.{target}");
        if !is_absolute(target) {
            problems.add_at(
                &volume.source,
                &path,
                "a volume is mounted at an absolute path without `..` or `:`",
            );
        }
        checked.extend(check_volume(problems, &path, volume).map(|mount| (target.clone(), mount)));
    }
    checked
}

fn check_volume(problems: &mut Problems, path: &str, volume: &FileVolume) -> Option<Mount> {
    let source: Template = problems.parse(&format!("{path}.source"), &volume.source)?;
    let Some(Reference::Resource { name, output }) = source.as_reference() else {
        problems.add_at(&volume.source, path, "a volume's source is a resource: `${resources.data}`");
        return None;
    };
    if !(output.is_empty() || output == &["source"]) {
        problems.add_at(&volume.source, path, "a resource of the type volume has the output `source` only");
    }
    let directory = optional(volume.path.as_ref(), |text| {
        let passes = is_absolute(&format!("/{}", text.value));
        problems.require(passes, &format!("{path}.path"), text, "it is a relative path without `..` or `:`")
    });
    Some(Mount { resource: name.clone(), path: directory?, read_only: volume.read_only })
}

/// What Kubernetes takes for a mount path, without a way out.
fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
        && path.len() > 1
        && path.len() <= 255
        && path.split('/').all(|part| part != "..")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
}

fn check_amounts(problems: &mut Problems, path: &str, amount: &FileAmount) -> Option<Amounts> {
    let mut quantity = |field: &str, text: &Option<Text>| {
        optional(text.as_ref(), |text| {
            let passes = thousandths(&text.value).is_some_and(|value| value > 0);
            let path = format!("{path}.{field}");
            problems.require(
                passes,
                &path,
                text,
                "a quantity looks like `500m`, `2` or `128Mi`, and is not zero",
            )
        })
    };
    let (cpu, memory) = (quantity("cpu", &amount.cpu), quantity("memory", &amount.memory));
    Some(Amounts { cpu: cpu?, memory: memory? })
}

fn check_probe(problems: &mut Problems, path: &str, probe: Option<&FileProbe>) -> Option<Option<Probe>> {
    let Some(probe) = probe else { return Some(None) };
    match (&probe.http_get, &probe.exec) {
        (Some(request), None) => check_request(problems, &format!("{path}.httpGet"), request).map(Some),
        (None, Some(exec)) if !exec.command.is_empty() => {
            check_words(problems, &format!("{path}.exec.command"), &exec.command);
            Some(Some(Probe::Exec { command: exec.command.clone() }))
        }
        _ => {
            problems.add(path, "a probe has either `httpGet`, or `exec` with a command");
            None
        }
    }
}

fn check_request(problems: &mut Problems, path: &str, request: &FileHttpGet) -> Option<Probe> {
    refuse(problems, &format!("{path}.host"), request.host.as_ref(), "a container is asked itself");
    problems.at_most(&format!("{path}.httpHeaders"), request.http_headers.len(), HEADER_LIMIT);
    let target = problems.require(
        request.path.value.starts_with('/') && request.path.value.bytes().all(|byte| byte.is_ascii_graphic()),
        &format!("{path}.path"),
        &request.path,
        "it begins with `/` and has no spaces",
    );
    let scheme = match request.scheme.as_ref().map(|scheme| scheme.value.as_str()) {
        None | Some("HTTP") => Some("HTTP"),
        Some("HTTPS") => Some("HTTPS"),
        Some(_) => {
            problems.add(&format!("{path}.scheme"), "it is `HTTP` or `HTTPS`");
            None
        }
    };
    if request.port == 0 {
        problems.add(&format!("{path}.port"), "it is between 1 and 65535");
    }
    let headers =
        request.http_headers.iter().map(|header| (header.name.value.clone(), header.value.value.clone()));
    Some(Probe::HttpGet { scheme: scheme?, path: target?, port: request.port, headers: headers.collect() })
}
