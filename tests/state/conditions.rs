//! Conditions, on a row as it stands when the write arrives.

use super::{Table, key, put, row};
use Condition::{All, Always, Any, Below, Equals, Exists, Missing, RowExists, RowMissing};
use roadstead_steps::nouns::state::{Change, Condition, StateError, Write};
use serde_json::{Value, json};

/// Asks in every way in which a condition can be asked. No condition names what it changes.
async fn holds(table: &Table, sort: &str, condition: Condition) -> bool {
    let touched = vec![Change::Set("touched".into(), json!(true))];
    let write = match sort {
        "there" => Write::Update(key(sort), touched.clone(), condition.clone()),
        _ => Write::Delete(key(sort), condition.clone()),
    };
    let beside = Write::Put(row("beside", json!({})), Always);
    let alone = table.commit(std::slice::from_ref(&write)).await;
    let mut others = vec![table.commit(&[write, beside]).await];
    if sort == "there" {
        others.push(table.update(&key(sort), &touched, &condition).await.map(drop));
    }
    for other in &others {
        assert_eq!(is_done(other), is_done(&alone), "{condition:?}: {other:?} {alone:?}");
    }
    is_done(&alone)
}

fn is_done(answer: &Result<(), StateError>) -> bool {
    match answer {
        Ok(()) => true,
        Err(StateError::Refused { .. }) => false,
        Err(error) => panic!("{error:?}"),
    }
}

fn path(path: &str) -> String {
    path.to_owned()
}

pub(super) async fn every_condition_holds_where_it_should(table: Table) {
    let there =
        json!({"count": 5, "text": "a", "off": false, "wanted": {"generation": 3, "tags": ["a", null]}});
    put(&table, "there", there).await;
    for (condition, expected) in [
        (Always, true),
        (RowMissing, false),
        (RowExists, true),
        (Missing(path("count")), false),
        (Missing(path("absent")), true),
        (Missing(path("wanted.generation")), false),
        (Missing(path("wanted.absent")), true),
        (Missing(path("absent.inner")), true),
        (Missing(path("text.inner")), true),
        (Exists(path("off")), true),
        (Exists(path("wanted.generation")), true),
        (Exists(path("wanted.absent")), false),
        (Equals(path("count"), json!(5)), true),
        (Equals(path("count"), json!(5.0)), true),
        (Equals(path("count"), json!(6)), false),
        (Equals(path("count"), json!("5")), false),
        (Equals(path("text"), json!("a")), true),
        (Equals(path("off"), json!(false)), true),
        (Equals(path("off"), Value::Null), false),
        (Equals(path("absent"), Value::Null), true),
        (Equals(path("absent"), json!(0)), false),
        (Equals(path("wanted.generation"), json!(3)), true),
        (Equals(path("wanted"), json!({"tags": ["a", null], "generation": 3, "none": null})), true),
        (Equals(path("wanted"), json!({"generation": 3})), false),
        (Below(path("count"), 6), true),
        (Below(path("count"), 5), false),
        (Below(path("text"), 6), false),
        (Below(path("absent"), 6), false),
    ] {
        assert_eq!(holds(&table, "there", condition.clone()).await, expected, "{condition:?}");
    }
}

pub(super) async fn conditions_of_a_missing_row(table: Table) {
    for (condition, expected) in [
        (Always, true),
        (RowMissing, true),
        (RowExists, false),
        (Missing(path("a")), true),
        (Exists(path("a")), false),
        (Equals(path("a"), json!(1)), false),
        (Equals(path("a"), Value::Null), true),
        (Below(path("a"), 1), false),
    ] {
        assert_eq!(holds(&table, "absent", condition.clone()).await, expected, "{condition:?}");
    }
}

pub(super) async fn conditions_are_joined(table: Table) {
    put(&table, "there", json!({"a": 1, "b": 2})).await;
    let is = |name: &str, value: i64| Equals(path(name), json!(value));
    for (condition, expected) in [
        (All(vec![]), true),
        (Any(vec![]), false),
        (All(vec![is("a", 1), is("b", 2)]), true),
        (All(vec![is("a", 1), is("b", 3)]), false),
        (Any(vec![is("a", 2), is("b", 2)]), true),
        (Any(vec![is("a", 2), is("b", 3)]), false),
        (All(vec![is("a", 1), Any(vec![])]), false),
        (Any(vec![is("a", 2), All(vec![])]), true),
        (All(vec![RowExists, Any(vec![is("a", 2), All(vec![is("a", 1), is("b", 2)])])]), true),
        (All(vec![RowExists, Any(vec![is("a", 2), All(vec![is("a", 1), is("b", 3)])])]), false),
        (Any(vec![RowMissing, All(vec![Any(vec![Below(path("a"), 1), Missing(path("c"))])])]), true),
    ] {
        assert_eq!(holds(&table, "there", condition.clone()).await, expected, "{condition:?}");
    }
}
