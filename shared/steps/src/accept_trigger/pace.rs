//! How often the clock looks outside, and when it leaves a host to people.

use crate::{
    nouns::{git_host::Budget, state::Key},
    pause::part_of,
};
use jiff::{SignedDuration, Timestamp};

/// The part of a host's limit that the clock leaves to people: four fifths. When less is left, whoever used it, what the
/// clock alone wants waits until the host counts anew.
const LEFT_TO_PEOPLE: (u64, u64) = (4, 5);

/// Until when the clock leaves the host alone; none when it may ask.
pub(super) fn postponed(budget: Option<Budget>, now: Timestamp) -> Option<Timestamp> {
    let (part, whole) = LEFT_TO_PEOPLE;
    let Budget { limit, remaining, renewed_at } = budget?;
    let used_up = remaining.saturating_mul(whole) < limit.saturating_mul(part);
    (used_up && now < renewed_at).then_some(renewed_at)
}

/// When to look next: after `every`, or up to a tenth of it earlier, by the row's key and the present second. So rows that
/// were due together are not for long.
pub(super) fn next(key: &Key, every: SignedDuration, now: Timestamp) -> Timestamp {
    now + every - part_of(every / 10, key, now.as_second().unsigned_abs())
}

/// When to look after a pause that others wait for too: within the minute that follows its end.
pub(super) fn after(key: &Key, until: Timestamp) -> Timestamp {
    next(key, SignedDuration::from_mins(10), until) - SignedDuration::from_mins(9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn four_fifths_are_left_to_people() {
        let budget = |remaining| Some(Budget { limit: 5_000, remaining, renewed_at: at(3_600) });
        assert_eq!(postponed(budget(4_000), at(0)), None);
        assert_eq!(postponed(budget(3_999), at(0)), Some(at(3_600)));
        assert_eq!(postponed(budget(0), at(3_600)), None, "it was counted anew");
        assert_eq!(postponed(None, at(0)), None);
    }

    #[test]
    fn looks_spread_over_a_tenth_of_their_pause() {
        let ten = SignedDuration::from_mins(10);
        let keys = (0..100).map(|number| Key::new(format!("repository#github-{number}"), "repository"));
        let moments: BTreeSet<Timestamp> = keys.map(|key| next(&key, ten, at(7))).collect();
        assert!(moments.len() > 90, "{}", moments.len());
        assert!(moments.first().is_some_and(|first| *first > at(7) + ten - ten / 10));
        assert!(moments.last().is_some_and(|last| *last <= at(7) + ten));
        let key = Key::new("deliveries#github", "deliveries");
        assert!((at(3_600)..=at(3_660)).contains(&after(&key, at(3_600))));
    }
}
