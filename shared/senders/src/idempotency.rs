//! The sender's own name for one message: under it a content is taken once, and another content not at all.

use crate::{DoorError, header};
use http::HeaderMap;

/// The header (IETF draft `idempotency-key-header`), in lower case.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The longest `Idempotency-Key`, in bytes.
pub const IDEMPOTENCY_KEY_LIMIT: usize = 128;

/// The identity that the sender gave; none where it gave none.
pub(crate) fn given(headers: &HeaderMap) -> Result<Option<String>, DoorError> {
    match header::single(headers, IDEMPOTENCY_KEY) {
        Ok(given) if is_idempotency_key(given) => Ok(Some(format!("given#{given}"))),
        Ok(_) => Err(DoorError::malformed(IDEMPOTENCY_KEY, "visible ASCII, between 1 and 128")),
        Err(header::Unusable::Absent) => Ok(None),
        Err(unusable) => Err(unusable.malformed(IDEMPOTENCY_KEY)),
    }
}

fn is_idempotency_key(text: &str) -> bool {
    (1..=IDEMPOTENCY_KEY_LIMIT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
