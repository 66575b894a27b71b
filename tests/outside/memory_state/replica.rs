//! A copy of the rows that lags behind: each row's writes arrive in their order, those of different rows in any.

use super::{Changed, Rows};

/// How far copies lag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Lag {
    /// Not at all.
    #[default]
    None,
    /// Until they are told to catch up.
    UntilSettled,
    /// At most so many writes; the seed decides how many and which.
    Writes {
        /// The most writes that are missing.
        limit: usize,
        /// The seed.
        seed: u64,
    },
}

pub(super) struct Replica {
    lag: Lag,
    random: u64,
    rows: Rows,
    pending: Vec<Changed>,
}

impl Replica {
    pub(super) fn new(lag: Lag, number: u64) -> Self {
        let seed = if let Lag::Writes { seed, .. } = lag { seed } else { 0 };
        Self { lag, random: seed.wrapping_add(number), rows: Rows::new(), pending: Vec::new() }
    }

    pub(super) fn rows(&self) -> &Rows {
        &self.rows
    }

    pub(super) fn settle(&mut self) {
        for changed in std::mem::take(&mut self.pending) {
            self.arrive(changed);
        }
    }

    pub(super) fn write(&mut self, changed: Changed) {
        self.pending.push(changed);
        let left = match self.lag {
            Lag::None => 0,
            Lag::UntilSettled => usize::MAX,
            Lag::Writes { limit, .. } => self.below(limit + 1),
        };
        while self.pending.len() > left {
            let picked = self.below(self.pending.len());
            let row = &self.pending[picked].0;
            let first = self.pending.iter().position(|(key, _)| key == row).unwrap_or(picked);
            let changed = self.pending.remove(first);
            self.arrive(changed);
        }
    }

    fn arrive(&mut self, (key, attributes): Changed) {
        match attributes {
            Some(attributes) => self.rows.insert(key, attributes),
            None => self.rows.remove(&key),
        };
    }

    /// A number below the bound (SplitMix64).
    fn below(&mut self, bound: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap_or_default()
    }
}
