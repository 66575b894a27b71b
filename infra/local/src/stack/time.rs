//! The clock that wakes what is due.

use super::ending::Ending;
use roadstead_steps::{clock, context::Context};
use std::time::Duration;

/// How often the clock looks.
const EVERY: Duration = Duration::from_secs(60);

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
