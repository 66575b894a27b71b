//! Queues: one for each function, at least once, in no order.

use super::CallError;
use jiff::SignedDuration;
use roadstead_domain::message::Message;

/// The longest delay of one message (Amazon SQS: `DelaySeconds` of at most 900).
pub const DELAY_LIMIT: SignedDuration = SignedDuration::from_secs(900);

/// Sends messages to functions.
#[async_trait::async_trait]
pub trait Queue: Send + Sync {
    /// Sends one message to the queue of its destination, to arrive after the delay (rounded up to whole seconds, and at
    /// most [`DELAY_LIMIT`]).
    ///
    /// # Errors
    /// When it is not certain that the message was taken. Nothing depends on it but time.
    async fn send(&self, message: &Message, delay: SignedDuration) -> Result<(), CallError>;
}
