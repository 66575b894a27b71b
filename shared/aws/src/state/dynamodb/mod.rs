//! State in one Amazon DynamoDB table (API version 2012-08-10).
//!
//! # The table
//! | What | Attribute | Type |
//! |---|---|---|
//! | partition key | `pk` | string, 1 to 2,048 bytes |
//! | sort key | `sk` | string, 1 to 1,024 bytes |
//! | index `due`, partition key | `due_shard` | string, `due#` and the row's shard; kept by this adapter |
//! | index `due`, sort key | `due_at` | number, milliseconds since the epoch |
//! | Time to Live | `kept_until` | number, seconds since the epoch |
//!
//! The index is sparse, as only rows with `due_at` are in it, and holds keys only. An item has at most 400 KB, names
//! included; a commit at most 100 writes and 4 MB.
//!
//! # What a call costs
//! | Call | Requests | Units |
//! |---|---|---|
//! | `get` | `GetItem` | one read per 4 KB, half of it when eventual |
//! | `query`, `due` | `Query`, one for each 1 MB | one read per 4 KB, half of it when eventual |
//! | `update`, a commit of one write | `UpdateItem`, `PutItem`, `DeleteItem` | one write per 1 KB, and one for each change of the index |
//! | a commit of several | `TransactWriteItems` | twice that |

mod commit;
mod condition;
mod expression;
mod failure;
mod item;
mod page;
mod table;
mod value;

use crate::configuration::Aws;
use crate::failure::{Effect, call_error};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::state::{Change, Condition, Consistency, Due, Key, Query, Row, State};
use roadstead_steps::nouns::state::{StateError, Write};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// One DynamoDB table.
pub struct DynamoDb {
    aws: Arc<Aws>,
    table: String,
    client: OnceCell<Client>,
}

impl DynamoDb {
    /// The table of this name.
    pub fn new(aws: Arc<Aws>, table: impl Into<String>) -> Self {
        Self { aws, table: table.into(), client: OnceCell::new() }
    }

    /// Makes the table with its index, unless it exists. On AWS the template makes it; this is for what stands in.
    ///
    /// # Errors
    /// Any [`CallError`].
    pub async fn create_table(&self) -> Result<(), CallError> {
        table::create(self.client().await, &self.table).await
    }

    async fn client(&self) -> &Client {
        self.client.get_or_init(|| async { Client::new(self.aws.sdk().await) }).await
    }
}

#[async_trait::async_trait]
impl State for DynamoDb {
    async fn get(&self, key: &Key, consistency: Consistency) -> Result<Option<Row>, StateError> {
        let call = self
            .client()
            .await
            .get_item()
            .table_name(&self.table)
            .set_key(Some(item::of_key(key)))
            .consistent_read(consistency == Consistency::Strong);
        let answer = call.send().await.map_err(|error| call_error(error, Effect::Reads))?;
        Ok(answer.item.map(item::to_row).transpose()?)
    }

    async fn query(&self, query: &Query) -> Result<Vec<Row>, StateError> {
        let Some(start) = page::start(query) else { return Ok(Vec::new()) };
        let call = self
            .client()
            .await
            .query()
            .table_name(&self.table)
            .consistent_read(query.consistency == Consistency::Strong);
        let call = expression::rows_with_prefix(call, &query.partition, &query.prefix);
        let items = page::collect(call, start, query.limit).await?;
        Ok(items.into_iter().map(item::to_row).collect::<Result<_, _>>()?)
    }

    async fn due(&self, shard: u32, at: Timestamp, limit: usize) -> Result<Vec<Due>, StateError> {
        let call = self.client().await.query().table_name(&self.table).index_name(table::DUE_INDEX);
        let call = expression::due_until(call, shard, at);
        let items = page::collect(call, None, limit).await?;
        Ok(items.iter().map(item::to_due).collect::<Result<_, _>>()?)
    }

    async fn update(&self, key: &Key, changes: &[Change], condition: &Condition) -> Result<Row, StateError> {
        let update = expression::update(key, changes, condition)?;
        let call = self
            .client()
            .await
            .update_item()
            .table_name(&self.table)
            .set_key(Some(item::of_key(key)))
            .update_expression(update.changes)
            .set_condition_expression(update.condition)
            .set_expression_attribute_names(update.names)
            .set_expression_attribute_values(update.values)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let answer = call.send().await.map_err(failure::of_update)?;
        Ok(item::to_row(answer.attributes.unwrap_or_default())?)
    }

    async fn commit(&self, writes: &[Write]) -> Result<(), StateError> {
        commit::commit(self.client().await, &self.table, writes).await
    }
}
