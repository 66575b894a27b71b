//! How much a sender may say.
//!
//! Nesting needs no number here: what is read has the depth of our own types, and `serde_json` skips the rest without
//! recursion, in memory that the body's size bounds.

use crate::DoorError;
use http::HeaderMap;

/// The largest body, in bytes (3 MiB). GitHub sends up to 25 MB; what it could not deliver is found by looking at the
/// repository. Whoever reads a body from a connection stops here.
pub const BODY_LIMIT: usize = 3 * 1024 * 1024;
/// The most headers of one request.
pub const HEADERS_LIMIT: usize = 100;
/// The longest value of a header that we read, in bytes.
pub const HEADER_VALUE_LIMIT: usize = 512;
/// The longest reason that is given to a sender, in characters.
pub const REASON_LIMIT: usize = 300;

/// Refuses what is over a limit, before anything is computed from it.
///
/// # Errors
/// [`DoorError::TooLarge`].
pub(crate) fn check(headers: &HeaderMap, body: &[u8]) -> Result<(), DoorError> {
    if headers.len() > HEADERS_LIMIT || body.len() > BODY_LIMIT { Err(DoorError::TooLarge) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_at_most_three_mebibytes() {
        assert_eq!(check(&HeaderMap::new(), &vec![b' '; BODY_LIMIT]), Ok(()));
        assert_eq!(check(&HeaderMap::new(), &vec![b' '; BODY_LIMIT + 1]), Err(DoorError::TooLarge));
    }

    #[test]
    fn a_request_has_at_most_a_hundred_headers() {
        let mut headers = HeaderMap::new();
        for _ in 0..HEADERS_LIMIT {
            headers.append("x", http::HeaderValue::from_static("1"));
        }
        assert_eq!(check(&headers, b""), Ok(()));
        headers.append("x", http::HeaderValue::from_static("1"));
        assert_eq!(check(&headers, b""), Err(DoorError::TooLarge));
    }
}
