//! Time as this machine has it, and the clock that wakes what is due.

use super::ending::Ending;
use jiff::{SignedDuration, Timestamp};
use roadstead_steps::{clock, context::Context, nouns::Time};
use std::time::Duration;

/// How often the clock looks.
const EVERY: Duration = Duration::from_secs(60);

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

/// Looks through all that is due: at once, so that a restart goes on where it was, and then once a minute.
pub async fn run_clock(context: Context, ending: Ending) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = ending.wait() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = clock::tick(&context).await {
            tracing::error!(%error, "the clock could not look");
        }
    }
}
