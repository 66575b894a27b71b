//! Reading and writing single fields of an object, by JSON pointer (RFC 6901).

use serde_json::{Map, Value};

/// The text at `pointer`, or nothing.
pub(super) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The number at `pointer`, or zero.
pub(super) fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
}

/// The elements of the list at `pointer`, or none.
pub(super) fn items<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The entries of the map at `pointer` that are texts.
pub(super) fn entries<'a>(object: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let map = object.pointer(pointer).and_then(Value::as_object);
    map.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
}

pub(super) fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

pub(super) fn namespace(object: &Value) -> &str {
    text(object, "/metadata/namespace")
}

pub(super) fn uid(object: &Value) -> &str {
    text(object, "/metadata/uid")
}

/// Whether its deletion was asked for.
pub(super) fn is_ending(object: &Value) -> bool {
    object.pointer("/metadata/deletionTimestamp").is_some()
}

/// The value of one condition's field, such as `status` or `reason`.
pub(super) fn condition<'a>(object: &'a Value, kind: &str, field: &str) -> &'a str {
    let found = items(object, "/status/conditions").iter().find(|condition| condition["type"] == kind);
    found.and_then(|condition| condition[field].as_str()).unwrap_or_default()
}

/// Writes `value` at `pointer`; maps on the way are made.
pub(super) fn set(object: &mut Value, pointer: &str, value: Value) {
    let mut place = object;
    for step in pointer.split('/').skip(1) {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[unescaped(step)];
    }
    *place = value;
}

/// Writes `value` at `pointer` where nothing (or null) is.
pub(super) fn set_default(object: &mut Value, pointer: &str, value: Value) {
    if object.pointer(pointer).is_none_or(Value::is_null) {
        set(object, pointer, value);
    }
}

/// Takes the field at `pointer` out of its map.
pub(super) fn remove(object: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, step) = pointer.rsplit_once('/')?;
    object.pointer_mut(parent)?.as_object_mut()?.remove(&unescaped(step))
}

/// Copies the field at `pointer` from one object to another; a missing field is missing in both afterwards.
pub(super) fn copy(from: &Value, to: &mut Value, pointer: &str) {
    match from.pointer(pointer) {
        Some(value) => set(to, pointer, value.clone()),
        None => {
            remove(to, pointer);
        }
    }
}

/// The elements of the list at `pointer`, to change.
pub(super) fn items_mut<'a>(object: &'a mut Value, pointer: &str) -> &'a mut [Value] {
    object.pointer_mut(pointer).and_then(Value::as_array_mut).map_or(&mut [], Vec::as_mut_slice)
}

/// The list at `pointer` without some of its items.
pub(super) fn without(object: &Value, pointer: &str, is_out: impl Fn(&Value) -> bool) -> Vec<Value> {
    items(object, pointer).iter().filter(|item| !is_out(item)).cloned().collect()
}

/// Drops map entries that are null, at any depth, as decoding into the typed object would.
pub(super) fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, entry| !entry.is_null());
            map.values_mut().for_each(without_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}
