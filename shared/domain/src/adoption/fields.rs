//! How two objects differ, field by field.

use serde_json::Value;
use std::collections::BTreeMap;

/// What tells the items of a list apart, whichever of these all of them have and no two share.
const KEYS: [&str; 6] = ["name", "mountPath", "containerPort", "port", "host", "ip"];
/// Fields whose values may be secrets, wherever they are.
const SECRETIVE: [&str; 6] = ["data", "stringData", "binaryData", "args", "command", "httpHeaders"];

/// One field that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Where: `spec.template.spec.containers[web].image`.
    pub path: String,
    /// What it is; none where there is nothing.
    pub old: Option<Value>,
    /// What it will be; none where there will be nothing.
    pub new: Option<Value>,
    /// Whether its values may be secrets, and are not shown.
    pub secret: bool,
}

/// Every field that changes, in the order of the paths.
pub(super) fn changes(old: &Value, new: &Value) -> Vec<FieldChange> {
    let mut found = vec![];
    walk(&mut vec![], Some(old), Some(new), &mut found);
    found
}

fn walk(path: &mut Vec<String>, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<FieldChange>) {
    let said = |value: &&Value, other: Option<&Value>| {
        !(value.is_null() || is_empty(value) && other.is_some_and(holds))
    };
    let (old, new) = (old.filter(|old| said(old, new)), new.filter(|new| said(new, old)));
    if old == new {
        return;
    }
    let (before, after) = children(old, new);
    if !(old.is_none_or(holds) && new.is_none_or(holds)) {
        let leaf = |value: Option<&Value>| value.filter(|value| !holds(value)).cloned();
        let (path, secret) = (written(path), is_secret(path));
        found.push(FieldChange { path, old: leaf(old), new: leaf(new), secret });
    }
    let names: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for name in names {
        path.push(name.clone());
        walk(path, before.get(name).copied(), after.get(name).copied(), found);
        path.pop();
    }
}

/// Whether a value is told by what it holds.
fn holds(value: &Value) -> bool {
    value.as_object().is_some_and(|fields| !fields.is_empty())
        || value.as_array().is_some_and(|items| !items.is_empty())
}

/// Whether a value could hold something, and does not.
fn is_empty(value: &Value) -> bool {
    (value.is_object() || value.is_array()) && !holds(value)
}

type Children<'a> = BTreeMap<String, &'a Value>;

/// What both hold, each by the same names; the items of lists by what tells them apart, else by their place.
fn children<'a>(old: Option<&'a Value>, new: Option<&'a Value>) -> (Children<'a>, Children<'a>) {
    let lists: Vec<&Vec<Value>> = [old, new].into_iter().flatten().filter_map(Value::as_array).collect();
    let key = KEYS.into_iter().find(|key| lists.iter().all(|items| tells_apart(items, key)));
    let of = |value: Option<&'a Value>| match value {
        Some(Value::Object(fields)) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Some(Value::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(place, item)| {
                let by_key = key.and_then(|key| key_of(item, key));
                (format!("[{}]", by_key.unwrap_or_else(|| place.to_string())), item)
            })
            .collect(),
        _ => Children::new(),
    };
    (of(old), of(new))
}

fn tells_apart(items: &[Value], key: &str) -> bool {
    let keys: Option<Vec<String>> = items.iter().map(|item| key_of(item, key)).collect();
    let Some(mut keys) = keys else { return false };
    keys.sort();
    keys.windows(2).all(|two| two[0] != two[1])
}

fn key_of(item: &Value, key: &str) -> Option<String> {
    match item.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn written(path: &[String]) -> String {
    let mut written = String::new();
    for segment in path {
        match segment.starts_with('[') {
            true => written.push_str(segment),
            false if segment.contains(['.', '/']) => written.push_str(&format!("[{segment}]")),
            false if written.is_empty() => written.push_str(segment),
            false => written.push_str(&format!(".{segment}")),
        }
    }
    written
}

/// Whether values at this path may be secrets: those of variables, and all that Secrets, ConfigMaps,
/// command lines and the headers of probes hold.
fn is_secret(path: &[String]) -> bool {
    let of_variable =
        path.iter().any(|segment| segment == "env") && path.last().is_some_and(|last| last == "value");
    of_variable || path.iter().any(|segment| SECRETIVE.contains(&segment.as_str()))
}
