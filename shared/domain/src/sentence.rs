//! Every sentence that a person reads.

mod adoption;
mod chat;
mod check;
mod command;
mod comment;
mod configuration;
mod container;
mod cut;
mod images;
mod lifetime;
mod outcome;
mod outside;
mod plan;
mod refusals;
mod slack;
mod story;
mod tags;

pub use adoption::*;
pub use chat::*;
pub use check::{check_failure, check_name, check_removed, check_summary, check_superseded, check_title};
pub use command::*;
pub use comment::{comment, comment_marker, goes_away_on, one_line, origin, runs_instead};
pub use configuration::*;
pub use container::*;
use cut::cut;
pub use images::*;
pub use lifetime::*;
pub use outcome::*;
pub use outside::*;
pub use plan::*;
pub use refusals::*;
pub use slack::{SLACK_TEXT_LIMIT, for_slack, not_noted};
pub use story::*;
pub use tags::*;
