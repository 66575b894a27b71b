//! Bearer keys (RFC 6750): what a sender presents instead of a signature.

use crate::{DoorError, Secret, header};
use http::HeaderMap;

/// The key that was presented. All are tried, so that the time tells nothing of which.
pub(crate) fn presented<'a, Key>(
    keys: &'a [Key],
    secret: impl Fn(&Key) -> &Secret,
    headers: &HeaderMap,
) -> Result<&'a Key, DoorError> {
    let value = header::single(headers, "authorization").map_err(|_| DoorError::Unauthenticated)?;
    let (scheme, token) = value.split_once(' ').ok_or(DoorError::Unauthenticated)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(DoorError::Unauthenticated);
    }
    let matching = |found, key: &'a Key| if secret(key).is(token.as_bytes()) { Some(key) } else { found };
    keys.iter().fold(None, matching).ok_or(DoorError::Unauthenticated)
}
