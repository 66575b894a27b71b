//! Pauses that double, and moments that differ, so that what came together does not come together again.

use crate::nouns::state::Key;
use jiff::SignedDuration;

/// A pause that was doubled so many times, and is never longer than the longest.
pub(crate) fn doubled(first: SignedDuration, times: u64, longest: SignedDuration) -> SignedDuration {
    first.checked_mul(1 << times.min(16)).unwrap_or(longest).min(longest)
}

/// A part of a span, less than all of it: the same for the same key and salt, and another one for others.
pub(crate) fn part_of(span: SignedDuration, key: &Key, salt: u64) -> SignedDuration {
    let milliseconds = u64::try_from(span.as_millis()).unwrap_or_default().max(1);
    SignedDuration::from_millis(i64::try_from(key.hashed(salt) % milliseconds).unwrap_or_default())
}
