//! What DynamoDB's refusals come to.

use super::item::to_row;
use super::value::Item;
use crate::failure::{Effect, call_error};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::CancellationReason;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::state::StateError;

/// Codes by which DynamoDB says that another write of the row was under way.
const BUSY_CODES: [&str; 3] =
    ["TransactionConflictException", "TransactionInProgressException", "ReplicatedWriteConflictException"];

/// Why an `UpdateItem` did not succeed.
pub(super) fn of_update(error: SdkError<UpdateItemError, HttpResponse>) -> StateError {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => refused(0, refusal.item.clone()),
        _ => otherwise(error),
    }
}

/// Why a `PutItem` did not succeed.
pub(super) fn of_put(error: SdkError<PutItemError, HttpResponse>) -> StateError {
    match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(refusal)) => refused(0, refusal.item.clone()),
        _ => otherwise(error),
    }
}

/// Why a `DeleteItem` did not succeed.
pub(super) fn of_delete(error: SdkError<DeleteItemError, HttpResponse>) -> StateError {
    match error.as_service_error() {
        Some(DeleteItemError::ConditionalCheckFailedException(refusal)) => refused(0, refusal.item.clone()),
        _ => otherwise(error),
    }
}

/// Why a `TransactWriteItems` did not succeed.
pub(super) fn of_transaction(error: SdkError<TransactWriteItemsError, HttpResponse>) -> StateError {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled_because(cancelled.cancellation_reasons())
        }
        _ => otherwise(error),
    }
}

/// A refused condition is certain whatever else happened, so it comes first; then what no retry would change.
fn cancelled_because(reasons: &[CancellationReason]) -> StateError {
    let first = |code: &str| reasons.iter().position(|reason| reason.code() == Some(code));
    if let Some(write) = first("ConditionalCheckFailed") {
        return refused(write, reasons[write].item.clone());
    }
    let said = |index: usize| reasons[index].message().unwrap_or("the transaction was cancelled").to_owned();
    let lasting = first("ValidationError").or_else(|| first("ItemCollectionSizeLimitExceeded"));
    if let Some(index) = lasting {
        return CallError::Refused { reason: said(index) }.into();
    }
    if first("TransactionConflict").is_some() {
        return StateError::Busy;
    }
    match first("ThrottlingError").or_else(|| first("ProvisionedThroughputExceeded")) {
        Some(index) => CallError::Throttled { reason: said(index), after: None }.into(),
        None => CallError::Broken { reason: "a transaction was cancelled for no reason".to_owned() }.into(),
    }
}

/// A refusal with the row as it stands. DynamoDB sends no item, or an empty one, when there is no row.
fn refused(write: usize, item: Option<Item>) -> StateError {
    let item = item.filter(|item| !item.is_empty());
    match item.map(to_row).transpose() {
        Ok(row) => StateError::Refused { write, row },
        Err(error) => error.into(),
    }
}

fn otherwise<E>(error: SdkError<E, HttpResponse>) -> StateError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error.code() {
        Some(code) if BUSY_CODES.contains(&code) => StateError::Busy,
        _ => call_error(error, Effect::Writes).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::item::of_key;
    use super::*;
    use roadstead_steps::nouns::state::Key;

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).message("said").build()
    }

    fn because(codes: &[&str]) -> StateError {
        cancelled_because(&codes.iter().map(|code| reason(code)).collect::<Vec<_>>())
    }

    #[test]
    fn a_refusal_names_the_first_write_and_carries_the_row() {
        let key = Key::new("p", "s");
        let mut reasons = vec![reason("TransactionConflict"), reason("ConditionalCheckFailed")];
        reasons[1].item = Some(of_key(&key));
        let StateError::Refused { write, row } = cancelled_because(&reasons) else { panic!("not refused") };
        assert_eq!((write, row.map(|row| row.key)), (1, Some(key)));
    }

    #[test]
    fn a_refusal_without_an_item_is_of_a_row_that_is_missing() {
        for item in [None, Some(Item::new())] {
            assert_eq!(refused(0, item), StateError::Refused { write: 0, row: None });
        }
    }

    #[test]
    fn a_cancelled_transaction_was_not_done() {
        assert_eq!(because(&["None", "TransactionConflict"]), StateError::Busy);
        let throttled = because(&["ThrottlingError", "None"]);
        assert!(matches!(throttled, StateError::Call(CallError::Throttled { .. })));
        let invalid = because(&["TransactionConflict", "ValidationError"]);
        assert!(matches!(invalid, StateError::Call(CallError::Refused { .. })));
        assert!(matches!(because(&["None"]), StateError::Call(CallError::Broken { .. })));
    }
}
