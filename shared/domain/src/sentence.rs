//! Every sentence that a person reads.

mod chat;
mod comment;
mod outcome;
mod refusals;
mod story;

pub use chat::{help, misunderstood, placeholder};
pub use comment::{comment, comment_marker, one_line, origin};
pub use outcome::*;
pub use refusals::*;
pub use story::*;
