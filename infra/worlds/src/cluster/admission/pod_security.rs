//! Pod security standards (`baseline`, `restricted`), as the labels of a namespace ask for them; of their rules, those that were recorded.

use serde_json::{Value, json};

use crate::cluster::kinds::{Kind, POD};
use crate::cluster::object;
use crate::cluster::refusal::Refusal;

/// Refuses a Pod that violates the level that its namespace enforces.
pub(in crate::cluster) fn enforce(namespace: &Value, pod: &Value) -> Result<(), Refusal> {
    match violation(namespace, "enforce", &pod["spec"]) {
        Some(why) => Err(Refusal::forbidden(&POD, object::name(pod), &format!("violates {why}"))),
        None => Ok(()),
    }
}

/// The warning for a Pod, or for the template of a workload, that violates the level that its namespace warns of.
pub(in crate::cluster) fn warning(namespace: &Value, kind: &Kind, object: &Value) -> Option<String> {
    let spec = match kind.kind {
        "Pod" => &object["spec"],
        "Deployment" | "ReplicaSet" => &object["spec"]["template"]["spec"],
        _ => return None,
    };
    violation(namespace, "warn", spec).map(|why| format!("would violate {why}"))
}

fn violation(namespace: &Value, mode: &str, spec: &Value) -> Option<String> {
    let label =
        |name: &str| object::text(namespace, &format!("/metadata/labels/pod-security.kubernetes.io~1{name}"));
    let faults = match label(mode) {
        "baseline" => baseline(spec, true),
        "restricted" => [baseline(spec, false), restricted(spec)].concat(),
        _ => return None,
    };
    let version = Some(label(&format!("{mode}-version"))).filter(|version| !version.is_empty());
    let level = format!("{}:{}", label(mode), version.unwrap_or("latest"));
    (!faults.is_empty()).then(|| format!("PodSecurity \"{level}\": {}", faults.join(", ")))
}

fn containers(spec: &Value) -> impl Iterator<Item = &Value> + Clone {
    object::items(spec, "/initContainers").iter().chain(object::items(spec, "/containers"))
}

/// `what (container "a" must …)` where some containers are at fault.
fn fault(spec: &Value, what: &str, who: &str, must: &str, is_bad: impl Fn(&Value) -> bool) -> Option<String> {
    let names: Vec<String> = containers(spec)
        .filter(|container| is_bad(container))
        .map(|container| container["name"].to_string())
        .collect();
    let plural = if names.len() > 1 { "s" } else { "" };
    (!names.is_empty()).then(|| format!("{what} ({who}{plural} {} {must})", names.join(", ")))
}

fn baseline(spec: &Value, with_volumes: bool) -> Vec<String> {
    let is_privileged = |container: &Value| container["securityContext"]["privileged"] == true;
    let host_paths = volumes_of(spec, |volume| volume.get("hostPath").is_some());
    let host_paths = (with_volumes && !host_paths.is_empty())
        .then(|| format!("hostPath volumes (volume {})", host_paths.join(", ")));
    let must = "must not set securityContext.privileged=true";
    [host_paths, fault(spec, "privileged", "container", must, is_privileged)].into_iter().flatten().collect()
}

/// The kinds of volume that `restricted` allows.
const RESTRICTED_VOLUMES: [&str; 8] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

fn restricted(spec: &Value) -> Vec<String> {
    let escalates = |container: &Value| container["securityContext"]["allowPrivilegeEscalation"] != false;
    let keeps_capabilities = |container: &Value| {
        !object::items(container, "/securityContext/capabilities/drop").contains(&json!("ALL"))
    };
    let either = |container: &Value, pointer: &str| {
        let own = container.pointer(&format!("/securityContext{pointer}"));
        own.or_else(|| spec.pointer(&format!("/securityContext{pointer}"))).cloned().unwrap_or_default()
    };
    let may_be_root = |container: &Value| either(container, "/runAsNonRoot") != true;
    let has_no_profile = |container: &Value| {
        !["RuntimeDefault", "Localhost"]
            .iter()
            .any(|profile| either(container, "/seccompProfile/type") == *profile)
    };
    let must_drop = "must set securityContext.capabilities.drop=[\"ALL\"]";
    let must_profile = "must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"";
    let must_not_escalate = "must set securityContext.allowPrivilegeEscalation=false";
    let must_not_root = "must set securityContext.runAsNonRoot=true";
    [
        fault(spec, "allowPrivilegeEscalation != false", "container", must_not_escalate, escalates),
        fault(spec, "unrestricted capabilities", "container", must_drop, keeps_capabilities),
        restricted_volumes(spec),
        fault(spec, "runAsNonRoot != true", "pod or container", must_not_root, may_be_root),
        fault(spec, "seccompProfile", "pod or container", must_profile, has_no_profile),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn restricted_volumes(spec: &Value) -> Option<String> {
    let source = |volume: &Value| {
        let sources = volume.as_object().into_iter().flatten().map(|(source, _)| source.clone());
        sources.into_iter().find(|source| source != "name")
    };
    let is_restricted =
        |volume: &Value| source(volume).is_some_and(|source| !RESTRICTED_VOLUMES.contains(&source.as_str()));
    let first = object::items(spec, "/volumes").iter().find(|volume| is_restricted(volume))?;
    let names = volumes_of(spec, is_restricted);
    Some(format!(
        "restricted volume types (volume {} uses restricted volume type {:?})",
        names.join(", "),
        source(first).unwrap_or_default()
    ))
}

fn volumes_of(spec: &Value, is_meant: impl Fn(&Value) -> bool) -> Vec<String> {
    let volumes = object::items(spec, "/volumes").iter();
    volumes.filter(|volume| is_meant(volume)).map(|volume| volume["name"].to_string()).collect()
}
