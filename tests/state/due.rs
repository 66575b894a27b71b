//! The index of due rows.

use super::{Table, assert_refused_as_a_call, key, put, row};
use jiff::Timestamp;
use roadstead_steps::nouns::state::{Change, Condition, DUE_SHARDS, Due, Key, Row, Write};
use serde_json::{Value, json};

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap()
}

/// What is due in the shard of the row `a`, and nowhere else.
async fn due(table: &Table, until: i64) -> Vec<Due> {
    let mut due = Vec::new();
    for shard in 0..DUE_SHARDS {
        let found = table.due(shard, at(until), 10).await.unwrap();
        assert!(found.is_empty() || shard == key("a").due_shard(), "{shard}: {found:?}");
        due.extend(found);
    }
    due
}

fn since(millisecond: i64) -> Vec<Due> {
    vec![Due { key: key("a"), due_at: at(millisecond) }]
}

pub(super) async fn a_row_is_due_from_its_time_on(table: Table) {
    put(&table, "a", json!({"due_at": 1_790_000_000_123_i64, "other": 1})).await;
    put(&table, "b", json!({"other": 1})).await;
    assert_eq!(due(&table, 1_790_000_000_122).await, vec![]);
    assert_eq!(due(&table, 1_790_000_000_123).await, since(1_790_000_000_123));
}

pub(super) async fn the_longest_due_comes_first(table: Table) {
    let shard = key("a").due_shard();
    let keys = (0..).map(|number| Key::new(format!("p{number}"), "s")).filter(|key| key.due_shard() == shard);
    let keys = keys.take(5).collect::<Vec<_>>();
    for (key, due_at) in keys.iter().zip([50, 9, 30, 100, 20]) {
        let row = Row { key: key.clone(), attributes: super::attributes(json!({"due_at": due_at})) };
        table.commit(&[Write::Put(row, Condition::Always)]).await.unwrap();
    }
    let times = async |until: i64, limit: usize| {
        let due = table.due(shard, at(until), limit).await.unwrap();
        due.iter().map(|due| due.due_at.as_millisecond()).collect::<Vec<_>>()
    };
    assert_eq!(times(50, 10).await, [9, 20, 30, 50]);
    assert_eq!(times(1_000, 3).await, [9, 20, 30]);
    assert_eq!(times(1_000, 0).await, [0; 0]);
}

pub(super) async fn the_index_follows_every_kind_of_write(table: Table) {
    let update = async |change: Change| table.update(&key("a"), &[change], &Condition::Always).await.unwrap();
    let set = |value: Value| Change::Set("due_at".into(), value);
    assert_eq!(update(set(json!(7))).await, row("a", json!({"due_at": 7})));
    assert_eq!(due(&table, 100).await, since(7));
    assert_eq!(update(Change::Add("due_at".into(), 2)).await, row("a", json!({"due_at": 9})));
    assert_eq!(due(&table, 100).await, since(9));
    assert_eq!(update(Change::Remove("due_at".into())).await, row("a", json!({})));
    assert_eq!(due(&table, 100).await, vec![]);
    update(Change::Add("due_at".into(), 5)).await;
    assert_eq!(due(&table, 100).await, since(5));
    update(set(Value::Null)).await;
    assert_eq!(due(&table, 100).await, vec![]);
    put(&table, "a", json!({"due_at": 3})).await;
    assert_eq!(due(&table, 100).await, since(3));
    put(&table, "a", json!({"due_at": null})).await;
    assert_eq!(due(&table, 100).await, vec![]);
    put(&table, "a", json!({"due_at": 3})).await;
    table.commit(&[Write::Delete(key("a"), Condition::Always)]).await.unwrap();
    assert_eq!(due(&table, 100).await, vec![]);
}

pub(super) async fn a_time_is_a_number(table: Table) {
    let put = Write::Put(row("a", json!({"due_at": "soon"})), Condition::Always);
    assert_refused_as_a_call(table.commit(&[put]).await);
    let changes = [Change::Set("due_at".into(), json!({}))];
    assert_refused_as_a_call(table.update(&key("a"), &changes, &Condition::Always).await);
    assert_eq!(due(&table, i64::MAX / 1_000_000).await, vec![]);
}
