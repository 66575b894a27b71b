//! Commits: one write by itself, several in a transaction.

use super::expression::{Guard, guard, update};
use super::failure;
use super::item::{of_key, of_row};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::state::{COMMIT_LIMIT, Change, Condition, Key, Row, StateError, Write};

const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

/// Writes all or nothing.
pub(super) async fn commit(client: &Client, table: &str, writes: &[Write]) -> Result<(), StateError> {
    match writes {
        [Write::Put(row, condition)] => put(client, table, row, condition).await,
        [Write::Update(key, changes, condition)] => change(client, table, key, changes, condition).await,
        [Write::Delete(key, condition)] => delete(client, table, key, condition).await,
        writes if writes.is_empty() || writes.len() > COMMIT_LIMIT => {
            let reason = format!("a commit has 1 to {COMMIT_LIMIT} writes, not {}", writes.len());
            Err(CallError::Refused { reason }.into())
        }
        writes => transact(client, table, writes).await,
    }
}

async fn put(client: &Client, table: &str, row: &Row, condition: &Condition) -> Result<(), StateError> {
    let Guard { condition, names, values } = guard(condition);
    let call = client
        .put_item()
        .table_name(table)
        .set_item(Some(of_row(row)))
        .set_condition_expression(condition)
        .set_expression_attribute_names(names)
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ALL_OLD);
    call.send().await.map(drop).map_err(failure::of_put)
}

async fn change(
    client: &Client,
    table: &str,
    key: &Key,
    changes: &[Change],
    condition: &Condition,
) -> Result<(), StateError> {
    let update = update(key, changes, condition)?;
    let call = client
        .update_item()
        .table_name(table)
        .set_key(Some(of_key(key)))
        .update_expression(update.changes)
        .set_condition_expression(update.condition)
        .set_expression_attribute_names(update.names)
        .set_expression_attribute_values(update.values)
        .return_values_on_condition_check_failure(ALL_OLD);
    call.send().await.map(drop).map_err(failure::of_update)
}

async fn delete(client: &Client, table: &str, key: &Key, condition: &Condition) -> Result<(), StateError> {
    let Guard { condition, names, values } = guard(condition);
    let call = client
        .delete_item()
        .table_name(table)
        .set_key(Some(of_key(key)))
        .set_condition_expression(condition)
        .set_expression_attribute_names(names)
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ALL_OLD);
    call.send().await.map(drop).map_err(failure::of_delete)
}

async fn transact(client: &Client, table: &str, writes: &[Write]) -> Result<(), StateError> {
    let items = writes.iter().map(|write| item(table, write)).collect::<Result<Vec<_>, _>>()?;
    let call = client.transact_write_items().set_transact_items(Some(items));
    call.send().await.map(drop).map_err(failure::of_transaction)
}

fn item(table: &str, write: &Write) -> Result<TransactWriteItem, CallError> {
    let item = TransactWriteItem::builder();
    let built = match write {
        Write::Put(row, condition) => put_item(table, row, condition).map(|put| item.put(put)),
        Write::Update(key, changes, condition) => {
            let update = update(key, changes, condition)?;
            update_item(table, key, update).map(|update| item.update(update))
        }
        Write::Delete(key, condition) => delete_item(table, key, condition).map(|delete| item.delete(delete)),
    };
    built.map(|item| item.build()).map_err(|error| CallError::Broken { reason: error.to_string() })
}

fn put_item(table: &str, row: &Row, condition: &Condition) -> Result<Put, BuildError> {
    let Guard { condition, names, values } = guard(condition);
    Put::builder()
        .table_name(table)
        .set_item(Some(of_row(row)))
        .set_condition_expression(condition)
        .set_expression_attribute_names(names)
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ALL_OLD)
        .build()
}

fn update_item(table: &str, key: &Key, update: super::expression::Update) -> Result<Update, BuildError> {
    Update::builder()
        .table_name(table)
        .set_key(Some(of_key(key)))
        .update_expression(update.changes)
        .set_condition_expression(update.condition)
        .set_expression_attribute_names(update.names)
        .set_expression_attribute_values(update.values)
        .return_values_on_condition_check_failure(ALL_OLD)
        .build()
}

fn delete_item(table: &str, key: &Key, condition: &Condition) -> Result<Delete, BuildError> {
    let Guard { condition, names, values } = guard(condition);
    Delete::builder()
        .table_name(table)
        .set_key(Some(of_key(key)))
        .set_condition_expression(condition)
        .set_expression_attribute_names(names)
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ALL_OLD)
        .build()
}
