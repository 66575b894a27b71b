//! Every sentence that a person reads.

mod comment;
mod refusals;
mod story;

pub use comment::{comment, comment_marker, one_line, origin};
pub use refusals::*;
pub use story::*;
