//! Limit ranges: what a container asks for where it does not say, and at most.

use serde_json::{Value, json};

use crate::cluster::kinds::{LIMIT_RANGE, POD};
use crate::cluster::object;
use crate::cluster::quantity;
use crate::cluster::refusal::Refusal;
use crate::cluster::store::Store;

/// Fills in what the limit ranges of its namespace say, and checks what they bound.
pub(in crate::cluster) fn apply(store: &Store, pod: &mut Value) -> Result<(), Refusal> {
    let namespace = object::namespace(pod).to_owned();
    let ranges = store.list(&LIMIT_RANGE, Some(&namespace));
    let limits = ranges.flat_map(|range| object::items(range, "/spec/limits"));
    for limit in limits.filter(|limit| limit["type"] == "Container") {
        object::items_mut(pod, "/spec/containers").iter_mut().for_each(|container| fill(limit, container));
        for container in object::items(pod, "/spec/containers") {
            check(limit, container, object::name(pod))?;
        }
    }
    Ok(())
}

fn fill(limit: &Value, container: &mut Value) {
    for (part, sources) in [("requests", ["/defaultRequest", "/default"]), ("limits", ["/default", "/max"])] {
        for (resource, value) in sources.iter().flat_map(|source| object::entries(limit, source)) {
            let pointer = format!("/resources/{part}/{}", resource.replace('/', "~1"));
            object::set_default(container, &pointer, json!(value));
        }
    }
}

fn check(limit: &Value, container: &Value, pod: &str) -> Result<(), Refusal> {
    let asked = |part: &str, resource: &str| {
        let pointer = format!("/resources/{part}/{}", resource.replace('/', "~1"));
        quantity::parse(object::text(container, &pointer))
    };
    for (resource, most) in object::entries(limit, "/max") {
        if asked("limits", resource) > quantity::parse(most) {
            let why = format!("maximum {resource} usage per Container is {most}, but limit is larger");
            return Err(Refusal::forbidden(&POD, pod, &why));
        }
    }
    Ok(())
}
