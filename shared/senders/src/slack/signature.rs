//! The signature of version `v0`: over the raw bytes, and the time at which Slack sent them.

use crate::{DoorError, Secret, header};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

/// `v0=` and the HMAC-SHA256 of `v0:<time>:<raw body>` in hexadecimal digits.
pub const SIGNATURE: &str = "x-slack-signature";
/// When the request was sent, in seconds since the epoch.
pub const TIMESTAMP: &str = "x-slack-request-timestamp";
/// How far a request's time may be from ours, in either direction.
pub const WINDOW: SignedDuration = SignedDuration::from_secs(5 * 60);

/// An HMAC-SHA256.
pub(super) type Tag = [u8; 32];

/// The signature, once it holds and is fresh.
pub(super) fn verify(
    secret: &Secret,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<Tag, DoorError> {
    holding(secret, headers, body, now).ok_or(DoorError::Unauthenticated)
}

fn holding(secret: &Secret, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Option<Tag> {
    let sent_at = header::single(headers, TIMESTAMP).ok()?;
    let digits = header::single(headers, SIGNATURE).ok()?.strip_prefix("v0=")?;
    let mut tag = Tag::default();
    hex::decode_to_slice(digits, &mut tag).ok()?;
    let signed = secret.signed_together(&[b"v0:", sent_at.as_bytes(), b":", body], &tag);
    (signed && is_fresh(sent_at, now)).then_some(tag)
}

fn is_fresh(sent_at: &str, now: Timestamp) -> bool {
    let is_number = !sent_at.is_empty() && sent_at.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = sent_at.parse().ok().filter(|_| is_number);
    let moment = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    moment.is_some_and(|moment| now.duration_since(moment).abs() <= WINDOW)
}
