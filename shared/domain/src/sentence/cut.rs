//! What is too long for the place where it is told.

use crate::name::EnvironmentId;

/// A text of at most `limit` characters. One that is cut says where the rest is told.
pub(super) fn cut(text: &str, limit: usize, id: &EnvironmentId) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let pointer = format!("…\n\nThis is cut: `status {id}` tells the whole.");
    let room = limit.saturating_sub(pointer.chars().count());
    text.chars().take(room).chain(pointer.chars()).collect()
}
