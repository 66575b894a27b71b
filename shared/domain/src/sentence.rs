//! Every sentence that a person reads.

mod chat;
mod comment;
mod outcome;
mod refusals;
mod story;

pub use chat::*;
pub use comment::{comment, comment_marker, goes_away_on, one_line, origin};
pub use outcome::*;
pub use refusals::*;
pub use story::*;
