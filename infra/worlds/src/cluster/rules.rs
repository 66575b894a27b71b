//! How lists and maps merge, as data: which are maps by keys, sets, or atomic, from the published schemas.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::kinds::Kind;

/// How one list or map merges. A list without a rule is atomic; a map without one merges by field.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Rule {
    Keys(Vec<String>),
    Named(Named),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Named {
    Set,
    Atomic,
}

type Rules = BTreeMap<String, Rule>;

/// By kind; those under `common` hold for every kind.
static RULES: LazyLock<BTreeMap<String, Rules>> =
    LazyLock::new(|| serde_json::from_str(include_str!("merge-rules.json")).unwrap_or_default());

/// A place in the schema of a kind.
#[derive(Clone)]
pub(super) struct Place {
    kind: Option<&'static Rules>,
    path: String,
}

/// How a value at a place merges.
pub(super) enum Shape<'a> {
    /// As a whole: scalars, atomic lists, atomic maps.
    Whole,
    /// By field.
    Fields(&'a serde_json::Map<String, Value>),
    /// By the keys of its items.
    Keyed(&'a [Value]),
    /// By the values of its items.
    Set(&'a [Value]),
}

impl Place {
    /// The root of a kind's schema.
    pub(super) fn root(kind: &Kind) -> Place {
        let kind = RULES.get(&format!("{}/{}", kind.api_version(), kind.kind));
        Place { kind, path: String::new() }
    }

    pub(super) fn field(&self, name: &str) -> Place {
        Place { kind: self.kind, path: format!("{}.{name}", self.path) }
    }

    pub(super) fn item(&self) -> Place {
        Place { kind: self.kind, path: format!("{}[]", self.path) }
    }

    fn rule(&self) -> Option<&'static Rule> {
        let of = |rules: &'static Rules| rules.get(&self.path);
        self.kind.and_then(of).or_else(|| RULES.get("common").and_then(of))
    }

    pub(super) fn shape<'a>(&self, value: &'a Value) -> Shape<'a> {
        match (value, self.rule()) {
            (Value::Object(_), Some(Rule::Named(Named::Atomic))) => Shape::Whole,
            (Value::Object(map), _) => Shape::Fields(map),
            (Value::Array(list), Some(Rule::Keys(_))) => Shape::Keyed(list),
            (Value::Array(list), Some(Rule::Named(Named::Set))) => Shape::Set(list),
            _ => Shape::Whole,
        }
    }

    /// What a value here is made of, each part with the segment that names it; nothing where it merges as a whole.
    pub(super) fn children<'a>(&self, value: &'a Value) -> Option<Vec<(String, &'a Value, Place)>> {
        Some(match self.shape(value) {
            Shape::Whole => return None,
            Shape::Fields(map) => {
                map.iter().map(|(name, part)| (format!("f:{name}"), part, self.field(name))).collect()
            }
            Shape::Keyed(items) | Shape::Set(items) => {
                items.iter().map(|item| (self.segment(item), item, self.item())).collect()
            }
        })
    }

    /// The segment (`FieldsV1`) that names an item of the list at this place: `k:{"name":"main"}`, `v:"x"`.
    pub(super) fn segment(&self, item: &Value) -> String {
        let Some(Rule::Keys(keys)) = self.rule() else { return format!("v:{item}") };
        let present: BTreeMap<&str, Value> =
            keys.iter().filter_map(|key| Some((key.as_str(), key_value(item, key)?))).collect();
        format!("k:{}", serde_json::json!(present))
    }
}

/// The value of one key of an item; the published schema has a default for one key only.
fn key_value(item: &Value, key: &str) -> Option<Value> {
    let default = (key == "protocol").then(|| Value::from("TCP"));
    item.get(key).cloned().or(default)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::kinds::{CONFIG_MAP, DEPLOYMENT, POD};
    use serde_json::json;

    #[test]
    fn containers_are_named_by_their_name_and_ports_by_number_and_protocol() {
        for place in [
            Place::root(&POD).field("spec").field("containers"),
            Place::root(&DEPLOYMENT).field("spec").field("template").field("spec").field("containers"),
        ] {
            assert_eq!(place.segment(&json!({ "name": "main" })), r#"k:{"name":"main"}"#);
            let ports = place.item().field("ports");
            let segment = ports.segment(&json!({ "containerPort": 8080 }));
            assert_eq!(segment, r#"k:{"containerPort":8080,"protocol":"TCP"}"#);
        }
    }

    #[test]
    fn finalizers_are_a_set_in_every_kind() {
        let place = Place::root(&CONFIG_MAP).field("metadata").field("finalizers");
        assert!(matches!(place.shape(&json!(["a"])), Shape::Set(_)));
        assert_eq!(place.segment(&json!("a")), r#"v:"a""#);
    }
}
