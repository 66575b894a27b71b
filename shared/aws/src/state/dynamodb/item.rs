//! Rows as DynamoDB items, and back.

use super::value::{Item, members_from_json, members_to_json};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::state::{DUE_AT, Due, Key, Row};

/// The attribute of the partition key.
pub(super) const PARTITION: &str = "pk";
/// The attribute of the sort key.
pub(super) const SORT: &str = "sk";
/// The attribute by which the index of due rows is spread.
pub(super) const DUE_SHARD: &str = "due_shard";

/// A key as the two attributes of it.
pub(super) fn of_key(key: &Key) -> Item {
    let text = |text: &String| AttributeValue::S(text.clone());
    Item::from([(PARTITION.to_owned(), text(&key.partition)), (SORT.to_owned(), text(&key.sort))])
}

/// The value of the shard attribute.
pub(super) fn shard(number: u32) -> AttributeValue {
    AttributeValue::S(format!("due#{number}"))
}

/// A row as an item; one that is due gets its shard.
pub(super) fn of_row(row: &Row) -> Item {
    let mut item = members_from_json(&row.attributes);
    if item.contains_key(DUE_AT) {
        item.insert(DUE_SHARD.to_owned(), shard(row.key.due_shard()));
    }
    item.extend(of_key(&row.key));
    item
}

/// An item as a row, without the attributes that the adapter keeps for itself.
pub(super) fn to_row(mut item: Item) -> Result<Row, CallError> {
    let key = take_key(&mut item)?;
    item.remove(DUE_SHARD);
    Ok(Row { key, attributes: members_to_json(item)? })
}

/// An item of the index as a due row.
pub(super) fn to_due(item: &Item) -> Result<Due, CallError> {
    let key = take_key(&mut item.clone())?;
    let millisecond =
        item.get(DUE_AT).and_then(|value| value.as_n().ok()).and_then(|digits| digits.parse().ok());
    let due_at = millisecond.and_then(|millisecond| Timestamp::from_millisecond(millisecond).ok());
    due_at.map(|due_at| Due { key, due_at }).ok_or_else(|| broken("a due row has no readable time"))
}

fn take_key(item: &mut Item) -> Result<Key, CallError> {
    match (item.remove(PARTITION), item.remove(SORT)) {
        (Some(AttributeValue::S(partition)), Some(AttributeValue::S(sort))) => Ok(Key { partition, sort }),
        _ => Err(broken("an item has no key")),
    }
}

fn broken(reason: &str) -> CallError {
    CallError::Broken { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn row(attributes: Value) -> Row {
        let Value::Object(attributes) = attributes else { panic!("not an object") };
        Row { key: Key::new("environment#shop/pr-42", "environment"), attributes }
    }

    #[test]
    fn a_row_returns_as_it_was() {
        let row = row(json!({"due_at": 7, "wanted": {"generation": 3}}));
        assert_eq!(to_row(of_row(&row)).unwrap(), row);
    }

    #[test]
    fn only_a_due_row_is_in_the_index() {
        let due = of_row(&row(json!({"due_at": 7})));
        assert_eq!(due.get(DUE_SHARD), Some(&shard(row(json!({})).key.due_shard())));
        assert!(!of_row(&row(json!({"due_at": null}))).contains_key(DUE_SHARD));
        assert!(!of_row(&row(json!({}))).contains_key(DUE_SHARD));
    }

    #[test]
    fn the_time_of_a_due_row_is_in_milliseconds() {
        let due = to_due(&of_row(&row(json!({"due_at": 1_790_000_000_123_i64})))).unwrap();
        assert_eq!(due.due_at, "2026-09-21T14:13:20.123Z".parse().unwrap());
        assert!(to_due(&of_row(&row(json!({"due_at": "soon"})))).is_err());
    }

    #[test]
    fn an_item_without_a_key_is_broken() {
        assert!(matches!(to_row(Item::new()), Err(CallError::Broken { .. })));
    }
}
