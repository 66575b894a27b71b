//! What a failed call of an SDK comes to.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{DispatchFailure, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use roadstead_steps::nouns::CallError;
use std::error::Error;

/// Codes by which services say that there were too many calls (list of the SDKs' standard retry mode).
const THROTTLING_CODES: [&str; 11] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionThrottled",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
];

/// Codes by which services say that we may not, or that they do not know us: our roles are wrong, and no user can mend that.
const FORBIDDEN_CODES: [&str; 9] = [
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Codes by which services say that what the call is about does not exist.
const MISSING_CODES: [&str; 6] = [
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchChange",
    "NoSuchHostedZone",
    "QueueDoesNotExist",
    "RepositoryNotFoundException",
    "ResourceNotFoundException",
];

/// Whether a call changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It only reads: it is never *maybe done*.
    Reads,
    /// It writes.
    Writes,
}

/// Turns an SDK's error into ours. What a code means for one service alone is decided by its adapter first.
pub(crate) fn call_error<E>(error: SdkError<E, HttpResponse>, effect: Effect) -> CallError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let writes = effect == Effect::Writes;
    let reason = reason(&error);
    match error {
        SdkError::ConstructionFailure(_) => CallError::Refused { reason },
        SdkError::DispatchFailure(failure) => {
            CallError::Unavailable { reason, maybe_done: writes && maybe_sent(&failure) }
        }
        SdkError::ServiceError(answer) => {
            answered(answer.err().code().unwrap_or_default(), answer.raw().status().as_u16(), reason, writes)
        }
        _ => CallError::Unavailable { reason, maybe_done: writes },
    }
}

fn answered(code: &str, status: u16, reason: String, writes: bool) -> CallError {
    if THROTTLING_CODES.contains(&code) || status == 429 {
        CallError::Throttled { reason, after: None }
    } else if FORBIDDEN_CODES.contains(&code) || matches!(status, 401 | 403) {
        CallError::Broken { reason }
    } else if MISSING_CODES.contains(&code) {
        CallError::Missing { reason }
    } else if status >= 500 {
        CallError::Unavailable { reason, maybe_done: writes }
    } else {
        CallError::Refused { reason }
    }
}

/// Whether the request may have left: not when no connection was made, nor when there was nothing to sign it with.
fn maybe_sent(failure: &DispatchFailure) -> bool {
    let mut cause = failure.as_connector_error().map(|error| error as &(dyn Error + 'static));
    while let Some(error) = cause {
        let connecting = error.downcast_ref::<hyper_util::client::legacy::Error>();
        if error.is::<CredentialsError>() || connecting.is_some_and(|error| error.is_connect()) {
            return false;
        }
        cause = error.source();
    }
    true
}

/// One level of text: what the service said, else the innermost cause.
fn reason<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let said = error.as_service_error();
    match (said.and_then(E::code), said.and_then(E::message)) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => match error.raw_response() {
            Some(answer) => format!("an answer with status {} and no code", answer.status().as_u16()),
            None => innermost(error),
        },
    }
}

fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests;
