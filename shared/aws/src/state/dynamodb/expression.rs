//! Changes and reads as expressions. Every name and value is a placeholder: what comes from outside is never parsed.

use super::condition;
use super::item::{DUE_SHARD, PARTITION, SORT, shard};
use super::value::{Item, from_json};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::state::{Change, Condition, DUE_AT, Key};
use std::collections::HashMap;

/// The names and values that an expression refers to.
#[derive(Debug, Default)]
pub(super) struct Placeholders {
    names: Vec<String>,
    values: Vec<AttributeValue>,
}

impl Placeholders {
    /// A dotted path: one placeholder for each name, the same for the same.
    pub(super) fn path(&mut self, path: &str) -> String {
        path.split('.').map(|name| self.name(name)).collect::<Vec<_>>().join(".")
    }

    /// A placeholder for a value.
    pub(super) fn value(&mut self, value: AttributeValue) -> String {
        self.values.push(value);
        format!(":v{}", self.values.len() - 1)
    }

    /// The names by placeholder; DynamoDB refuses an empty map.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        let names = self.names.iter().enumerate().map(|(index, name)| (format!("#n{index}"), name.clone()));
        (!self.names.is_empty()).then(|| names.collect())
    }

    /// The values by placeholder; DynamoDB refuses an empty map.
    pub(super) fn values(&self) -> Option<Item> {
        let values =
            self.values.iter().enumerate().map(|(index, value)| (format!(":v{index}"), value.clone()));
        (!self.values.is_empty()).then(|| values.collect())
    }

    fn name(&mut self, name: &str) -> String {
        let known = self.names.iter().position(|known| known == name);
        let index = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        format!("#n{index}")
    }
}

/// A condition with what it refers to.
pub(super) struct Guard {
    /// The condition expression; none for one that always holds.
    pub(super) condition: Option<String>,
    /// The names in it.
    pub(super) names: Option<HashMap<String, String>>,
    /// The values in it.
    pub(super) values: Option<Item>,
}

/// The guard of a write.
pub(super) fn guard(condition: &Condition) -> Guard {
    let mut placeholders = Placeholders::default();
    let condition = condition::expression(condition, &mut placeholders);
    Guard { condition, names: placeholders.names(), values: placeholders.values() }
}

/// An update with its condition and what both refer to.
pub(super) struct Update {
    /// The update expression.
    pub(super) changes: String,
    /// The condition expression; none for one that always holds.
    pub(super) condition: Option<String>,
    /// The names in both.
    pub(super) names: Option<HashMap<String, String>>,
    /// The values in both.
    pub(super) values: Option<Item>,
}

/// An update of a row. One that touches [`DUE_AT`] keeps the row's shard in step.
///
/// # Errors
/// [`CallError::Refused`] for an update without changes: a transaction has no expression for it.
pub(super) fn update(key: &Key, changes: &[Change], condition: &Condition) -> Result<Update, CallError> {
    if changes.is_empty() {
        return Err(CallError::Refused { reason: "an update changes at least one attribute".to_owned() });
    }
    let mut clauses = Clauses::default();
    for change in changes {
        clauses.add(change, key);
    }
    let condition = condition::expression(condition, &mut clauses.placeholders);
    let (names, values) = (clauses.placeholders.names(), clauses.placeholders.values());
    Ok(Update { changes: clauses.text(), condition, names, values })
}

#[derive(Default)]
struct Clauses {
    sets: Vec<String>,
    removes: Vec<String>,
    placeholders: Placeholders,
}

impl Clauses {
    fn add(&mut self, change: &Change, key: &Key) {
        match change {
            Change::Set(path, value) if value.is_null() => self.remove(path),
            Change::Set(path, value) => self.set(path, value, key),
            Change::Add(path, amount) => self.increase(path, *amount, key),
            Change::Remove(path) => self.remove(path),
        }
    }

    fn set(&mut self, path: &str, value: &serde_json::Value, key: &Key) {
        let target = self.placeholders.path(path);
        let value = self.placeholders.value(from_json(value));
        self.sets.push(format!("{target} = {value}"));
        self.keep_shard(path, key);
    }

    /// `SET` and not `ADD`, which knows top-level attributes only.
    fn increase(&mut self, path: &str, amount: i64, key: &Key) {
        let target = self.placeholders.path(path);
        let zero = self.placeholders.value(AttributeValue::N("0".to_owned()));
        let amount = self.placeholders.value(AttributeValue::N(amount.to_string()));
        self.sets.push(format!("{target} = if_not_exists({target}, {zero}) + {amount}"));
        self.keep_shard(path, key);
    }

