//! Sets of fields, and how they are written down (`FieldsV1` of `meta.k8s.io/v1`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::rules::Place;

/// The segments that lead to a field: `f:spec`, `k:{"name":"main"}`, `v:"x"`.
pub(super) type Path = Vec<String>;

/// A set of fields, kept as text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "Value")]
pub(super) struct Fields(BTreeSet<Path>);

impl Fields {
    pub(super) fn insert(&mut self, path: &[String]) {
        self.0.insert(path.to_vec());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Path> {
        self.0.iter()
    }

    pub(super) fn extend(&mut self, other: &Fields) {
        self.0.extend(other.0.iter().cloned());
    }

    pub(super) fn subtract(&mut self, other: &Fields) {
        self.0.retain(|path| !other.0.contains(path));
    }

    pub(super) fn common(&self, other: &Fields) -> Fields {
        Fields(self.0.intersection(&other.0).cloned().collect())
    }

    /// Whether the field, or anything below it, is in the set.
    pub(super) fn touches(&self, path: &[String]) -> bool {
        self.0.range(path.to_vec()..).next().is_some_and(|found| found.starts_with(path))
    }

    /// As `FieldsV1`.
    pub(super) fn to_value(&self) -> Value {
        let mut root = Value::Object(Map::new());
        for path in &self.0 {
            let mut place = &mut root;
            for segment in path {
                place = &mut place[segment.as_str()];
                if place.is_null() {
                    *place = json!({});
                }
            }
            if self.0.range(path.clone()..).nth(1).is_some_and(|next| next.starts_with(path)) {
                place["."] = json!({});
            }
        }
        root
    }

    /// From `FieldsV1`.
    pub(super) fn from_value(value: &Value) -> Fields {
        let mut fields = Fields::default();
        collect(value, &mut Vec::new(), &mut fields);
        fields
    }

    /// The fields that somebody who applies `config` then owns: its leaves, and the items of its lists.
    pub(super) fn applied(config: &Value, place: &Place) -> Fields {
        let mut fields = Fields::default();
        walk_applied(config, place, &mut Vec::new(), &mut fields);
        fields
    }
}

impl From<Fields> for String {
    fn from(fields: Fields) -> String {
        fields.to_value().to_string()
    }
}

impl From<Value> for Fields {
    fn from(kept: Value) -> Fields {
        let text = kept.as_str().and_then(|text| serde_json::from_str(text).ok());
        Fields::from_value(&text.unwrap_or(kept))
    }
}

/// A field as messages show it: `.spec.containers[name="main"].image`.
pub(super) fn shown(path: &[String]) -> String {
    path.iter().map(|segment| shown_segment(segment)).collect()
}

fn shown_segment(segment: &str) -> String {
    match segment.split_once(':') {
        Some(("f", name)) => format!(".{name}"),
        Some(("k", keys)) => {
            let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
            let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("[{}]", keys.join(","))
        }
        Some((_, value)) => format!("[={value}]"),
        None => String::new(),
    }
}

fn collect(value: &Value, path: &mut Path, fields: &mut Fields) {
    let Some(map) = value.as_object() else { return };
    if map.is_empty() && !path.is_empty() {
        fields.insert(path);
    }
    for (segment, below) in map {
        if segment == "." {
            fields.insert(path);
            continue;
        }
        path.push(segment.clone());
        collect(below, path, fields);
        path.pop();
    }
}

fn walk_applied(value: &Value, place: &Place, path: &mut Path, fields: &mut Fields) {
    let children = place.children(value);
    if children.is_none() || *value == json!({}) {
        fields.insert(path);
    }
    for (segment, child, below) in children.into_iter().flatten() {
        path.push(segment);
        if value.is_array() {
            fields.insert(path);
        }
        walk_applied(child, &below, path, fields);
        path.pop();
    }
}

/// Items of one list that nothing tells apart, as an apply shows them.
pub(super) fn duplicates(value: &Value, place: &Place, path: &mut Path, found: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for (segment, child, below) in place.children(value).into_iter().flatten() {
        if !seen.insert(segment.clone()) {
            found.push(format!("{}: duplicate entries for key {}", shown(path), shown_segment(&segment)));
        }
        path.push(segment);
        duplicates(child, &below, path, found);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_the_same_after_being_written_down() {
        let written = json!({ "f:data": { ".": {}, "f:a": {} }, "f:spec": { "k:{\"name\":\"m\"}": { ".": {}, "f:x": {} } } });
        let fields = Fields::from_value(&written);
        assert_eq!(fields.iter().count(), 4);
        assert_eq!(fields.to_value(), written);
    }

    #[test]
    fn a_field_is_shown_with_its_keys() {
        let path: Path =
            ["f:spec", "f:containers", "k:{\"name\":\"main\"}", "f:image"].map(str::to_owned).into();
        assert_eq!(shown(&path), ".spec.containers[name=\"main\"].image");
        assert_eq!(shown(&["f:finalizers".to_owned(), "v:\"x\"".to_owned()]), ".finalizers[=\"x\"]");
    }

    #[test]
    fn touching_is_about_a_field_or_what_is_below_it() {
        let fields = Fields::from_value(&json!({ "f:spec": { "f:replicas": {} } }));
        let path = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Path>();
        assert!(fields.touches(&path(&["f:spec"])));
        assert!(fields.touches(&path(&["f:spec", "f:replicas"])));
        assert!(!fields.touches(&path(&["f:spec", "f:rep"])));
        assert!(!fields.touches(&path(&["f:status"])));
    }
}
