//! The table takes away what has expired, and nothing else.

use super::{put, read, tables};
use jiff::{SignedDuration, Timestamp};
use roadstead_steps::nouns::state::KEPT_UNTIL;
use serde_json::json;

#[tokio::test]
async fn what_has_expired_is_taken_away_by_the_table_itself() {
    let database = dynoxide::Database::memory().unwrap();
    let table = tables::served(database.clone()).await;
    let (now, hour) = (Timestamp::now(), SignedDuration::from_hours(1));
    put(&table, "over", json!({ KEPT_UNTIL: (now - hour).as_second() })).await;
    put(&table, "needed", json!({ KEPT_UNTIL: (now + hour).as_second() })).await;
    put(&table, "kept", json!({ "a": 1 })).await;
    assert_eq!(database.sweep_ttl().unwrap(), 1);
    assert!(read(&table, "over").await.is_none());
    assert!(read(&table, "needed").await.is_some() && read(&table, "kept").await.is_some());
}
