//! What a client reads first: versions, groups, and the resources of each group.

use http::Response;
use serde_json::{Value, json};

use super::kinds::{KINDS, Kind};
use super::openapi;
use super::refusal::{json_response, response};

/// The version of the API server whose recordings are the measure.
const VERSION: (&str, &str) = ("1", "36");
const GIT_VERSION: &str = "v1.36.2";

const VERBS: [&str; 7] = ["create", "delete", "deletecollection", "get", "list", "patch", "watch"];

/// The answer to a path that names no resource; nothing where it does.
pub(super) fn answer(path: &str) -> Option<Response<Vec<u8>>> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let body = match segments.as_slice() {
        ["readyz" | "livez" | "healthz", ..] => return Some(response(200, "text/plain", b"ok".to_vec())),
        ["version"] => json!({ "major": VERSION.0, "minor": VERSION.1, "gitVersion": GIT_VERSION }),
        ["api"] => json!({ "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [] }),
        ["apis"] => json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups() }),
        ["openapi", "v3"] => openapi::index(),
        ["openapi", "v3", rest @ ..] => openapi::document(&rest.join("/"))?,
        ["api", version] if is_known("", version) => resources("", version),
        ["apis", group, version] if is_known(group, version) => resources(group, version),
        ["api", version, _, ..] if is_known("", version) => return None,
        ["apis", group, version, _, ..] if is_known(group, version) => return None,
        _ => return Some(response(404, "text/plain", b"404 page not found\n".to_vec())),
    };
    Some(json_response(200, &body))
}

fn is_known(group: &str, version: &str) -> bool {
    KINDS.iter().any(|kind| kind.group == group && kind.version == version)
}

fn groups() -> Vec<Value> {
    let mut names: Vec<&str> =
        KINDS.iter().map(|kind| kind.group).filter(|group| !group.is_empty()).collect();
    names.dedup();
    names.into_iter().map(described).collect()
}

fn described(group: &str) -> Value {
    let version = KINDS.iter().find(|kind| kind.group == group).map_or("v1", |kind| kind.version);
    let version = json!({ "groupVersion": format!("{group}/{version}"), "version": version });
    json!({ "name": group, "versions": [version], "preferredVersion": version })
}

fn resources(group: &str, version: &str) -> Value {
    let kinds = KINDS.iter().filter(|kind| kind.group == group);
    let resources: Vec<Value> =
        kinds.flat_map(|kind| [Some(resource(kind)), scale(kind)]).flatten().collect();
    let group_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let mut list =
        json!({ "kind": "APIResourceList", "groupVersion": group_version, "resources": resources });
    // As recorded: the oldest list does not say its own version.
    if !group.is_empty() {
        list["apiVersion"] = json!("v1");
    }
    list
}

fn resource(kind: &Kind) -> Value {
    let verbs = VERBS.iter().filter(|verb| kind.kind != "Namespace" || **verb != "deletecollection");
    let mut resource = json!({
        "name": kind.plural,
        "singularName": kind.kind.to_lowercase(),
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": verbs.collect::<Vec<_>>(),
    });
    if !kind.short.is_empty() {
        resource["shortNames"] = json!([kind.short]);
    }
    if kind.in_all {
        resource["categories"] = json!(["all"]);
    }
    resource
}

fn scale(kind: &Kind) -> Option<Value> {
    kind.scales().then(|| {
        json!({
            "name": format!("{}/scale", kind.plural),
            "singularName": "",
            "namespaced": true,
            "group": "autoscaling",
            "version": "v1",
            "kind": "Scale",
            "verbs": ["get", "patch"],
        })
    })
}
