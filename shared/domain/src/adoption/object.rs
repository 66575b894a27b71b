//! What of an object its owners wrote, and what the server and we did.

use crate::plan::mark::{self, ADOPT_ANNOTATION, AGREED_ANNOTATION};
use serde_json::Value;

/// What the API server writes into the metadata of every object itself.
const SYSTEM_FIELDS: [&str; 6] =
    ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];

/// All of an object but what the server writes. A namespace is its metadata.
fn all_of(existing: &Value) -> Value {
    let mut object = existing.clone();
    for fields in object.as_object_mut().into_iter() {
        fields.remove("status");
        if existing["kind"] == "Namespace" {
            fields.remove("spec");
        }
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|field, _| !SYSTEM_FIELDS.contains(&field.as_str()));
        }
    }
    without_nulls(&mut object);
    object
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// What of an object its owners wrote: nothing of the server's, and nothing of ours.
pub(super) fn comparable(object: &Value) -> Value {
    let mut object = all_of(object);
    mark::wipe(&mut object);
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return object };
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.retain(|name, _| ![ADOPT_ANNOTATION, AGREED_ANNOTATION].contains(&name.as_str()));
    }
    // Where only our marks were, nothing is left of what holds them, either.
    metadata.retain(|_, value| value.as_object().is_none_or(|held| !held.is_empty()));
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn web() -> Value {
        json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {
                "name": "web", "namespace": "live", "uid": "u", "resourceVersion": "7", "selfLink": "/x", "generation": 1,
                "creationTimestamp": null, "managedFields": [{}], "annotations": { ADOPT_ANNOTATION: "demo/shop/live" },
            },
            "spec": { "ports": [{ "port": 80, "nodePort": null }] },
            "status": { "loadBalancer": {} },
        })
    }

    #[test]
    fn what_the_server_writes_is_not_its_owners() {
        let mut expected = web();
        expected["metadata"] =
            json!({ "name": "web", "namespace": "live", "annotations": web()["metadata"]["annotations"] });
        expected["spec"] = json!({ "ports": [{ "port": 80 }] });
        expected.as_object_mut().unwrap().remove("status");
        assert_eq!(all_of(&web()), expected);
        let namespace =
            json!({ "kind": "Namespace", "metadata": { "name": "live" }, "spec": { "finalizers": ["x"] } });
        assert_eq!(all_of(&namespace), json!({ "kind": "Namespace", "metadata": { "name": "live" } }));
    }

    #[test]
    fn marks_are_no_difference() {
        let mut signed = web();
        mark::stamp(&mut signed, "demo/shop/live", "shop-live-0", 7);
        assert_eq!(comparable(&signed), comparable(&web()));
    }
}
