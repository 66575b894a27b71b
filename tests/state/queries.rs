//! Reading rows of one partition.

use super::{Table, put};
use roadstead_steps::nouns::state::{Condition, Consistency, Key, Query, Row, Write};
use serde_json::json;

fn query(prefix: &str) -> Query {
    Query {
        partition: "environment#shop/pr-42".into(),
        prefix: prefix.into(),
        consistency: Consistency::Strong,
        limit: 100,
        after: None,
    }
}

async fn sorts(table: &Table, query: Query) -> Vec<String> {
    let rows = table.query(&query).await.unwrap();
    assert!(rows.iter().all(|row| row.key.partition == query.partition));
    rows.into_iter().map(|row| row.key.sort).collect()
}

async fn fill(table: &Table) {
    for sort in
        ["deployment#2", "environment", "deployment#10", "deployment#1", "Deployment#1", "ä", "deployment"]
    {
        put(table, sort, json!({})).await;
    }
    let elsewhere = Row { key: Key::new("elsewhere", "deployment#3"), attributes: serde_json::Map::new() };
    table.commit(&[Write::Put(elsewhere, Condition::Always)]).await.unwrap();
}

pub(super) async fn rows_come_in_the_order_of_their_sort_keys(table: Table) {
    fill(&table).await;
    let deployments = ["deployment#1", "deployment#10", "deployment#2"];
    let all =
        ["Deployment#1", "deployment", "deployment#1", "deployment#10", "deployment#2", "environment", "ä"];
    assert_eq!(sorts(&table, query("")).await, all);
    assert_eq!(sorts(&table, query("deployment#")).await, deployments);
    assert_eq!(sorts(&table, query("none")).await, [""; 0]);
    assert_eq!(sorts(&table, Query { limit: 2, ..query("deployment#") }).await, deployments[..2]);
    assert_eq!(sorts(&table, Query { limit: 0, ..query("") }).await, [""; 0]);
    assert_eq!(sorts(&table, Query { partition: "none".into(), ..query("") }).await, [""; 0]);
}

pub(super) async fn a_query_begins_after_a_key(table: Table) {
    fill(&table).await;
    let after = async |prefix: &str, after: &str| {
        sorts(&table, Query { after: Some(after.into()), ..query(prefix) }).await
    };
    let deployments = ["deployment#1", "deployment#10", "deployment#2"];
    assert_eq!(after("deployment#", "deployment#1").await, deployments[1..]);
    assert_eq!(after("deployment#", "deployment#15").await, deployments[2..]);
    assert_eq!(after("deployment#", "deployment#2").await, [""; 0]);
    assert_eq!(after("deployment#", "a").await, deployments);
    assert_eq!(after("deployment#", "z").await, [""; 0]);
    assert_eq!(after("", "deployment#2").await, ["environment", "ä"]);
    assert_eq!(after("", "").await.len(), 7);
}

/// A page of DynamoDB has at most 1 MB.
pub(super) async fn a_query_reads_every_page(table: Table) {
    for number in 0..5 {
        put(&table, &format!("large#{number}"), json!({"text": "x".repeat(390_000)})).await;
    }
    let large = ["large#0", "large#1", "large#2", "large#3", "large#4"];
    assert_eq!(sorts(&table, query("large#")).await, large);
    assert_eq!(sorts(&table, Query { limit: 4, ..query("large#") }).await, large[..4]);
}
