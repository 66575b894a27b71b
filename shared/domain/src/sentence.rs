//! Every sentence that a person reads.

mod chat;
mod comment;
mod outcome;
mod refusals;
mod slack;
mod story;

pub use chat::*;
pub use comment::{comment, comment_marker, goes_away_on, one_line, origin};
pub use outcome::*;
pub use refusals::*;
pub use slack::{SLACK_TEXT_LIMIT, for_slack};
pub use story::*;
