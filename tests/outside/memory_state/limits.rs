//! What DynamoDB refuses, whatever the rows hold.

use super::change::without_null;
use super::guard;
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::state::{COMMIT_LIMIT, Change, DUE_AT, Key, Write};
use serde_json::{Map, Number, Value};
use std::collections::BTreeSet;

/// The largest row, in bytes, names included.
pub(crate) const ROW_LIMIT: usize = 400 * 1024;
/// The longest partition key, in bytes.
pub(crate) const PARTITION_LIMIT: usize = 2048;
/// The longest sort key, in bytes.
pub(crate) const SORT_LIMIT: usize = 1024;

pub(super) fn check_commit(writes: &[Write]) -> Result<(), CallError> {
    if writes.is_empty() || writes.len() > COMMIT_LIMIT {
        return Err(refused("Member must have length between 1 and 100"));
    }
    let mut keys = BTreeSet::new();
    for write in writes {
        let (key, _) = guard(write);
        check_key(key)?;
        if !keys.insert(key) {
            return Err(refused("Transaction request cannot include multiple operations on one item"));
        }
        match write {
            Write::Put(row, _) => check_row(key, &without_null(&row.attributes))?,
            Write::Update(_, changes, _) => check_changes(changes)?,
            Write::Delete(..) => {}
        }
    }
    Ok(())
}

pub(super) fn check_key(key: &Key) -> Result<(), CallError> {
    let within = |text: &str, limit: usize| !text.is_empty() && text.len() <= limit;
    if within(&key.partition, PARTITION_LIMIT) && within(&key.sort, SORT_LIMIT) {
        Ok(())
    } else {
        Err(refused("One or more parameter values were invalid: the length of a key"))
    }
}

pub(super) fn check_row(key: &Key, attributes: &Map<String, Value>) -> Result<(), CallError> {
    if attributes.get(DUE_AT).is_some_and(|due_at| !due_at.is_number()) {
        return Err(refused("One or more parameter values were invalid: Type mismatch for Index Key due_at"));
    }
    let shard = if attributes.contains_key(DUE_AT) { "due_shard".len() + "due#0".len() } else { 0 };
    let keys = "pk".len() + key.partition.len() + "sk".len() + key.sort.len() + shard;
    let named = attributes.iter().map(|(name, value)| name.len() + size(value));
    if keys + named.sum::<usize>() > ROW_LIMIT {
        return Err(refused("Item size has exceeded the maximum allowed size"));
    }
    Ok(())
}

/// No path of an update is another's, or lies within it.
fn check_changes(changes: &[Change]) -> Result<(), CallError> {
    if changes.is_empty() {
        return Err(refused("an update changes at least one attribute"));
    }
    let paths = changes.iter().map(|change| match change {
        Change::Set(path, _) | Change::Add(path, _) | Change::Remove(path) => format!("{path}."),
    });
    let paths = paths.collect::<Vec<_>>();
    for (index, path) in paths.iter().enumerate() {
        if paths[..index].iter().any(|other| path.starts_with(other) || other.starts_with(path)) {
            return Err(refused("Two document paths overlap with each other"));
        }
    }
    Ok(())
}

/// The size of a value as DynamoDB counts it.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::Number(number) => number_size(number),
        Value::String(text) => text.len(),
        Value::Array(values) => 3 + values.iter().map(|value| 1 + size(value)).sum::<usize>(),
        Value::Object(members) => {
            3 + members.iter().map(|(name, value)| 1 + name.len() + size(value)).sum::<usize>()
        }
    }
}

/// A byte for two digits, one for the number and one for its sign; zeros at the end count for nothing.
fn number_size(number: &Number) -> usize {
    let text = number.to_string();
    let digits = text.trim_start_matches('-').trim_end_matches('0').len();
    digits.div_ceil(2) + 1 + usize::from(text.starts_with('-'))
}

fn refused(reason: &str) -> CallError {
    CallError::Refused { reason: reason.to_owned() }
}
