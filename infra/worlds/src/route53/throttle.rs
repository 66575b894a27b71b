use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// One request, in the bucket's own measure: thousandths, so that a millisecond refills whole numbers.
const ONE_REQUEST: u64 = 1_000;

/// A token bucket over all requests of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throttle {
    rate_per_second: u32,
    burst: u32,
    level: u64,
    refilled_at: Option<Timestamp>,
}

impl Throttle {
    /// A full bucket of `burst` requests that refills by `rate_per_second`.
    pub fn new(rate_per_second: u32, burst: u32) -> Self {
        Self { rate_per_second, burst, level: u64::from(burst) * ONE_REQUEST, refilled_at: None }
    }

    pub(super) fn admit(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let passed = self.refilled_at.map_or(0, |before| now.duration_since(before).as_millis());
        let refill = u64::try_from(passed).unwrap_or(0).saturating_mul(u64::from(self.rate_per_second));
        self.level = self.level.saturating_add(refill).min(u64::from(self.burst) * ONE_REQUEST);
        self.refilled_at = Some(now);
        self.level = self.level.checked_sub(ONE_REQUEST).ok_or_else(Refusal::throttling)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_passes_and_the_next_waits_for_its_share_of_a_second() {
        let mut throttle = Throttle::new(5, 5);
        let at = |millisecond| Timestamp::from_millisecond(millisecond).unwrap();
        assert!((0..5).all(|_| throttle.admit(at(0)).is_ok()));
        assert_eq!(throttle.admit(at(0)), Err(Refusal::throttling()));
        assert!(throttle.admit(at(199)).is_err());
        assert!(throttle.admit(at(200)).is_ok());
        assert!(throttle.admit(at(200)).is_err());
        assert!(throttle.admit(at(10_000)).is_ok());
    }
}
