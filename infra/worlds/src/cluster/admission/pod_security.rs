//! Pod security standards: of the level `baseline`, which Roadstead has enforced, the rules that were recorded.

use serde_json::Value;

use crate::cluster::kinds::POD;
use crate::cluster::object;
use crate::cluster::refusal::Refusal;

/// Refuses a Pod that violates the level that its namespace enforces.
pub(in crate::cluster) fn enforce(namespace: &Value, pod: &Value) -> Result<(), Refusal> {
    if object::text(namespace, "/metadata/labels/pod-security.kubernetes.io~1enforce") != "baseline" {
        return Ok(());
    }
    let is_host_path = |volume: &Value| volume.get("hostPath").is_some();
    let is_privileged = |container: &Value| container["securityContext"]["privileged"] == true;
    let paths = names(pod, &["/spec/volumes"], is_host_path);
    let paths = paths.map(|names| format!("hostPath volumes (volume {names})"));
    let privileged = names(pod, &["/spec/initContainers", "/spec/containers"], is_privileged);
    let privileged = privileged
        .map(|names| format!("privileged (container {names} must not set securityContext.privileged=true)"));
    let faults: Vec<String> = [paths, privileged].into_iter().flatten().collect();
    if faults.is_empty() {
        return Ok(());
    }
    let why = format!("violates PodSecurity \"baseline:latest\": {}", faults.join(", "));
    Err(Refusal::forbidden(&POD, object::name(pod), &why))
}

/// The names of those in some lists of a Pod that are at fault, if any.
fn names(pod: &Value, lists: &[&str], is_bad: impl Fn(&Value) -> bool) -> Option<String> {
    let all = lists.iter().flat_map(|list| object::items(pod, list));
    let names: Vec<String> = all.filter(|item| is_bad(item)).map(|item| item["name"].to_string()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
