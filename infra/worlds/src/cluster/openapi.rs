//! As much of the published OpenAPI v3 as kubectl asks for: that objects are validated here, not by it.

use serde_json::{Map, Value, json};

use super::kinds::{KINDS, Kind};

/// The documents there are, by group and version.
pub(super) fn index() -> Value {
    let document = |kind: &&Kind| {
        let url = format!("/openapi/v3/{}", prefix(kind));
        (prefix(kind), json!({ "serverRelativeURL": url }))
    };
    let paths: Map<String, Value> = KINDS.iter().map(document).collect();
    json!({ "paths": paths })
}

/// The document of one group and version (`apis/apps/v1`): that the server validates what is patched.
pub(super) fn document(of: &str) -> Option<Value> {
    let kinds: Vec<&Kind> = KINDS.into_iter().filter(|kind| prefix(kind) == of).collect();
    let paths: Map<String, Value> = kinds.iter().map(|kind| (path(kind), patch(kind))).collect();
    (!kinds.is_empty()).then(|| json!({ "openapi": "3.0.0", "paths": paths }))
}

fn prefix(kind: &Kind) -> String {
    let root = if kind.group.is_empty() { "api" } else { "apis" };
    format!("{root}/{}", kind.api_version())
}

fn path(kind: &Kind) -> String {
    let place = if kind.namespaced { "namespaces/{namespace}/" } else { "" };
    format!("/{}/{place}{}/{{name}}", prefix(kind), kind.plural)
}

fn patch(kind: &Kind) -> Value {
    let of = json!({ "group": kind.group, "version": kind.version, "kind": kind.kind });
    let parameter = json!({ "name": "fieldValidation", "in": "query", "schema": { "type": "string" } });
    json!({ "patch": { "parameters": [parameter], "x-kubernetes-group-version-kind": of } })
}
