//! The workload's service.

use super::limits::{PORT_LIMIT, PORT_NAME_LIMIT};
use crate::{
    platform::{problem::Problems, shape::is_label},
    score::{
        Port,
        file::{FilePort, FileService},
    },
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check_ports(problems: &mut Problems, service: Option<&FileService>) -> BTreeMap<String, Port> {
    let Some(service) = service else { return BTreeMap::new() };
    problems.at_most("service.ports", service.ports.len(), PORT_LIMIT);
    let mut checked = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (name, port) in &service.ports {
        let path = format!("service.ports.{name}");
        if !is_port_name(name) {
            problems.add(
                &path,
                "a port's name has at most 15 lower-case letters, digits and single hyphens, with at least one letter",
            );
        }
        if let Some(port) = check_port(problems, &path, port) {
            if !taken.insert((port.port, port.protocol)) {
                problems.add(&path, "another port has the same number and protocol");
            }
            checked.insert(name.clone(), port);
        }
    }
    checked
}

fn check_port(problems: &mut Problems, path: &str, port: &FilePort) -> Option<Port> {
    let target = port.target_port.unwrap_or(port.port);
    if port.port == 0 || target == 0 {
        problems.add(path, "a port is between 1 and 65535");
    }
    let protocol = match port.protocol.as_ref().map(|protocol| protocol.value.as_str()) {
        None | Some("TCP") => Some("TCP"),
        Some("UDP") => Some("UDP"),
        Some(_) => {
            problems.add(&format!("{path}.protocol"), "it is `TCP` or `UDP`");
            None
        }
    };
    Some(Port { port: port.port, target, protocol: protocol? })
}

/// The name of a port (`IANA_SVC_NAME` of Kubernetes, RFC 6335).
fn is_port_name(name: &str) -> bool {
    is_label(name)
        && name.len() <= PORT_NAME_LIMIT
        && !name.contains("--")
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
}
