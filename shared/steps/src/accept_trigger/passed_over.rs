//! Looking at many: one that fails keeps no other from its look, and no look from being noted.

use crate::context::Handled;
use roadstead_domain::refusal::{Class, Refusal};
use std::fmt;

/// What could not be looked at, or told.
#[derive(Default)]
pub(super) struct PassedOver {
    again: Option<Refusal>,
}

impl PassedOver {
    /// Passes over one of many. What may succeed at once is tried again, all else when the next look comes.
    pub(super) fn pass(&mut self, what: &dyn fmt::Display, refusal: Refusal) {
        match refusal.class {
            Class::Unavailable => self.again = Some(refusal),
            Class::Rejected => tracing::warn!(%what, %refusal, "it is passed over"),
            Class::Broken => tracing::error!(%what, %refusal, "it is passed over"),
        }
    }

    /// # Errors
    /// When the message is to be delivered again.
    pub(super) fn end(self) -> Handled {
        self.again.map_or(Ok(()), Err)
    }
}
