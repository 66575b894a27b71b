//! What a cluster is given once for Roadstead (`infra/cluster`), in Rust: the rights of its user, and its fence.
//!
//! The cluster model knows roles, bindings and admission policies as objects. What their rules say of a request it asks here:
//! it has no interpreter for expressions (CEL), and these are the only ones that are ever evaluated.

pub(crate) mod fence;
pub(crate) mod rights;
