//! Whether conditions hold.

use super::change::{at, plain};
use roadstead_steps::nouns::state::Condition;
use serde_json::{Map, Value};
use std::cmp::Ordering;

type Attributes = Map<String, Value>;

pub(super) fn holds(condition: &Condition, row: Option<&Attributes>) -> bool {
    let value = |path: &str| row.and_then(|attributes| at(attributes, path));
    match condition {
        Condition::Always => true,
        Condition::RowMissing => row.is_none(),
        Condition::RowExists => row.is_some(),
        Condition::Missing(path) => value(path).is_none(),
        Condition::Exists(path) => value(path).is_some(),
        Condition::Equals(path, Value::Null) => value(path).is_none(),
        Condition::Equals(path, expected) => value(path) == Some(&plain(expected)),
        Condition::Below(path, bound) => compare(value(path), *bound) == Some(Ordering::Less),
        Condition::All(conditions) => conditions.iter().all(|condition| holds(condition, row)),
        Condition::Any(conditions) => conditions.iter().any(|condition| holds(condition, row)),
    }
}

fn compare(value: Option<&Value>, bound: i64) -> Option<Ordering> {
    let number = value?.as_number()?;
    if let Some(whole) = number.as_i128() {
        return Some(whole.cmp(&i128::from(bound)));
    }
    number.as_f64()?.partial_cmp(&(bound as f64))
}
