//! Several writers of one row.

use super::{Table, key, put, read, row};
use roadstead_steps::nouns::state::{Change, Condition, Consistency, StateError, Write};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::task::JoinSet;

const WRITERS: usize = 20;

/// Reads the count and writes the next, only if nobody did so in between.
async fn increase(table: Table) {
    loop {
        let row = table.get(&key("a"), Consistency::Strong).await.unwrap().unwrap();
        let count = row.attributes["count"].as_i64().unwrap();
        tokio::task::yield_now().await;
        let changes = [Change::Set("count".into(), json!(count + 1))];
        let condition = Condition::Equals("count".into(), json!(count));
        match table.update(&key("a"), &changes, &condition).await {
            Ok(row) => return assert_eq!(row.attributes["count"], json!(count + 1)),
            Err(StateError::Refused { row, .. }) => {
                assert_ne!(row.unwrap().attributes["count"], json!(count))
            }
            Err(StateError::Busy) => tokio::time::sleep(Duration::from_millis(1)).await,
            Err(error) => panic!("{error:?}"),
        }
    }
}

pub(super) async fn twenty_writers_that_read_first_lose_nothing(table: Table) {
    put(&table, "a", json!({"count": 0})).await;
    let writers = (0..WRITERS).map(|_| increase(table.clone())).collect::<JoinSet<_>>();
    writers.join_all().await;
    assert_eq!(read(&table, "a").await, Some(row("a", json!({"count": WRITERS}))));
}

pub(super) async fn twenty_writers_that_add_lose_nothing(table: Table) {
    let add = async |table: Table| {
        table.update(&key("a"), &[Change::Add("count".into(), 1)], &Condition::Always).await
    };
    let writers = (0..WRITERS).map(|_| add(table.clone())).collect::<JoinSet<_>>();
    let answers = writers.join_all().await.into_iter().map(|row| row.unwrap().attributes["count"].clone());
    let mut counts = answers.collect::<Vec<_>>();
    counts.sort_by_key(Value::as_i64);
    assert_eq!(counts, (1..=WRITERS).map(|count| json!(count)).collect::<Vec<_>>());
}

pub(super) async fn of_twenty_first_writers_one_wins(table: Table) {
    let create = async |table: Table, writer: usize| {
        let other = Write::Put(row(&format!("other-{writer}"), json!({})), Condition::Always);
        loop {
            let first = Write::Put(row("a", json!({"writer": writer})), Condition::RowMissing);
            match table.commit(&[first, other.clone()]).await {
                Ok(()) => return true,
                Err(StateError::Refused { write: 0, row: Some(_) }) => return false,
                Err(StateError::Busy) => tokio::time::sleep(Duration::from_millis(1)).await,
                Err(error) => panic!("{error:?}"),
            }
        }
    };
    let writers = (0..WRITERS).map(|writer| create(table.clone(), writer)).collect::<JoinSet<_>>();
    let won = writers.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1);
}
