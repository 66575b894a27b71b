//! Virtual time: the clock of the paused runtime.

use jiff::{SignedDuration, Timestamp};
use roadstead_steps::nouns::Time;
use std::time::Duration;
use tokio::time::Instant;

/// 2026-09-01 00:00 UTC, where every simulation begins.
const BEGIN: i64 = 1_788_220_800;

#[derive(Clone, Copy)]
pub struct VirtualTime {
    begun: Instant,
}

impl VirtualTime {
    pub fn begin() -> Self {
        Self { begun: Instant::now() }
    }
}

#[async_trait::async_trait]
impl Time for VirtualTime {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.begun.elapsed().as_millis()).unwrap();
        Timestamp::from_millisecond(BEGIN * 1_000 + passed).unwrap()
    }

    async fn sleep(&self, span: SignedDuration) {
        tokio::time::sleep(Duration::from_millis(u64::try_from(span.as_millis()).unwrap_or(0))).await;
    }
}
