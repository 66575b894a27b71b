//! The table and its index.

use super::item::{DUE_SHARD, PARTITION, SORT};
use crate::failure::{Effect, call_error};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::state::{DUE_AT, KEPT_UNTIL};

/// The index of due rows.
pub(super) const DUE_INDEX: &str = "due";

/// Makes the table, unless it exists.
pub(super) async fn create(client: &Client, table: &str) -> Result<(), CallError> {
    let call = definition(client.create_table().table_name(table));
    let call = call.map_err(|error| CallError::Broken { reason: error.to_string() })?;
    match call.send().await {
        Ok(_) => expire(client, table).await,
        Err(error)
            if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) =>
        {
            Ok(())
        }
        Err(error) => Err(call_error(error, Effect::Writes)),
    }
}

/// Lets the table take rows away by itself.
async fn expire(client: &Client, table: &str) -> Result<(), CallError> {
    let expiry = TimeToLiveSpecification::builder().attribute_name(KEPT_UNTIL).enabled(true).build();
    let expiry = expiry.map_err(|error| CallError::Broken { reason: error.to_string() })?;
    let call = client.update_time_to_live().table_name(table).time_to_live_specification(expiry);
    call.send().await.map(drop).map_err(|error| call_error(error, Effect::Writes))
}

fn definition(call: CreateTableFluentBuilder) -> Result<CreateTableFluentBuilder, BuildError> {
    Ok(call
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute(PARTITION, ScalarAttributeType::S)?)
        .attribute_definitions(attribute(SORT, ScalarAttributeType::S)?)
        .attribute_definitions(attribute(DUE_SHARD, ScalarAttributeType::S)?)
        .attribute_definitions(attribute(DUE_AT, ScalarAttributeType::N)?)
        .key_schema(key(PARTITION, KeyType::Hash)?)
        .key_schema(key(SORT, KeyType::Range)?)
        .global_secondary_indexes(due_index()?))
}

fn due_index() -> Result<GlobalSecondaryIndex, BuildError> {
    GlobalSecondaryIndex::builder()
        .index_name(DUE_INDEX)
        .key_schema(key(DUE_SHARD, KeyType::Hash)?)
        .key_schema(key(DUE_AT, KeyType::Range)?)
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()
}

fn attribute(name: &str, kind: ScalarAttributeType) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, BuildError> {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
}
