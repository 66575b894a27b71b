//! What changes make of a row.

use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::state::Change;
use serde_json::{Map, Number, Value};

type Attributes = Map<String, Value>;

/// The attribute at a dotted path.
pub(super) fn at<'row>(attributes: &'row Attributes, path: &str) -> Option<&'row Value> {
    let mut names = path.split('.');
    let first = attributes.get(names.next()?);
    names.fold(first, |value, name| value?.as_object()?.get(name))
}

/// A value as the table keeps it: no null within objects, and no fraction where there is none.
pub(super) fn plain(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(without_null(members)),
        Value::Array(values) => Value::Array(values.iter().map(plain).collect()),
        Value::Number(number) => Value::Number(whole(number)),
        other => other.clone(),
    }
}

/// Attributes as the table keeps them.
pub(super) fn without_null(members: &Attributes) -> Attributes {
    let present = members.iter().filter(|(_, value)| !value.is_null());
    present.map(|(name, value)| (name.clone(), plain(value))).collect()
}

fn whole(number: &Number) -> Number {
    let whole = number.as_f64().filter(|value| number.is_f64() && value.fract() == 0.0 && value.abs() < 1e15);
    whole.map_or_else(|| number.clone(), |value| Number::from(value as i64))
}

/// The row after all changes.
pub(super) fn apply(mut row: Attributes, changes: &[Change]) -> Result<Attributes, CallError> {
    let before = row.clone();
    for change in changes {
        match change {
            Change::Set(path, Value::Null) | Change::Remove(path) => {
                let (parent, name) = parent(&mut row, path)?;
                parent.remove(name);
            }
            Change::Set(path, value) => set(&mut row, path, plain(value))?,
            Change::Add(path, amount) => set(&mut row, path, sum(at(&before, path), *amount)?)?,
        }
    }
    Ok(row)
}

fn set(row: &mut Attributes, path: &str, value: Value) -> Result<(), CallError> {
    let (parent, name) = parent(row, path)?;
    parent.insert(name.to_owned(), value);
    Ok(())
}

fn sum(before: Option<&Value>, amount: i64) -> Result<Value, CallError> {
    let before = before.map_or(Some(0), Value::as_i64);
    let sum = before.and_then(|before| before.checked_add(amount));
    sum.map(Value::from)
        .ok_or_else(|| refused("An operand in the update expression has an incorrect data type"))
}

/// The object that holds the path's last name. It has to be there: an update makes no objects on its way.
fn parent<'row, 'path>(
    row: &'row mut Attributes,
    path: &'path str,
) -> Result<(&'row mut Attributes, &'path str), CallError> {
    let (parents, name) = path.rsplit_once('.').map_or((None, path), |(parents, name)| (Some(parents), name));
    let mut parent = row;
    for name in parents.iter().flat_map(|parents| parents.split('.')) {
        let inner = parent.get_mut(name).and_then(Value::as_object_mut);
        parent =
            inner.ok_or_else(|| refused("The document path provided in the update expression is invalid"))?;
    }
    Ok((parent, name))
}

fn refused(reason: &str) -> CallError {
    CallError::Refused { reason: reason.to_owned() }
}
