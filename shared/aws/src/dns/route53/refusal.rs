//! What Route 53's refusals of a batch come to.

use crate::failure::{Effect, call_error};
use aws_sdk_route53::error::SdkError;
use aws_sdk_route53::operation::change_resource_record_sets::ChangeResourceRecordSetsError;
use aws_sdk_route53::types::error::InvalidChangeBatch;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use roadstead_steps::nouns::CallError;

/// How Route 53 says that a set stands otherwise than a change expects (wording of its API as of 2026).
const CONFLICTS: [&str; 4] = ["already exists", "not found", "do not match", "does not match"];

/// Why a batch was not taken.
pub(super) fn of_change(error: SdkError<ChangeResourceRecordSetsError, HttpResponse>) -> CallError {
    match error.as_service_error() {
        Some(ChangeResourceRecordSetsError::InvalidChangeBatch(refusal)) => of_batch(refusal),
        Some(ChangeResourceRecordSetsError::PriorRequestNotComplete(refusal)) => {
            let reason =
                refusal.message().unwrap_or("an earlier change of the zone is still under way").to_owned();
            CallError::Unavailable { reason, maybe_done: false }
        }
        _ => call_error(error, Effect::Writes),
    }
}

/// A conflict only if each message is one: a batch that is also invalid would never be taken.
fn of_batch(refusal: &InvalidChangeBatch) -> CallError {
    let messages = match refusal.messages() {
        [] => separate(refusal.message().unwrap_or_default()),
        messages => messages.iter().map(String::as_str).collect(),
    };
    let is_conflict = |message: &&str| CONFLICTS.iter().any(|words| message.contains(words));
    let reason = messages.join("; ");
    if messages.iter().all(is_conflict) {
        CallError::Conflict { reason }
    } else {
        CallError::Refused { reason }
    }
}

/// The messages of a list that came as one text: `[Tried …, Invalid …]`. Each begins with a capital letter.
fn separate(text: &str) -> Vec<&str> {
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let is_start = |index: &usize| text[index + 2..].starts_with(|first: char| first.is_ascii_uppercase());
    let commas = text.match_indices(", ").map(|(index, _)| index).filter(is_start);
    let mut messages = Vec::new();
    let mut start = 0;
    for comma in commas {
        messages.push(&text[start..comma]);
        start = comma + 2;
    }
    messages.push(&text[start..]);
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXISTS: &str =
        "Tried to create resource record set [name='a.example.com.', type='TXT'] but it already exists";
    const GONE: &str =
        "Tried to delete resource record set [name='a.example.com.', type='TXT'] but it was not found";
    const OTHER: &str = "Tried to delete resource record set [name='a.example.com.', type='TXT'] but the values \
                         provided do not match the current values";
    const INVALID: &str = "Invalid Resource Record: 'FATAL problem: InvalidCharacterString'";

    fn refused(messages: &[&str]) -> CallError {
        let messages = messages.iter().map(|message| (*message).to_owned()).collect();
        of_batch(&InvalidChangeBatch::builder().set_messages(Some(messages)).build())
    }

    #[test]
    fn a_set_that_stands_otherwise_is_a_conflict() {
        for message in [EXISTS, GONE, OTHER] {
            assert_eq!(refused(&[message]), CallError::Conflict { reason: message.into() });
        }
        assert!(matches!(refused(&[EXISTS, GONE]), CallError::Conflict { .. }));
    }

    #[test]
    fn what_is_also_invalid_is_refused() {
        assert!(matches!(refused(&[INVALID]), CallError::Refused { .. }));
        assert!(matches!(refused(&[EXISTS, INVALID]), CallError::Refused { .. }));
    }

    #[test]
    fn one_message_without_a_list_is_read_too() {
        let of = |text: String| of_batch(&InvalidChangeBatch::builder().message(text).build());
        assert_eq!(of(format!("[{EXISTS}]")), CallError::Conflict { reason: EXISTS.into() });
        assert!(matches!(of(format!("[{EXISTS}, {OTHER}]")), CallError::Conflict { .. }));
        assert!(matches!(of(format!("[{EXISTS}, {INVALID}]")), CallError::Refused { .. }));
        assert!(matches!(of(String::new()), CallError::Refused { .. }));
    }
}
