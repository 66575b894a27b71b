//! What every kind of state promises: one suite, run on each.
//!
//! The kinds are the table in memory that the simulation uses, DynamoDB's protocol on an embedded emulator, and, where
//! `ROADSTEAD_TEST_DYNAMODB` names an endpoint, whatever answers there.

mod changes;
mod commits;
mod concurrency;
mod conditions;
mod due;
mod expiry;
mod limits;
mod queries;
mod tables;

use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::state::{Condition, Consistency, Key, Row, State, StateError, Write};
use serde_json::{Map, Value};
use std::sync::Arc;

/// One table, whatever keeps it.
type Table = Arc<dyn State>;

/// Makes a test of each case on each table.
macro_rules! suite {
    ($($module:ident::$case:ident,)*) => {
        mod in_memory {
            $(#[tokio::test] async fn $case() { super::$module::$case(super::tables::in_memory()).await; })*
        }
        mod on_dynoxide {
            $(#[tokio::test] async fn $case() { super::$module::$case(super::tables::on_dynoxide().await).await; })*
        }
        mod on_the_given_endpoint {
            $(#[tokio::test] async fn $case() {
                if let Some(table) = super::tables::on_the_given_endpoint().await {
                    super::$module::$case(table).await;
                }
            })*
        }
    };
}

suite! {
    changes::a_put_replaces_the_whole_row,
    changes::absent_and_null_are_the_same,
    changes::values_return_as_they_were,
    changes::an_update_sets_adds_and_removes,
    changes::an_update_reaches_within_attributes,
    changes::an_update_makes_a_row_that_is_missing,
    changes::all_changes_see_the_row_as_it_was,
    changes::changes_that_make_no_sense_are_refused,
    commits::a_commit_writes_all,
    commits::a_commit_writes_all_or_nothing,
    commits::a_refusal_names_the_first_write_and_carries_its_row,
    commits::a_single_write_is_refused_with_its_row,
    commits::a_refusal_of_a_missing_row_carries_none,
    commits::a_missing_row_can_be_deleted,
    commits::a_commit_has_1_to_100_writes,
    commits::no_two_writes_are_of_the_same_row,
    concurrency::twenty_writers_that_read_first_lose_nothing,
    concurrency::twenty_writers_that_add_lose_nothing,
    concurrency::of_twenty_first_writers_one_wins,
    conditions::every_condition_holds_where_it_should,
    conditions::conditions_of_a_missing_row,
    conditions::conditions_are_joined,
    due::a_row_is_due_from_its_time_on,
    due::the_longest_due_comes_first,
    due::the_index_follows_every_kind_of_write,
    due::a_time_is_a_number,
    limits::a_row_has_at_most_400_kilobytes,
    limits::an_update_lets_no_row_outgrow_400_kilobytes,
    limits::a_key_has_two_parts_of_limited_length,
    queries::rows_come_in_the_order_of_their_sort_keys,
    queries::a_query_begins_after_a_key,
    queries::a_query_reads_every_page,
}

fn key(sort: &str) -> Key {
    Key::new("environment#shop/pr-42", sort)
}

fn attributes(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn row(sort: &str, value: Value) -> Row {
    Row { key: key(sort), attributes: attributes(value) }
}

async fn put(table: &Table, sort: &str, value: Value) {
    table.commit(&[Write::Put(row(sort, value), Condition::Always)]).await.unwrap();
}

async fn read(table: &Table, sort: &str) -> Option<Row> {
    table.get(&key(sort), Consistency::Strong).await.unwrap()
}

#[track_caller]
fn assert_refused_as_a_call<T: std::fmt::Debug>(answer: Result<T, StateError>) {
    assert!(matches!(answer, Err(StateError::Call(CallError::Refused { .. }))), "{answer:?}");
}
