//! Commits: all or nothing, and what a refusal says.

use super::{Table, assert_refused_as_a_call, key, put, read, row};
use roadstead_steps::nouns::state::{COMMIT_LIMIT, Change, Condition, Key, Row, StateError, Write};
use serde_json::json;

fn create(sort: &str) -> Write {
    Write::Put(row(sort, json!({"new": true})), Condition::RowMissing)
}

fn refused(write: usize, row: Option<Row>) -> Result<(), StateError> {
    Err(StateError::Refused { write, row })
}

pub(super) async fn a_commit_writes_all(table: Table) {
    put(&table, "changed", json!({"count": 1})).await;
    put(&table, "gone", json!({})).await;
    let writes = [
        create("new"),
        Write::Update(key("changed"), vec![Change::Add("count".into(), 1)], Condition::RowExists),
        Write::Delete(key("gone"), Condition::RowExists),
    ];
    table.commit(&writes).await.unwrap();
    assert_eq!(read(&table, "new").await, Some(row("new", json!({"new": true}))));
    assert_eq!(read(&table, "changed").await, Some(row("changed", json!({"count": 2}))));
    assert_eq!(read(&table, "gone").await, None);
}

pub(super) async fn a_commit_writes_all_or_nothing(table: Table) {
    put(&table, "there", json!({"old": true})).await;
    put(&table, "changed", json!({"count": 1})).await;
    for refusing in [create("there"), Write::Delete(key("absent"), Condition::RowExists)] {
        let writes = [
            create("new"),
            Write::Update(key("changed"), vec![Change::Add("count".into(), 1)], Condition::Always),
            refusing,
        ];
        let answer = table.commit(&writes).await;
        assert!(matches!(answer, Err(StateError::Refused { write: 2, .. })), "{answer:?}");
    }
    let invalid = vec![Change::Add("count.inner".into(), 1)];
    let answer =
        table.commit(&[create("new"), Write::Update(key("changed"), invalid, Condition::Always)]).await;
    assert_refused_as_a_call(answer);
    assert_eq!(read(&table, "new").await, None);
    assert_eq!(read(&table, "changed").await, Some(row("changed", json!({"count": 1}))));
}

pub(super) async fn a_refusal_names_the_first_write_and_carries_its_row(table: Table) {
    let there = json!({"claim": {"token": "t"}, "due_at": 7});
    put(&table, "there", there.clone()).await;
    let writes = [
        create("new"),
        Write::Delete(key("there"), Condition::Missing("claim".into())),
        Write::Delete(key("absent"), Condition::RowExists),
    ];
    assert_eq!(table.commit(&writes).await, refused(1, Some(row("there", there))));
}

pub(super) async fn a_single_write_is_refused_with_its_row(table: Table) {
    let there = row("there", json!({"claim": {"token": "t"}, "due_at": 7}));
    table.commit(&[Write::Put(there.clone(), Condition::Always)]).await.unwrap();
    let change = vec![Change::Set("claim".into(), json!({}))];
    for write in [
        create("there"),
        Write::Update(key("there"), change.clone(), Condition::Missing("claim".into())),
        Write::Delete(key("there"), Condition::Below("due_at".into(), 7)),
    ] {
        assert_eq!(table.commit(&[write]).await, refused(0, Some(there.clone())));
    }
    let updated = table.update(&key("there"), &change, &Condition::RowMissing).await;
    assert_eq!(updated, Err(StateError::Refused { write: 0, row: Some(there.clone()) }));
    assert_eq!(read(&table, "there").await, Some(there));
}

pub(super) async fn a_refusal_of_a_missing_row_carries_none(table: Table) {
    for write in [
        Write::Put(row("absent", json!({})), Condition::RowExists),
        Write::Update(key("absent"), vec![Change::Remove("a".into())], Condition::RowExists),
        Write::Delete(key("absent"), Condition::RowExists),
    ] {
        assert_eq!(table.commit(std::slice::from_ref(&write)).await, refused(0, None));
        assert_eq!(table.commit(&[create("new"), write]).await, refused(1, None));
    }
}

pub(super) async fn a_missing_row_can_be_deleted(table: Table) {
    table.commit(&[Write::Delete(key("absent"), Condition::Always)]).await.unwrap();
    table.commit(&[Write::Delete(key("absent"), Condition::RowMissing), create("new")]).await.unwrap();
}

pub(super) async fn a_commit_has_1_to_100_writes(table: Table) {
    let writes = (0..=COMMIT_LIMIT).map(|number| create(&format!("{number:03}"))).collect::<Vec<_>>();
    assert_refused_as_a_call(table.commit(&[]).await);
    assert_refused_as_a_call(table.commit(&writes).await);
    assert_eq!(read(&table, "000").await, None);
    table.commit(&writes[..COMMIT_LIMIT]).await.unwrap();
    assert!(read(&table, "000").await.is_some() && read(&table, "099").await.is_some());
}

pub(super) async fn no_two_writes_are_of_the_same_row(table: Table) {
    let same = Write::Delete(key("new"), Condition::Always);
    assert_refused_as_a_call(table.commit(&[create("new"), same]).await);
    assert_eq!(read(&table, "new").await, None);
    let elsewhere = Write::Delete(Key::new("elsewhere", "new"), Condition::RowMissing);
    table.commit(&[create("new"), elsewhere]).await.unwrap();
}