    fn remove(&mut self, path: &str) {
        let target = self.placeholders.path(path);
        self.removes.push(target);
        if path == DUE_AT {
            self.removes.push(DUE_SHARD.to_owned());
        }
    }

    fn keep_shard(&mut self, path: &str, key: &Key) {
        if path == DUE_AT {
            let shard = self.placeholders.value(shard(key.due_shard()));
            self.sets.push(format!("{DUE_SHARD} = {shard}"));
        }
    }

    fn text(&self) -> String {
        let clause = |word: &str, parts: &[String]| format!("{word} {}", parts.join(", "));
        let sets = (!self.sets.is_empty()).then(|| clause("SET", &self.sets));
        let removes = (!self.removes.is_empty()).then(|| clause("REMOVE", &self.removes));
        sets.into_iter().chain(removes).collect::<Vec<_>>().join(" ")
    }
}

/// The rows of a partition whose sort keys begin so. DynamoDB refuses an empty prefix.
pub(super) fn rows_with_prefix(
    call: QueryFluentBuilder,
    partition: &str,
    prefix: &str,
) -> QueryFluentBuilder {
    let call = call.expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()));
    if prefix.is_empty() {
        return call.key_condition_expression(format!("{PARTITION} = :partition"));
    }
    call.expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
        .key_condition_expression(format!("{PARTITION} = :partition AND begins_with({SORT}, :prefix)"))
}

/// The rows of one shard that are due at the moment, the longest due first.
pub(super) fn due_until(call: QueryFluentBuilder, number: u32, at: Timestamp) -> QueryFluentBuilder {
    call.key_condition_expression(format!("{DUE_SHARD} = :shard AND {DUE_AT} <= :at"))
        .expression_attribute_values(":shard", shard(number))
        .expression_attribute_values(":at", AttributeValue::N(at.as_millisecond().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Change::{Add, Remove, Set};
    use serde_json::{Value, json};

    fn changes(changes: &[Change]) -> String {
        update(&Key::new("p", "s"), changes, &Condition::Always).unwrap().changes
    }

    fn set(path: &str) -> Change {
        Set(path.into(), json!("x"))
    }

    #[test]
    fn every_change_has_its_clause() {
        assert_eq!(changes(&[set("a"), set("b.c")]), "SET #n0 = :v0, #n1.#n2 = :v1");
        assert_eq!(changes(&[Add("a.b".into(), -2)]), "SET #n0.#n1 = if_not_exists(#n0.#n1, :v0) + :v1");
        assert_eq!(changes(&[Remove("a".into()), Set("b".into(), Value::Null)]), "REMOVE #n0, #n1");
        assert_eq!(changes(&[Remove("a".into()), set("b")]), "SET #n1 = :v0 REMOVE #n0");
    }

    #[test]
    fn the_shard_comes_and_goes_with_the_time() {
        assert_eq!(changes(&[Set("due_at".into(), json!(7))]), "SET #n0 = :v0, due_shard = :v1");
        assert_eq!(changes(&[Add("due_at".into(), 7)]).matches("due_shard").count(), 1);
        assert_eq!(changes(&[Remove("due_at".into())]), "REMOVE #n0, due_shard");
        assert_eq!(changes(&[Set("due_at".into(), Value::Null)]), "REMOVE #n0, due_shard");
        assert_eq!(changes(&[set("within.due_at")]), "SET #n0.#n1 = :v0");
    }

    #[test]
    fn an_update_and_its_condition_share_names() {
        let condition = Condition::Equals("a".into(), json!(1));
        let update = update(&Key::new("p", "s"), &[set("a")], &condition).unwrap();
        assert_eq!(update.condition.as_deref(), Some("#n0 = :v1"));
        assert_eq!(update.names, Some(HashMap::from([("#n0".to_owned(), "a".to_owned())])));
        assert_eq!(update.values.map(|values| values.len()), Some(2));
    }

    #[test]
    fn an_update_without_changes_is_refused() {
        let update = update(&Key::new("p", "s"), &[], &Condition::Always);
        assert!(matches!(update.err(), Some(CallError::Refused { .. })));
    }

    #[test]
    fn a_hostile_name_is_only_ever_a_placeholder() {
        let text = changes(&[set("a = :v0 REMOVE b")]);
        assert_eq!(text, "SET #n0 = :v0");
    }
}
