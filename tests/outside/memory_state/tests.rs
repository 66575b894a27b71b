use super::*;
use serde_json::json;

fn key(number: i64) -> Key {
    Key::new("p", format!("row#{number}"))
}

fn put(number: i64, due_at: i64) -> Write {
    let attributes = json!({"due_at": due_at}).as_object().cloned().unwrap();
    Write::Put(Row { key: key(number), attributes }, Condition::Always)
}

fn query(consistency: Consistency) -> Query {
    let (partition, prefix) = ("p".to_owned(), "row#".to_owned());
    Query { partition, prefix, consistency, limit: 1_000, after: None }
}

async fn shown(table: &MemoryState, consistency: Consistency) -> usize {
    table.query(&query(consistency)).await.unwrap().len()
}

async fn due(table: &MemoryState, number: i64) -> bool {
    let due = table.due(key(number).due_shard(), Timestamp::MAX, 1_000).await.unwrap();
    due.iter().any(|due| due.key == key(number))
}

#[tokio::test]
async fn eventual_reads_and_the_index_lag_until_they_settle() {
    let table = MemoryState::new(Lag::UntilSettled);
    table.commit(&[put(1, 7)]).await.unwrap();
    assert!(table.get(&key(1), Consistency::Strong).await.unwrap().is_some());
    assert_eq!(table.get(&key(1), Consistency::Eventual).await.unwrap(), None);
    assert_eq!(
        (shown(&table, Consistency::Strong).await, shown(&table, Consistency::Eventual).await),
        (1, 0)
    );
    assert!(!due(&table, 1).await);
    table.settle();
    assert_eq!(shown(&table, Consistency::Eventual).await, 1);
    assert!(due(&table, 1).await);
    table.commit(&[Write::Delete(key(1), Condition::Always)]).await.unwrap();
    assert!(due(&table, 1).await, "a row that is gone is still in the index");
}

#[tokio::test]
async fn copies_lag_by_so_many_writes_at_most() {
    let limit = 3;
    let mut behind = Vec::new();
    let table = MemoryState::new(Lag::Writes { limit, seed: 7 });
    for number in 0..200 {
        table.commit(&[put(number, 7)]).await.unwrap();
        behind.push(shown(&table, Consistency::Strong).await - shown(&table, Consistency::Eventual).await);
    }
    assert_eq!((behind.iter().min(), behind.iter().max()), (Some(&0), Some(&limit)));
}

#[tokio::test]
async fn a_copy_never_goes_back_in_time() {
    let table = MemoryState::new(Lag::Writes { limit: 5, seed: 11 });
    let mut seen = 0;
    for due_at in 1..200 {
        table.commit(&[put(due_at % 3, due_at)]).await.unwrap();
        let row = table.get(&key(0), Consistency::Eventual).await.unwrap();
        let now = row.map_or(0, |row| row.attributes["due_at"].as_i64().unwrap());
        assert!(now >= seen, "{now} after {seen}");
        seen = now;
    }
    assert!(seen > 150);
}

/// What each fault answers, and whether the row was written.
async fn written_with(fault: Fault) -> (Result<(), StateError>, bool) {
    let table = MemoryState::default().with_faults(Arc::new(move |name| match name {
        "commit" => fault,
        _ => Fault::None,
    }));
    let answer = table.commit(&[put(1, 7)]).await;
    assert_eq!(table.calls(), BTreeMap::from([("commit", 1)]));
    (answer, !table.rows().is_empty())
}

#[tokio::test]
async fn a_write_fails_as_it_is_told() {
    assert_eq!(written_with(Fault::None).await, (Ok(()), true));
    assert_eq!(written_with(Fault::FailBefore).await, (Err(lost(false)), false));
    assert_eq!(written_with(Fault::LoseReply).await, (Err(lost(true)), true));
    assert_eq!(written_with(Fault::Busy).await, (Err(StateError::Busy), false));
    assert_eq!(written_with(Fault::Throttle).await, (Err(throttled()), false));
}

#[tokio::test]
async fn a_lost_refusal_is_not_told_from_a_lost_answer() {
    let table = MemoryState::default().with_faults(Arc::new(|_| Fault::LoseReply));
    let change = [Change::Add("count".into(), 1)];
    assert_eq!(table.update(&key(1), &change, &Condition::RowExists).await, Err(lost(true)));
    assert_eq!(table.rows(), vec![]);
}

#[tokio::test]
async fn a_read_that_fails_did_nothing() {
    for fault in [Fault::FailBefore, Fault::LoseReply, Fault::Busy] {
        let table = MemoryState::default().with_faults(Arc::new(move |_| fault));
        assert_eq!(table.get(&key(1), Consistency::Strong).await, Err(lost(false)));
    }
}
