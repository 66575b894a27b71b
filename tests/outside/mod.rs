//! What stands in for the outside while the steps are tested.

pub(crate) mod given_once;
pub(crate) mod memory_state;
