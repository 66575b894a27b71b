//! What was said in a channel (`conversations.history`), looked through for a message of ours.

use super::{EVENT, call::Caller};
use roadstead_steps::nouns::CallError;
use serde::Deserialize;
use serde_json::Value;

/// How many messages are asked for at once.
const PAGE: &str = "200";
/// How many pages are looked through, newest first. What was said before them is not found.
pub(super) const PAGES: usize = 5;

#[derive(Deserialize)]
struct Page {
    messages: Vec<Shown>,
    response_metadata: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next_cursor: String,
}

#[derive(Deserialize)]
struct Shown {
    ts: String,
    bot_id: Option<String>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    event_type: String,
    event_payload: Value,
}

impl Shown {
    /// Whoever may write to the channel can copy a marker; so it is the bot that counts, too.
    fn is_ours(&self, bot: &str, marker: &str) -> bool {
        let marked = |metadata: &Metadata| {
            metadata.event_type == EVENT && metadata.event_payload["marker"].as_str() == Some(marker)
        };
        self.bot_id.as_deref() == Some(bot) && self.metadata.as_ref().is_some_and(marked)
    }
}

/// The newest message of the bot that carries the marker.
pub(super) async fn newest(
    caller: &Caller,
    bot: &str,
    channel: &str,
    marker: &str,
) -> Result<Option<String>, CallError> {
    let mut cursor = String::new();
    for _ in 0..PAGES {
        let arguments = [
            ("channel", channel),
            ("limit", PAGE),
            ("include_all_metadata", "true"),
            ("cursor", cursor.as_str()),
        ];
        let page: Page = caller.read("conversations.history", &arguments).await?;
        if let Some(found) = page.messages.into_iter().find(|shown| shown.is_ours(bot, marker)) {
            return Ok(Some(found.ts));
        }
        match page.response_metadata {
            Some(next) if !next.next_cursor.is_empty() => cursor = next.next_cursor,
            _ => break,
        }
    }
    Ok(None)
}
