//! How large rows and keys may be.

use super::{Table, assert_refused_as_a_call, key, put, read, row};
use crate::outside::memory_state::{PARTITION_LIMIT, ROW_LIMIT, SORT_LIMIT};
use roadstead_steps::nouns::state::{Change, Condition, Key, Row, Write};
use serde_json::{Value, json};

/// A row of exactly so many bytes, with something of every type in it.
fn sized(size: usize) -> Value {
    let fixed = "pk".len() + key("a").partition.len() + "sk".len() + "a".len();
    // A name, and: one byte; a byte for every two digits and one more; one more for the sign; zeros at the end are free.
    let small = "yes".len() + 1 + "n".len() + 3 + "m".len() + 5 + "z".len() + 2;
    // Three bytes, one for each element, and the elements.
    let nested = "list".len() + 3 + 2 + 1 + 1 + "map".len() + 3 + 1 + "k".len() + 1;
    let text = "x".repeat(size - fixed - small - nested - "text".len());
    json!({
        "yes": true, "n": 1234, "m": -12345, "z": 1000, "list": [null, "x"], "map": {"k": "y"}, "text": text,
    })
}

pub(super) async fn a_row_has_at_most_400_kilobytes(table: Table) {
    put(&table, "a", sized(ROW_LIMIT)).await;
    assert!(read(&table, "a").await == Some(row("a", sized(ROW_LIMIT))));
    let large = Write::Put(row("a", sized(ROW_LIMIT + 1)), Condition::Always);
    assert_refused_as_a_call(table.commit(std::slice::from_ref(&large)).await);
    let other = Write::Put(row("b", json!({})), Condition::Always);
    assert_refused_as_a_call(table.commit(&[other, large]).await);
    assert_eq!(read(&table, "b").await, None);
}

pub(super) async fn an_update_lets_no_row_outgrow_400_kilobytes(table: Table) {
    let text = async |value: Value| {
        let changes = [Change::Set("text".into(), value["text"].clone())];
        table.update(&key("a"), &changes, &Condition::Always).await
    };
    put(&table, "a", sized(ROW_LIMIT - 100)).await;
    assert!(text(sized(ROW_LIMIT)).await == Ok(row("a", sized(ROW_LIMIT))));
    assert_refused_as_a_call(text(sized(ROW_LIMIT + 1)).await);
    assert!(read(&table, "a").await == Some(row("a", sized(ROW_LIMIT))));
}

pub(super) async fn a_key_has_two_parts_of_limited_length(table: Table) {
    let write = async |partition: usize, sort: usize| {
        let key = Key::new("p".repeat(partition), "s".repeat(sort));
        table.commit(&[Write::Put(Row { key, attributes: serde_json::Map::new() }, Condition::Always)]).await
    };
    assert_eq!(write(PARTITION_LIMIT, SORT_LIMIT).await, Ok(()));
    for (partition, sort) in [(0, 1), (1, 0), (PARTITION_LIMIT + 1, 1), (1, SORT_LIMIT + 1)] {
        assert_refused_as_a_call(write(partition, sort).await);
    }
}
