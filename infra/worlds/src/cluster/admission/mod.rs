//! What refuses a well-formed write: admission policies, Pod security, quotas; and what limit ranges fill in.

pub(super) mod limits;
pub(super) mod pod_security;
pub(super) mod policies;
pub(super) mod quota;
