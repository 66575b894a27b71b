//! Merging what somebody applies into what there is, and finding what differs.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::fields::{Fields, Path};
use super::rules::{Place, Shape};

/// What is new or different, and what is gone.
#[derive(Default)]
pub(super) struct Difference {
    pub(super) changed: Fields,
    pub(super) removed: Fields,
}

/// `live` with `config` laid over it.
pub(super) fn merged(live: &Value, config: &Value, place: &Place) -> Value {
    match (place.shape(live), place.shape(config)) {
        (Shape::Fields(before), Shape::Fields(over)) => Value::Object(merged_maps(before, over, place)),
        (Shape::Keyed(before), Shape::Keyed(over)) | (Shape::Set(before), Shape::Set(over)) => {
            Value::Array(merged_lists(before, over, place))
        }
        _ => config.clone(),
    }
}

fn merged_maps(before: &Map<String, Value>, over: &Map<String, Value>, place: &Place) -> Map<String, Value> {
    let mut map = before.clone();
    for (name, value) in over {
        let merged = match before.get(name) {
            Some(live) => merged(live, value, &place.field(name)),
            None => value.clone(),
        };
        map.insert(name.clone(), merged);
    }
    map
}

/// The items of both lists: those that both have in the order of `over`, the others where they stood.
fn merged_lists(before: &[Value], over: &[Value], place: &Place) -> Vec<Value> {
    let by_segment = |list: &[Value]| -> BTreeMap<String, Value> {
        list.iter().map(|item| (place.segment(item), item.clone())).collect()
    };
    let (live, applied) = (by_segment(before), by_segment(over));
    let mut waiting = over.iter();
    let mut list = Vec::new();
    let mut take_until = |list: &mut Vec<Value>, wanted: Option<&str>| {
        for item in waiting.by_ref() {
            let segment = place.segment(item);
            let live = live.get(&segment);
            list.push(live.map_or_else(|| item.clone(), |live| merged(live, item, &place.item())));
            if wanted == Some(segment.as_str()) {
                return;
            }
        }
    };
    let mut taken: Vec<String> = Vec::new();
    for item in before {
        let segment = place.segment(item);
        if !applied.contains_key(&segment) {
            list.push(item.clone());
        } else if !taken.contains(&segment) {
            let from = list.len();
            take_until(&mut list, Some(&segment));
            taken.extend(list[from..].iter().map(|item| place.segment(item)));
        }
    }
    take_until(&mut list, None);
    list
}

/// What differs between two values of one place.
pub(super) fn difference(before: &Value, after: &Value, place: &Place) -> Difference {
    let mut difference = Difference::default();
    compare(Some(before), Some(after), place, &mut Vec::new(), &mut difference);
    difference
}

fn compare(
    before: Option<&Value>,
    after: Option<&Value>,
    place: &Place,
    path: &mut Path,
    found: &mut Difference,
) {
    if before == after {
        return;
    }
    let children =
        match (before.map(|value| children(value, place)), after.map(|value| children(value, place))) {
            (Some(Some(before)), Some(Some(after))) => Some((before, after)),
            (None, Some(Some(after))) => {
                found.changed.insert(path);
                Some((BTreeMap::new(), after))
            }
            (Some(Some(before)), None) => {
                found.removed.insert(path);
                Some((before, BTreeMap::new()))
            }
            _ => None,
        };
    match children {
        Some((before, after)) => compare_children(&before, &after, path, found),
        None if after.is_some() => found.changed.insert(path),
        None => found.removed.insert(path),
    }
}

type Children<'a> = BTreeMap<String, (&'a Value, Place)>;

fn compare_children(before: &Children<'_>, after: &Children<'_>, path: &mut Path, found: &mut Difference) {
    let added = after.iter().filter(|(segment, _)| !before.contains_key(*segment));
    for (segment, (_, place)) in before.iter().chain(added) {
        path.push(segment.clone());
        let value = |children: &Children<'_>| children.get(segment).map(|(value, _)| (*value).clone());
        compare(value(before).as_ref(), value(after).as_ref(), place, path, found);
        path.pop();
    }
}

/// What a value is made of, by segment; nothing where it merges as a whole.
fn children<'a>(value: &'a Value, place: &Place) -> Option<Children<'a>> {
    match place.shape(value) {
        Shape::Whole => None,
        Shape::Fields(map) => {
            Some(map.iter().map(|(name, value)| (format!("f:{name}"), (value, place.field(name)))).collect())
        }
        Shape::Keyed(items) | Shape::Set(items) => {
            Some(items.iter().map(|item| (place.segment(item), (item, place.item()))).collect())
        }
    }
}

/// Takes the field at `path` out of `value`, and lists and maps of its own that become empty by it.
pub(super) fn remove(value: &mut Value, path: &[String], place: &Place) {
    let Some((segment, rest)) = path.split_first() else { return };
    if let Some(name) = segment.strip_prefix("f:") {
        let Some(map) = value.as_object_mut() else { return };
        if rest.is_empty() {
            map.remove(name);
        } else if let Some(below) = map.get_mut(name) {
            remove(below, rest, &place.field(name));
        }
        return;
    }
    let Some(list) = value.as_array_mut() else { return };
    let Some(at) = list.iter().position(|item| place.segment(item) == *segment) else { return };
    if rest.is_empty() {
        list.remove(at);
    } else {
        remove(&mut list[at], rest, &place.item());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::kinds::POD;
    use serde_json::json;

    fn containers() -> Place {
        Place::root(&POD).field("spec").field("containers")
    }

    fn names(list: &Value) -> Vec<&str> {
        list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
    }

    fn list(names: &[&str]) -> Value {
        names.iter().map(|name| json!({ "name": name })).collect()
    }

    #[test]
    fn keyed_lists_keep_foreign_items_where_they_stood() {
        let merge = |live: &[&str], over: &[&str]| merged(&list(live), &list(over), &containers());
        assert_eq!(names(&merge(&["a", "side"], &["a"])), ["a", "side"]);
        assert_eq!(names(&merge(&["a"], &["b", "a"])), ["b", "a"]);
        assert_eq!(names(&merge(&["a", "b"], &["b", "a"])), ["b", "a"]);
        assert_eq!(names(&merge(&["x", "a", "y"], &["a", "b"])), ["x", "a", "y", "b"]);
    }

    #[test]
    fn a_list_without_a_rule_is_replaced() {
        let place = containers().item().field("args");
        assert_eq!(merged(&json!(["x", "y"]), &json!(["z"]), &place), json!(["z"]));
    }

    #[test]
    fn a_new_map_is_a_change_itself_and_a_changed_one_is_not() {
        let place = Place::root(&POD);
        let new = difference(&json!({}), &json!({ "data": { "a": 1 } }), &place);
        assert_eq!(new.changed.to_value(), json!({ "f:data": { ".": {}, "f:a": {} } }));
        let changed = difference(&json!({ "data": { "b": 1 } }), &json!({ "data": { "a": 1 } }), &place);
        assert_eq!(changed.changed.to_value(), json!({ "f:data": { "f:a": {} } }));
        assert_eq!(changed.removed.to_value(), json!({ "f:data": { "f:b": {} } }));
    }
}
