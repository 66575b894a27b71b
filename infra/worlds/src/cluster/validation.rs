//! What makes an object invalid by itself: as much of the published validation as was recorded.

use serde_json::Value;

use super::kinds::Kind;
use super::object;
use super::refusal::Cause;
use super::selectors;

/// The longest name of most objects, in bytes (RFC 1123 subdomain).
pub(super) const SUBDOMAIN_LIMIT: usize = 253;
/// The longest name of a namespace or a Service, and the longest label value, in bytes.
pub(super) const LABEL_LIMIT: usize = 63;

/// What is wrong with `object`, field by field.
pub(super) fn causes(kind: &Kind, object: &Value) -> Vec<Cause> {
    let mut causes = metadata(kind, object);
    match kind.kind {
        "Service" => causes.extend(service(object)),
        "Deployment" | "ReplicaSet" => causes.extend(workload(object)),
        _ => {}
    }
    causes
}

fn metadata(kind: &Kind, object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    if let Some(why) = name_fault(kind, object::name(object)) {
        causes.push(Cause::invalid(
            "metadata.name",
            format!("Invalid value: {:?}: {why}", object::name(object)),
        ));
    }
    causes.extend(labels(object, "/metadata/labels", "metadata.labels"));
    causes
}

fn name_fault(kind: &Kind, name: &str) -> Option<String> {
    let is_label = matches!(kind.kind, "Namespace" | "Service");
    let limit = if is_label { LABEL_LIMIT } else { SUBDOMAIN_LIMIT };
    let fits = match kind.group {
        "rbac.authorization.k8s.io" => !name.is_empty() && !name.contains(['/', '%']),
        _ if is_label => {
            is_label_name(name) && !(kind.kind == "Service" && name.starts_with(|c: char| c.is_ascii_digit()))
        }
        _ => name.split('.').all(is_label_name),
    };
    if name.len() > limit {
        return Some(format!("must be no more than {limit} bytes"));
    }
    (!fits).then(|| {
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
         and must start and end with an alphanumeric character"
            .to_owned()
    })
}

fn is_label_name(name: &str) -> bool {
    let inner = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    !name.is_empty() && name.chars().all(inner) && !name.starts_with('-') && !name.ends_with('-')
}

/// A key of labels, annotations or finalizers: `prefix/name` or `name`.
fn is_qualified_name(key: &str) -> bool {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    prefix.is_none_or(|prefix| {
        prefix.len() <= SUBDOMAIN_LIMIT && prefix.to_lowercase().split('.').all(is_label_name)
    }) && !name.is_empty()
        && is_label_value(name)
}

fn is_label_value(value: &str) -> bool {
    let inner = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let edge = |letter: Option<char>| letter.is_none_or(|letter| letter.is_ascii_alphanumeric());
    value.len() <= LABEL_LIMIT
        && value.chars().all(inner)
        && edge(value.chars().next())
        && edge(value.chars().next_back())
}

fn labels(object: &Value, pointer: &str, field: &str) -> Vec<Cause> {
    let faulty = object::entries(object, pointer).filter_map(|(key, value)| {
        if !is_qualified_name(key) {
            Some(format!("Invalid value: {key:?}: name part is invalid"))
        } else if value.len() > LABEL_LIMIT {
            Some(format!("Invalid value: {value:?}: must be no more than {LABEL_LIMIT} bytes"))
        } else if !is_label_value(value) {
            Some(format!("Invalid value: {value:?}: a valid label must consist of alphanumeric characters, '-', '_' or '.'"))
        } else {
            None
        }
    });
    faulty.map(|why| Cause::invalid(field, why)).collect()
}

fn service(service: &Value) -> Vec<Cause> {
    let ports = object::items(service, "/spec/ports");
    let mut causes = Vec::new();
    if ports.is_empty()
        && object::text(service, "/spec/type") != "ExternalName"
        && object::text(service, "/spec/clusterIP") != "None"
    {
        causes.push(Cause::required("spec.ports"));
    }
    for (at, port) in ports.iter().enumerate() {
        for field in ["port", "targetPort"] {
            causes.extend(port_fault(&port[field], format!("spec.ports[{at}].{field}")));
        }
        if ports.len() > 1 && object::text(port, "/name").is_empty() {
            causes.push(Cause::required(format!("spec.ports[{at}].name")));
        }
    }
    causes
}

fn port_fault(port: &Value, field: String) -> Option<Cause> {
    let fits = port.as_i64().is_none_or(|number| (1..=65_535).contains(&number));
    (!fits).then(|| {
        Cause::invalid(field, format!("Invalid value: {port}: must be between 1 and 65535, inclusive"))
    })
}

fn workload(workload: &Value) -> Vec<Cause> {
    let mut causes = labels(workload, "/spec/template/metadata/labels", "spec.template.labels");
    let labels = workload.pointer("/spec/template/metadata/labels").cloned().unwrap_or_default();
    match workload.pointer("/spec/selector") {
        None => causes.push(Cause::required("spec.selector")),
        Some(selector) if selector.get("matchExpressions").is_some() => {
            let why = "Forbidden: not implemented in the sandbox cluster";
            causes.push(Cause::forbidden("spec.selector.matchExpressions", why));
        }
        Some(selector) if !selectors::selects(selector, &workload["spec"]["template"]) => {
            let why = format!("Invalid value: {labels}: `selector` does not match template `labels`");
            causes.push(Cause::invalid("spec.template.metadata.labels", why));
        }
        Some(_) => {}
    }
    causes
}
