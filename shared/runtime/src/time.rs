//! Time as the machine has it.

use jiff::{SignedDuration, Timestamp};
use roadstead_steps::nouns::Time;
use std::time::Duration;

/// The time of this machine.
pub struct SystemTime;

#[async_trait::async_trait]
impl Time for SystemTime {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, span: SignedDuration) {
        tokio::time::sleep(Duration::try_from(span).unwrap_or_default()).await;
    }
}
