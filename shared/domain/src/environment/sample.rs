//! An environment for tests of the domain.

use super::Environment;
use serde_json::{Value, json};

/// An environment that is ready.
pub(crate) fn ready(id: &str, kind: &str, source: &Value) -> Environment {
    let cause = json!({ "trigger": "t", "actor": { "kind": "roadstead" }, "at": 0 });
    let row = json!({
        "id": id, "mark": "m", "outside_name": "o", "kind": kind, "incarnation": 1, "carrying": 1, "source": source,
        "repository": { "host": "github", "id": 1, "full_name": "acme/shop" },
        "wanted": { "generation": 1, "looks": 0, "intent": { "kind": "follow", "hint": null }, "cause": cause },
        "hold": false, "cause": cause, "attempts": 0, "phase": { "kind": "ready" },
        "phase_since": 0, "begun_at": 0, "stage_since": 0, "deadline": 0,
        "inventory": { "namespaces": [], "objects": [], "records": [] },
    });
    serde_json::from_value(row).unwrap()
}

/// The preview of a pull request, which is ready.
pub(crate) fn preview(number: usize) -> Environment {
    let source = json!({ "kind": "pull-request", "number": number });
    ready(&format!("shop/pr-{number}"), "preview", &source)
}
