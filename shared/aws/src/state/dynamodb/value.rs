//! JSON as DynamoDB's attribute values, and back.

use aws_sdk_dynamodb::types::AttributeValue;
use roadstead_steps::nouns::CallError;
use serde_json::{Map, Number, Value};
use std::collections::HashMap;

/// An item as the SDK has it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// A value as an attribute value. Within objects null is left out, as absent and null are the same; in lists it keeps its place.
pub(super) fn from_json(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(truth) => AttributeValue::Bool(*truth),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(values) => AttributeValue::L(values.iter().map(from_json).collect()),
        Value::Object(members) => AttributeValue::M(members_from_json(members)),
    }
}

/// An object's members, without those that are null.
pub(super) fn members_from_json(members: &Map<String, Value>) -> Item {
    let present = members.iter().filter(|(_, value)| !value.is_null());
    present.map(|(name, value)| (name.clone(), from_json(value))).collect()
}

/// An attribute value as JSON.
///
/// # Errors
/// [`CallError::Broken`] for the types that have no JSON: binary values and sets.
pub(super) fn to_json(value: AttributeValue) -> Result<Value, CallError> {
    match value {
        AttributeValue::Null(_) => Ok(Value::Null),
        AttributeValue::Bool(truth) => Ok(Value::Bool(truth)),
        AttributeValue::N(digits) => number(&digits),
        AttributeValue::S(text) => Ok(Value::String(text)),
        AttributeValue::L(values) => {
            values.into_iter().map(to_json).collect::<Result<_, _>>().map(Value::Array)
        }
        AttributeValue::M(members) => members_to_json(members).map(Value::Object),
        _ => Err(broken("a row holds a type of attribute that is never written")),
    }
}

/// An item's attributes as JSON.
pub(super) fn members_to_json(members: Item) -> Result<Map<String, Value>, CallError> {
    members.into_iter().map(|(name, value)| Ok((name, to_json(value)?))).collect()
}

fn number(digits: &str) -> Result<Value, CallError> {
    let whole = digits.parse::<i64>().map(Number::from).or_else(|_| digits.parse::<u64>().map(Number::from));
    let number = whole.ok().or_else(|| digits.parse::<f64>().ok().and_then(Number::from_f64));
    number.map(Value::Number).ok_or_else(|| broken("a row holds a number that cannot be read"))
}

fn broken(reason: &str) -> CallError {
    CallError::Broken { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_returns_as_it_was() {
        let value = json!({
            "text": "", "whole": i64::MIN, "large": u64::MAX, "part": 0.5, "yes": true,
            "list": [null, 1, "a", [], {}], "within": {"deeper": {"name": "ä\n\u{0}"}},
        });
        assert_eq!(to_json(from_json(&value)).unwrap(), value);
    }

    #[test]
    fn null_within_an_object_is_left_out() {
        let value = json!({"a": null, "b": {"c": null}, "d": [{"e": null}]});
        assert_eq!(to_json(from_json(&value)).unwrap(), json!({"b": {}, "d": [{}]}));
    }

    #[test]
    fn what_has_no_json_is_broken() {
        for value in [AttributeValue::Ss(vec!["a".into()]), AttributeValue::N("many".into())] {
            assert!(matches!(to_json(value), Err(CallError::Broken { .. })));
        }
    }
}
