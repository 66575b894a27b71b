//! What the host remembers of the webhooks that it sent, and of what we may ask it.

use jiff::Timestamp;

/// How long a host remembers a webhook that it sent (GitHub: three days).
pub const REMEMBERED_FOR: jiff::SignedDuration = jiff::SignedDuration::from_hours(72);

/// One attempt to deliver a webhook to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The host's id of the attempt, by which it is asked for again.
    pub id: u64,
    /// What all attempts of one webhook have in common.
    pub webhook: String,
    /// When it was tried.
    pub at: Timestamp,
    /// Whether our door took it, or refused it for what is in it: then it is not asked for again.
    pub answered: bool,
}

/// What the host said last of how much it may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// So many requests may be made until it begins anew.
    pub limit: u64,
    /// So many of them are left.
    pub remaining: u64,
    /// When it begins anew.
    pub renewed_at: Timestamp,
}
