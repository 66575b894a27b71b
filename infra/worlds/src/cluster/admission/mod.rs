//! What refuses a well-formed write: our own fence, Pod security, quotas; and what limit ranges fill in.

pub(super) mod fence;
pub(super) mod limits;
pub(super) mod pod_security;
pub(super) mod quota;
