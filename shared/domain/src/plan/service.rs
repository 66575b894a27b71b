//! How requests reach workloads: a Service for each workload with ports, an Ingress for each with routes.

use super::{
    rules::{INGRESS, SERVICE},
    scene::{Piece, Scene, WORKLOAD_LABEL},
};
use crate::{
    name::WorkloadName,
    platform::CONTROLLER_CERTIFICATE,
    refusal::Refusal,
    score::{Port, Resource},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where the AWS load balancer controller reads which certificate to use.
const CERTIFICATE_ANNOTATION: &str = "alb.ingress.kubernetes.io/certificate-arn";

/// The longest path of a route, in bytes.
pub(super) const PATH_LIMIT: usize = 255;

/// A route, with its placeholders replaced.
pub(super) struct Route<'a> {
    workload: &'a WorkloadName,
    host: String,
    path: String,
    port: u16,
}

/// All routes, by workload and resource name.
pub(super) fn routes<'a>(scene: &Scene<'a>) -> Result<Vec<Route<'a>>, Refusal> {
    let hosts = scene.hosts.all();
    let mut routes = Vec::new();
    let mut taken = BTreeSet::new();
    for piece in &scene.workloads {
        for (name, resource) in &piece.score.resources {
            if let Resource::Route { host, path, port } = resource {
                let host = scene.hosts.expand(piece, host)?;
                let path = scene.hosts.expand(piece, path)?;
                let route = Route { workload: piece.name, host, path, port: *port };
                check(&route, name, &hosts, taken.insert((route.host.clone(), route.path.clone())))?;
                routes.push(route);
            }
        }
    }
    Ok(routes)
}

fn check(route: &Route<'_>, name: &str, hosts: &[String], free: bool) -> Result<(), Refusal> {
    let whose = format!("The route `{name}` of the workload `{}`", route.workload);
    if hosts.binary_search(&route.host).is_err() {
        return Err(Refusal::rejected(format!(
            "{whose} asks for a host that is not this environment's. A host comes from a resource of the type dns: \
             `${{resources.<name>.host}}`."
        )));
    }
    if !is_path(&route.path) {
        return Err(Refusal::rejected(format!(
            "{whose} has a path that is not one. A path begins with `/` and has letters, digits, `.`, `_`, `~` and `-` \
             between slashes."
        )));
    }
    if !free {
        return Err(Refusal::rejected(format!("{whose} has the host and path of another route.")));
    }
    Ok(())
}

/// A path of an Ingress that no controller can take for anything else.
fn is_path(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    let segment = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(inner);
    let segments = |rest: &str| rest.strip_suffix('/').unwrap_or(rest).split('/').all(segment);
    text.len() <= PATH_LIMIT && text.strip_prefix('/').is_some_and(|rest| rest.is_empty() || segments(rest))
}

/// The Services, then the Ingresses.
pub(super) fn render(scene: &Scene<'_>, routes: &[Route<'_>]) -> Vec<Value> {
    let serving = scene.workloads.iter().filter(|piece| !piece.score.ports.is_empty());
    let services = serving.map(|piece| service(scene, piece));
    let ingresses = scene.workloads.iter().filter_map(|piece| ingress(scene, piece.name, routes));
    services.chain(ingresses).collect()
}

fn service(scene: &Scene<'_>, piece: &Piece<'_>) -> Value {
    let ports: Vec<Value> = piece.score.ports.iter().map(|(name, port)| service_port(name, port)).collect();
    let spec = json!({"type": "ClusterIP", "selector": {WORKLOAD_LABEL: piece.name}, "ports": ports});
    scene.object(SERVICE, piece.name.as_str(), json!({"spec": spec}))
}

fn service_port(name: &str, port: &Port) -> Value {
    json!({"name": name, "port": port.port, "targetPort": port.target, "protocol": port.protocol})
}

fn ingress(scene: &Scene<'_>, workload: &WorkloadName, routes: &[Route<'_>]) -> Option<Value> {
    let mut by_host: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for route in routes.iter().filter(|route| route.workload == workload) {
        by_host.entry(&route.host).or_default().push(path(route));
    }
    if by_host.is_empty() {
        return None;
    }
    let hosts: Vec<&str> = by_host.keys().copied().collect();
    let rules: Vec<Value> =
        by_host.iter().map(|(host, paths)| json!({"host": host, "http": {"paths": paths}})).collect();
    let mut spec = json!({"ingressClassName": scene.entrance.ingress_class, "rules": rules});
    if scene.entrance.certificate.is_some() {
        spec["tls"] = json!([{"hosts": hosts}]);
    }
    let mut ingress = scene.object(INGRESS, workload.as_str(), json!({"spec": spec}));
    if let Some(arn) = scene.entrance.certificate.as_deref().filter(|text| *text != CONTROLLER_CERTIFICATE) {
        ingress["metadata"]["annotations"] = json!({CERTIFICATE_ANNOTATION: arn});
    }
    Some(ingress)
}

fn path(route: &Route<'_>) -> Value {
    let backend = json!({"service": {"name": route.workload, "port": {"number": route.port}}});
    json!({"path": route.path, "pathType": "Prefix", "backend": backend})
}

/// Where people find the environment: the host of its first route, else its first host.
pub(super) fn url(scene: &Scene<'_>, routes: &[Route<'_>]) -> Option<String> {
    let host = routes.first().map(|route| route.host.as_str()).or_else(|| scene.hosts.first())?;
    let scheme = if scene.entrance.certificate.is_some() { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}
