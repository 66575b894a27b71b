//! As much of the published OpenAPI v3 as kubectl asks for: that objects are validated here, not by it.

use serde_json::{Map, Value, json};

use super::kinds::{KINDS, Kind};

/// The documents there are, by group and version.
pub(super) fn index() -> Value {
    let paths: Map<String, Value> = KINDS
        .iter()
        .map(|kind| prefix(kind))
        .map(|prefix| {
            let document = json!({ "serverRelativeURL": format!("/openapi/v3/{prefix}") });
            (prefix, document)
        })
        .collect();
    json!({ "paths": paths })
}

/// The document of one group and version (`apis/apps/v1`): which kinds can be patched, and with which parameters.
pub(super) fn document(of: &str) -> Option<Value> {
    let kinds: Vec<&Kind> = KINDS.into_iter().filter(|kind| prefix(kind) == of).collect();
    let paths: Map<String, Value> = kinds.iter().map(|kind| (path(kind), patch(kind))).collect();
    let info = json!({ "title": "Kubernetes", "version": super::discovery::GIT_VERSION });
    (!kinds.is_empty()).then(|| json!({ "openapi": "3.0.0", "info": info, "paths": paths }))
}

fn prefix(kind: &Kind) -> String {
    if kind.group.is_empty() {
        format!("api/{}", kind.version)
    } else {
        format!("apis/{}", kind.api_version())
    }
}

fn path(kind: &Kind) -> String {
    let place = if kind.namespaced { "namespaces/{namespace}/" } else { "" };
    format!("/{}/{place}{}/{{name}}", prefix(kind), kind.plural)
}

fn patch(kind: &Kind) -> Value {
    let parameters = ["dryRun", "fieldManager", "fieldValidation", "force"];
    let parameters =
        parameters.map(|name| json!({ "name": name, "in": "query", "schema": { "type": "string" } }));
    json!({
        "patch": {
            "parameters": parameters,
            "responses": {},
            "x-kubernetes-action": "patch",
            "x-kubernetes-group-version-kind": { "group": kind.group, "version": kind.version, "kind": kind.kind },
        },
    })
}
