//! Every sentence that a person reads.

mod comment;
mod refusals;

pub use comment::{comment, comment_marker, one_line};
pub use refusals::*;
