//! Answers without what may differ between two servers: uids, versions, times, addresses, generated names, wording.

use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Left out: they count or identify, and differ from server to server; and what the model does not give Pods.
const DROPPED: [&str; 13] = [
    "uid",
    "resourceVersion",
    "message",
    "continue",
    "description",
    "remainingItemCount",
    "storageVersionHash",
    "serverAddressByClientCIDRs",
    "priority",
    "preemptionPolicy",
    "tolerations",
    "qosClass",
    "kubernetes.io/limit-ranger",
];

/// The names by which the recording's controllers and nodes went.
const MANAGERS: [(&str, &str); 2] = [("kcm", "kube-controller-manager"), ("unknown/status", "kubelet")];

/// The answer, normalised.
pub(super) fn normal(value: &Value) -> Value {
    match value {
        Value::Object(map) => normal_map(map),
        Value::Array(list) => {
            Value::Array(list.iter().filter(|item| !is_token_volume(item)).map(normal).collect())
        }
        Value::String(text) => json!(normal_text(text)),
        other => other.clone(),
    }
}

fn normal_map(map: &Map<String, Value>) -> Value {
    let mut result = Map::new();
    for (key, value) in map.iter().filter(|(key, _)| !DROPPED.contains(&key.as_str())) {
        let value = match key.as_str() {
            "managedFields" => managed(value),
            "pod-template-hash" | "deployment.kubernetes.io/revision" | "kubernetes.io/description" => {
                json!("*")
            }
            _ => normal(value),
        };
        // A list that held only the volume of a service account's token was not asked for, nor were the notes of limit ranges.
        let is_left_empty = match key.as_str() {
            "volumes" | "volumeMounts" => value == json!([]),
            "annotations" => value == json!({}),
            _ => false,
        };
        if !is_left_empty {
            result.insert(key.clone(), value);
        }
    }
    if result.contains_key("generateName") || has_hash(&result) {
        result.insert("name".to_owned(), json!("*"));
        result.remove("generateName");
    }
    if result.get("kind") == Some(&json!("ReplicaSet")) && result.contains_key("name") {
        result.insert("name".to_owned(), json!("*"));
    }
    Value::Object(result)
}

fn has_hash(metadata: &Map<String, Value>) -> bool {
    metadata.get("labels").is_some_and(|labels| labels.get("pod-template-hash").is_some())
}

fn is_token_volume(item: &Value) -> bool {
    item["name"].as_str().is_some_and(|name| name.starts_with("kube-api-access"))
}

fn normal_text(text: &str) -> String {
    if text.parse::<Timestamp>().is_ok() {
        "TIME".to_owned()
    } else if text.parse::<Ipv4Addr>().is_ok() {
        "ADDRESS".to_owned()
    } else {
        text.to_owned()
    }
}

/// Who owns what, in one order; what is in a status depends on the moment and is compared by itself.
fn managed(entries: &Value) -> Value {
    let mut entries: Vec<Value> = entries.as_array().into_iter().flatten().map(entry).collect();
    entries.sort_by_key(ToString::to_string);
    Value::Array(entries)
}

fn entry(entry: &Value) -> Value {
    let (manager, subresource) =
        (entry["manager"].as_str().unwrap_or_default(), entry["subresource"].as_str());
    let known =
        subresource.map_or_else(|| manager.to_owned(), |subresource| format!("{manager}/{subresource}"));
    let renamed = MANAGERS.iter().find(|(name, _)| *name == known || *name == manager);
    let mut fields = anonymous(&entry["fieldsV1"]);
    if subresource.is_some() {
        fields.as_object_mut().map(|fields| fields.remove("f:status"));
    }
    json!({
        "manager": renamed.map_or(manager, |(_, name)| name),
        "operation": entry["operation"],
        "subresource": subresource,
        "fields": fields,
    })
}

/// Fields without the uids and addresses that name list items.
fn anonymous(fields: &Value) -> Value {
    let Value::Object(map) = fields else { return fields.clone() };
    let rename = |segment: &String| {
        let is_unique = segment.starts_with("k:{\"uid\"") || segment.starts_with("k:{\"ip\"");
        if is_unique { "k:*".to_owned() } else { segment.clone() }
    };
    Value::Object(map.iter().map(|(segment, below)| (rename(segment), anonymous(below))).collect())
}

/// A refusal: its reason, what it is about, and its causes as a set.
pub(super) fn refusal(body: &Value) -> Value {
    let mut causes: Vec<String> = body["details"]["causes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|cause| format!("{} {}", cause["reason"], cause["field"]))
        .collect();
    causes.sort();
    causes.dedup();
    json!({
        "reason": body["reason"],
        "name": body["details"]["name"],
        "group": body["details"]["group"],
        "kind": body["details"]["kind"],
        "causes": causes,
    })
}
