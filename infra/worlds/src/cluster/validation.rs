//! What makes an object invalid by itself, as the published validation of its kind says.

use serde_json::Value;

use super::kinds::Kind;
use super::object;
use super::refusal::Cause;
use super::selectors;

/// The longest name of most objects, in bytes (RFC 1123 subdomain).
const SUBDOMAIN_LIMIT: usize = 253;
/// The longest name of a namespace or a Service, and the longest label value, in bytes.
const LABEL_LIMIT: usize = 63;
/// The most that the annotations of one object hold, in bytes.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;
/// The most that one ConfigMap or Secret holds, in bytes.
const DATA_LIMIT: usize = 1024 * 1024;

/// What is wrong with `object`, field by field.
pub(super) fn causes(kind: &Kind, object: &Value) -> Vec<Cause> {
    let mut causes = metadata(kind, object);
    match kind.kind {
        "ConfigMap" | "Secret" => causes.extend(data(object)),
        "Service" => causes.extend(service(object)),
        "Pod" => causes.extend(pod_spec(object, "/spec")),
        "Deployment" | "StatefulSet" | "ReplicaSet" => causes.extend(workload(object)),
        "Job" => causes.extend(job(object)),
        "Ingress" => causes.extend(ingress(object)),
        "PersistentVolumeClaim" => causes.extend(claim(object)),
        "RoleBinding" => causes.extend(role_binding(object)),
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
    let annotations: usize =
        object::entries(object, "/metadata/annotations").map(|(key, value)| key.len() + value.len()).sum();
    if annotations > ANNOTATIONS_LIMIT {
        let why = format!("Too long: may not be more than {ANNOTATIONS_LIMIT} bytes");
        causes.push(Cause::invalid("metadata.annotations", why));
    }
    for (key, _) in
        object::entries(object, "/metadata/annotations").filter(|(key, _)| !is_qualified_name(key))
    {
        causes.push(Cause::invalid(
            "metadata.annotations",
            format!("Invalid value: {key:?}: name part is invalid"),
        ));
    }
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

fn data(object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let entries: Vec<_> = object::entries(object, "/data").collect();
    if entries.iter().map(|(_, value)| value.len()).sum::<usize>() > DATA_LIMIT {
        causes.push(Cause::invalid("", format!("Too long: may not be more than {DATA_LIMIT} bytes")));
    }
    let is_key = |key: &str| {
        !key.is_empty()
            && key.len() <= SUBDOMAIN_LIMIT
            && key.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
    };
    for (key, _) in entries.iter().filter(|(key, _)| !is_key(key)) {
        causes.push(Cause::invalid(format!("data[{key}]"), format!("Invalid value: {key:?}: a valid config key must consist of alphanumeric characters, '-', '_' or '.'")));
    }
    causes
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
    if object::number(workload, "/spec/replicas") < 0 {
        causes.push(Cause::invalid("spec.replicas", "Invalid value: must be greater than or equal to 0"));
    }
    let labels = workload.pointer("/spec/template/metadata/labels").cloned().unwrap_or_default();
    match workload.pointer("/spec/selector") {
        None => causes.push(Cause::required("spec.selector")),
        Some(selector) if !selectors::selects(selector, &workload["spec"]["template"]) => {
            let why = format!("Invalid value: {labels}: `selector` does not match template `labels`");
            causes.push(Cause::invalid("spec.template.metadata.labels", why));
        }
        Some(_) => {}
    }
    causes.extend(pod_spec(workload, "/spec/template/spec"));
    if object::text(workload, "/spec/template/spec/restartPolicy") != "Always" {
        causes.push(Cause::unsupported(
            "spec.template.spec.restartPolicy",
            "Unsupported value: supported values: \"Always\"",
        ));
    }
    causes
}

fn job(job: &Value) -> Vec<Cause> {
    let mut causes = pod_spec(job, "/spec/template/spec");
    if object::text(job, "/spec/template/spec/restartPolicy") == "Always" {
        let why = "Required value: valid values: \"OnFailure\", \"Never\"";
        causes.push(Cause::unsupported("spec.template.spec.restartPolicy", why));
    }
    causes
}

fn pod_spec(object: &Value, at: &str) -> Vec<Cause> {
    let field = at.trim_start_matches('/').replace('/', ".");
    let containers = object::items(object, &format!("{at}/containers"));
    let mut causes = Vec::new();
    if containers.is_empty() {
        causes.push(Cause::required(format!("{field}.containers")));
    }
    for (index, container) in containers.iter().enumerate() {
        let field = format!("{field}.containers[{index}]");
        for required in ["name", "image"] {
            if object::text(container, &format!("/{required}")).is_empty() {
                causes.push(Cause::required(format!("{field}.{required}")));
            }
        }
        for (index, port) in object::items(container, "/ports").iter().enumerate() {
            causes
                .extend(port_fault(&port["containerPort"], format!("{field}.ports[{index}].containerPort")));
        }
        causes.extend(mounts(object, at, container, &field));
    }
    causes
}

fn mounts(object: &Value, at: &str, container: &Value, field: &str) -> Vec<Cause> {
    let volumes = object::items(object, &format!("{at}/volumes"));
    let claims = object::items(object, "/spec/volumeClaimTemplates");
    let is_known = |name: &Value| {
        volumes.iter().any(|volume| volume["name"] == *name)
            || claims.iter().any(|claim| claim["metadata"]["name"] == *name)
    };
    let mounts = object::items(container, "/volumeMounts").iter().enumerate();
    mounts
        .filter(|(_, mount)| !is_known(&mount["name"]))
        .map(|(index, mount)| Cause::not_found(format!("{field}.volumeMounts[{index}].name"), &mount["name"]))
        .collect()
}

fn ingress(ingress: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let rules = object::items(ingress, "/spec/rules");
    if rules.is_empty() && ingress.pointer("/spec/defaultBackend").is_none() {
        causes.push(Cause::invalid(
            "spec",
            "Invalid value: either `defaultBackend` or `rules` must be specified",
        ));
    }
    for (rule_index, rule) in rules.iter().enumerate() {
        for (index, path) in object::items(rule, "/http/paths").iter().enumerate() {
            if path.get("pathType").is_none() {
                causes
                    .push(Cause::required(format!("spec.rules[{rule_index}].http.paths[{index}].pathType")));
            }
        }
    }
    causes
}

fn claim(claim: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    if object::items(claim, "/spec/accessModes").is_empty() {
        causes.push(Cause::required("spec.accessModes"));
    }
    if claim.pointer("/spec/resources/requests/storage").is_none() {
        causes.push(Cause::required("spec.resources[storage]"));
    }
    causes
}

fn role_binding(binding: &Value) -> Vec<Cause> {
    let missing = object::text(binding, "/roleRef/name").is_empty();
    missing.then(|| Cause::required("roleRef.name")).into_iter().collect()
}
