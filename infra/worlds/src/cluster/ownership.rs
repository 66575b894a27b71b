//! Who owns which field (`metadata.managedFields`): server-side apply, its conflicts, and what other writes take over.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fields::{Fields, Path, shown};
use super::kinds::Kind;
use super::merge::{difference, merged, remove};
use super::object;
use super::refusal::{Cause, Refusal};
use super::rules::Place;

/// Who writes, and how.
#[derive(Clone, Copy)]
pub(super) struct Writer<'a> {
    pub(super) manager: &'a str,
    /// `status` or `scale`, or nothing for the object itself.
    pub(super) subresource: &'a str,
    /// The time to note beside what changed, RFC 3339.
    pub(super) time: &'a str,
}

/// One entry of `managedFields`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    manager: String,
    operation: String,
    api_version: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    subresource: String,
    time: String,
    fields_type: String,
    #[serde(rename = "fieldsV1")]
    fields: Fields,
}

const APPLY: &str = "Apply";
const UPDATE: &str = "Update";

/// What the server keeps itself; nobody owns it.
const SYSTEM_FIELDS: [&str; 7] =
    ["name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion", "managedFields"];

/// What is always there once an object of its kind is decoded, so that nobody brings it in.
fn always_there() -> Value {
    json!({
        "metadata": {},
        "spec": {
            "containers": [],
            "strategy": {},
            "template": { "metadata": {}, "spec": { "containers": [] } }
        },
        "status": {}
    })
}

/// The object after `writer` applied `config` to `live`, with the fields that it owns now.
///
/// # Errors
/// Conflicts with fields that others own, unless `force` takes them over.
pub(super) fn apply(
    kind: &Kind,
    live: Option<&Value>,
    config: &Value,
    writer: Writer<'_>,
    force: bool,
) -> Result<Value, Refusal> {
    let place = Place::root(kind);
    let own = Fields::applied(&owned_part(kind, config), &place);
    let Some(live) = live else {
        let mut object = config.clone();
        let entry = Entry::new(kind, writer, APPLY, own);
        write_entries(&mut object, vec![entry]);
        return Ok(object);
    };
    let mut entries = tracked_entries(live);
    let before = take_entry(&mut entries, writer, APPLY);
    let mut object = merged(live, config, &place);
    let owned_before = before.as_ref().map(|entry| entry.fields.clone()).unwrap_or_default();
    prune(&mut object, &owned_before, &own, &entries, &place);
    let changed = difference(&owned_part(kind, live), &owned_part(kind, &object), &place);
    give_up(&mut entries, &changed.changed, force)?;
    forget(&mut entries, &changed.removed);
    let time = before.as_ref().filter(|entry| entry.fields == own).map(|entry| entry.time.clone());
    let mut entry = Entry::new(kind, writer, APPLY, own);
    entry.time = time.unwrap_or(entry.time);
    entries.push(entry);
    write_entries(&mut object, entries);
    Ok(object)
}

/// Notes in `object` that `writer` wrote what differs from `live`, beside what the object itself says of who owns which field.
pub(super) fn update(kind: &Kind, live: Option<&Value>, object: &mut Value, writer: Writer<'_>) {
    let place = Place::root(kind);
    let given = object.pointer("/metadata/managedFields").and(Some(&*object));
    let mut entries = given.or(live).map(tracked_entries).unwrap_or_default();
    let part = |object: &Value| match writer.subresource {
        "" => owned_part(kind, object),
        _ => without_system_fields(object),
    };
    let changed = difference(&live.map_or_else(always_there, part), &part(object), &place);
    for entry in entries.iter_mut().filter(|entry| !entry.is_of(writer, UPDATE)) {
        entry.fields.subtract(&changed.changed);
    }
    forget(&mut entries, &changed.removed);
    if !changed.changed.is_empty() {
        let mut entry = take_entry(&mut entries, writer, UPDATE)
            .unwrap_or_else(|| Entry::new(kind, writer, UPDATE, Fields::default()));
        let known = entry.fields.clone();
        entry.fields.extend(&changed.changed);
        if entry.fields != known {
            writer.time.clone_into(&mut entry.time);
        }
        entries.push(entry);
    }
    write_entries(object, entries);
}

