//! What writes make of rows.

use super::{Table, assert_refused_as_a_call, attributes, key, put, read, row};
use roadstead_steps::nouns::state::{Change, Condition, StateError};
use serde_json::{Value, json};

async fn update(table: &Table, changes: &[Change]) -> Result<Value, StateError> {
    let row = table.update(&key("a"), changes, &Condition::Always).await?;
    assert_eq!(row.key, key("a"));
    Ok(Value::Object(row.attributes))
}

fn set(path: &str, value: Value) -> Change {
    Change::Set(path.into(), value)
}

fn add(path: &str, amount: i64) -> Change {
    Change::Add(path.into(), amount)
}

fn remove(path: &str) -> Change {
    Change::Remove(path.into())
}

pub(super) async fn a_put_replaces_the_whole_row(table: Table) {
    assert_eq!(read(&table, "a").await, None);
    put(&table, "a", json!({"one": 1, "two": 2})).await;
    put(&table, "a", json!({"three": 3})).await;
    assert_eq!(read(&table, "a").await, Some(row("a", json!({"three": 3}))));
    assert_eq!(read(&table, "b").await, None);
}

pub(super) async fn absent_and_null_are_the_same(table: Table) {
    put(&table, "a", json!({"one": null, "two": {"three": null}, "four": [null]})).await;
    assert_eq!(read(&table, "a").await, Some(row("a", json!({"two": {}, "four": [null]}))));
    let after = update(&table, &[set("four", Value::Null), set("two.three", Value::Null)]).await.unwrap();
    assert_eq!(after, json!({"two": {}}));
}

pub(super) async fn values_return_as_they_were(table: Table) {
    let value = json!({
        "": {"": ""},
        "text": "ä \" \\ \n \u{0} 😀",
        "whole": i64::MIN,
        "large": i64::MAX,
        "part": 0.25,
        "truth": [true, false],
        "nested": [[], {}, [{"a": [1, "1"]}]],
        "size": "reserved words are names like others",
        "#n0": ":v0",
    });
    let mut value = attributes(value);
    value.remove("");
    put(&table, "a", Value::Object(value.clone())).await;
    assert_eq!(read(&table, "a").await.map(|row| row.attributes), Some(value.clone()));
    let changes = value.iter().map(|(name, value)| set(name, value.clone())).collect::<Vec<_>>();
    assert_eq!(update(&table, &changes).await.unwrap(), Value::Object(value));
}

pub(super) async fn an_update_sets_adds_and_removes(table: Table) {
    put(&table, "a", json!({"kept": 1, "count": 5, "gone": true})).await;
    let changes =
        [set("new", json!("x")), add("count", -7), add("fresh", 3), remove("gone"), remove("absent")];
    let expected = json!({"kept": 1, "new": "x", "count": -2, "fresh": 3});
    assert_eq!(update(&table, &changes).await.unwrap(), expected);
    assert_eq!(read(&table, "a").await, Some(row("a", expected)));
}

pub(super) async fn an_update_reaches_within_attributes(table: Table) {
    put(&table, "a", json!({"wanted": {"generation": 3, "intent": {"kind": "present"}, "old": 1}})).await;
    let changes =
        [add("wanted.generation", 1), set("wanted.intent.kind", json!("absent")), remove("wanted.old")];
    let expected = json!({"wanted": {"generation": 4, "intent": {"kind": "absent"}}});
    assert_eq!(update(&table, &changes).await.unwrap(), expected);
}

pub(super) async fn an_update_makes_a_row_that_is_missing(table: Table) {
    assert_eq!(update(&table, &[add("count", 1)]).await.unwrap(), json!({"count": 1}));
    assert_eq!(read(&table, "a").await, Some(row("a", json!({"count": 1}))));
    let other = table.update(&key("b"), &[add("count", 1)], &Condition::RowExists).await;
    assert_eq!(other, Err(StateError::Refused { write: 0, row: None }));
    assert_eq!(read(&table, "b").await, None);
}

pub(super) async fn all_changes_see_the_row_as_it_was(table: Table) {
    put(&table, "a", json!({"one": 1, "two": 2})).await;
    let condition = Condition::Equals("one".into(), json!(1));
    let changes = [set("one", json!(10)), add("two", 1)];
    let after = table.update(&key("a"), &changes, &condition).await.unwrap();
    assert_eq!(after, row("a", json!({"one": 10, "two": 3})));
}

pub(super) async fn changes_that_make_no_sense_are_refused(table: Table) {
    put(&table, "a", json!({"text": "x", "count": 1, "within": {}, "list": [1]})).await;
    for changes in [
        vec![],
        vec![add("text", 1)],
        vec![set("absent.inner", json!(1))],
        vec![set("within.absent.inner", json!(1))],
        vec![set("text.inner", json!(1))],
        vec![set("list.0", json!(2))],
        vec![remove("absent.inner")],
        vec![add("absent.inner", 1)],
        vec![set("count", json!(1)), remove("count")],
        vec![set("within", json!({})), set("within.inner", json!(1))],
    ] {
        assert_refused_as_a_call(update(&table, &changes).await);
    }
    let expected = json!({"text": "x", "count": 1, "within": {}, "list": [1]});
    assert_eq!(read(&table, "a").await, Some(row("a", expected)));
}
