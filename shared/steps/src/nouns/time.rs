//! Time: the present moment and waiting, from one source.

use jiff::{SignedDuration, Timestamp};

/// A clock.
#[async_trait::async_trait]
pub trait Time: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Returns when the span has passed.
    async fn sleep(&self, span: SignedDuration);
}