/// Spells out the fields that are owned, as they are shown. They are kept as text: as values they would be most of what a
/// cluster takes of memory.
pub(super) fn spelt_out(object: &Value) -> Value {
    let mut object = object.clone();
    let entries = object.pointer_mut("/metadata/managedFields").and_then(Value::as_array_mut);
    for fields in entries.into_iter().flatten().filter_map(|entry| entry.get_mut("fieldsV1")) {
        *fields = fields.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    }
    object
}

/// Removes what the writer applied before and does not any more, where nobody else owns it.
fn prune(object: &mut Value, before: &Fields, own: &Fields, others: &[Entry], place: &Place) {
    let is_owned =
        |path: &[String]| own.touches(path) || others.iter().any(|entry| entry.fields.touches(path));
    let mut gone: Vec<Path> = Vec::new();
    for path in before.iter().filter(|path| !is_owned(path)) {
        // What held only this goes with it, but never a whole top-level field such as `metadata`.
        let top = (2..path.len()).find(|length| !is_owned(&path[..*length])).unwrap_or(path.len());
        gone.push(path[..top].to_vec());
    }
    gone.iter().for_each(|path| remove(object, path, place));
}

/// Takes changed fields away from the other managers, or says which of them own what.
fn give_up(entries: &mut [Entry], changed: &Fields, force: bool) -> Result<(), Refusal> {
    let mut causes = Vec::new();
    for entry in entries.iter_mut() {
        let contested = entry.fields.common(changed);
        if force {
            entry.fields.subtract(&contested);
        }
        causes.extend(contested.iter().map(|path| Cause::conflict(&entry.manager, shown(path))));
    }
    if force || causes.is_empty() { Ok(()) } else { Err(Refusal::owned_elsewhere(&causes)) }
}

fn forget(entries: &mut [Entry], removed: &Fields) {
    entries.iter_mut().for_each(|entry| entry.fields.subtract(removed));
}

fn take_entry(entries: &mut Vec<Entry>, writer: Writer<'_>, operation: &str) -> Option<Entry> {
    entries.iter().position(|entry| entry.is_of(writer, operation)).map(|at| entries.remove(at))
}

fn tracked_entries(live: &Value) -> Vec<Entry> {
    serde_json::from_value(live["metadata"]["managedFields"].clone()).unwrap_or_default()
}

fn write_entries(object: &mut Value, mut entries: Vec<Entry>) {
    entries.retain(|entry| !entry.fields.is_empty());
    entries.sort_by(|one, two| one.order().cmp(&two.order()));
    object::remove(object, "/metadata/managedFields");
    if !entries.is_empty() {
        object::set(object, "/metadata/managedFields", json!(entries));
    }
}

/// What of an object can be owned by who writes the object itself: not its status.
fn owned_part(kind: &Kind, object: &Value) -> Value {
    let mut part = without_system_fields(object);
    if kind.status {
        object::remove(&mut part, "/status");
    }
    part
}

fn without_system_fields(object: &Value) -> Value {
    let mut part = object.clone();
    for field in ["/apiVersion", "/kind"] {
        object::remove(&mut part, field);
    }
    for field in SYSTEM_FIELDS {
        object::remove(&mut part, &format!("/metadata/{field}"));
    }
    if part.get("metadata") == Some(&json!({})) {
        object::remove(&mut part, "/metadata");
    }
    part
}

impl Entry {
    fn new(kind: &Kind, writer: Writer<'_>, operation: &str, fields: Fields) -> Entry {
        Entry {
            manager: writer.manager.to_owned(),
            operation: operation.to_owned(),
            api_version: kind.api_version(),
            subresource: writer.subresource.to_owned(),
            time: writer.time.to_owned(),
            fields_type: "FieldsV1".to_owned(),
            fields,
        }
    }

    fn is_of(&self, writer: Writer<'_>, operation: &str) -> bool {
        (self.manager.as_str(), self.subresource.as_str(), self.operation.as_str())
            == (writer.manager, writer.subresource, operation)
    }

    fn order(&self) -> (&str, &str, &str, &str) {
        (&self.operation, &self.time, &self.manager, &self.subresource)
    }
}
