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
        let merged = |live| merged(live, value, &place.field(name));
        map.insert(name.clone(), before.get(name).map_or_else(|| value.clone(), merged));
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
    let parts = parts(before, place).zip(parts(after, place));
    match after {
        Some(_) if before.is_none() || parts.is_none() => found.changed.insert(path),
        None => found.removed.insert(path),
        Some(_) => {}
    }
    let (before, after) = parts.unwrap_or_default();
    let mut both: BTreeMap<String, (Option<&Value>, Option<&Value>, Place)> = BTreeMap::new();
    for (segment, value, place) in before {
        both.insert(segment, (Some(value), None, place));
    }
    for (segment, value, place) in after {
        both.entry(segment).or_insert((None, None, place)).1 = Some(value);
    }
    for (segment, (before, after, place)) in both {
        path.push(segment);
        compare(before, after, &place, path, found);
        path.pop();
    }
}

/// What a value is made of, where it does not merge as a whole; one that is not there is made of nothing.
fn parts<'a>(value: Option<&'a Value>, place: &Place) -> Option<Vec<(String, &'a Value, Place)>> {
    value.map_or_else(|| Some(Vec::new()), |value| place.children(value))
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
