//! Claims: who is carrying something out just now, until when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A claim on a row. Its end permits a retry and proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Who holds it: unique for each invocation.
    pub token: String,
    /// The holder's hard deadline plus a margin.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub until: Timestamp,
}

impl Claim {
    /// Whether its holder may still be at work.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now <= self.until
    }
}
