//! Messages in channels: said, and changed by who said them.

use super::{Refusal, Slack, limits, routes::Outcome};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The longest text of a new message, in characters.
pub const TEXT_LIMIT: usize = 40_000;
/// The longest text that a message is changed to, in bytes ("chat.update", `msg_too_long`: the documentation says 4,000
/// characters, Slack counts bytes).
pub const UPDATE_LIMIT: usize = 4_000;

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id within its channel: a time that no two share.
    pub ts: String,
    /// Who said it, by id.
    pub user: String,
    /// The bot that said it, by id.
    pub bot: Option<String>,
    /// What it says.
    pub text: String,
    /// What programs attached to it.
    pub metadata: Option<Value>,
    /// When it was said.
    pub said_at: Timestamp,
    /// How often it was changed.
    pub edits: u32,
    /// The message that it is said below, by id.
    #[serde(default)]
    pub below: Option<String>,
    /// Whether what is said below another one is shown in the channel, too.
    #[serde(default)]
    pub broadcast: bool,
}

#[derive(Deserialize)]
pub(super) struct Post {
    channel: String,
    #[serde(default)]
    text: String,
    metadata: Option<Value>,
    thread_ts: Option<String>,
    #[serde(default)]
    reply_broadcast: bool,
}

#[derive(Deserialize)]
pub(super) struct Update {
    channel: String,
    ts: String,
    #[serde(default)]
    text: String,
    metadata: Option<Value>,
}

pub(super) fn post(world: &mut Slack, post: Post, now: Timestamp) -> Outcome {
    let archived = world.joined(&post.channel)?.archived;
    if archived {
        return Err(Refusal::IS_ARCHIVED);
    }
    let text = checked(post.text)?;
    let metadata = post.metadata.map(checked_metadata).transpose()?;
    let there = &world.joined(&post.channel)?.messages;
    if post.thread_ts.as_ref().is_some_and(|ts| there.iter().all(|message| message.ts != *ts)) {
        return Err(Refusal::THREAD_NOT_FOUND);
    }
    limits::admit_message(world, &post.channel, now)?;
    let (user, bot) = (world.bot_user(), Some(world.bot()));
    let message = world.message(user, bot, text, metadata, now);
    let message = Message { broadcast: post.reply_broadcast, below: post.thread_ts, ..message };
    let shown = json!({"channel": post.channel, "ts": message.ts, "message": message.shown(false)});
    world.joined(&post.channel)?.messages.push(message);
    Ok(shown)
}

pub(super) fn update(world: &mut Slack, update: Update, _now: Timestamp) -> Outcome {
    let bot = Some(world.bot());
    let channel = world.joined(&update.channel)?;
    if channel.archived {
        return Err(Refusal::IS_INACTIVE);
    }
    let found = channel.messages.iter_mut().find(|message| message.ts == update.ts);
    let message = found.ok_or(Refusal::MESSAGE_NOT_FOUND)?;
    if message.bot != bot {
        return Err(Refusal::CANNOT_UPDATE);
    }
    let text = checked(update.text)?;
    if text.len() > UPDATE_LIMIT {
        return Err(Refusal::TOO_LONG);
    }
    message.text = text;
    if let Some(metadata) = update.metadata {
        message.metadata = Some(checked_metadata(metadata)?);
    }
    message.edits += 1;
    Ok(
        json!({"channel": update.channel, "ts": message.ts, "text": message.text, "message": message.shown(false)}),
    )
}

fn checked(text: String) -> Result<String, Refusal> {
    match text.chars().count() {
        0 => Err(Refusal::NO_TEXT),
        1..=TEXT_LIMIT => Ok(text),
        _ => Err(Refusal::TOO_LONG),
    }
}

/// An `event_type` and an `event_payload` ("Message metadata").
fn checked_metadata(metadata: Value) -> Result<Value, Refusal> {
    let whole = metadata["event_type"].is_string() && metadata["event_payload"].is_object();
    if whole { Ok(metadata) } else { Err(Refusal::INVALID_METADATA) }
}

impl Message {
    /// The message as the API shows it.
    pub(super) fn shown(&self, with_metadata: bool) -> Value {
        let mut shown = json!({"type": "message", "user": self.user, "text": self.text, "ts": self.ts});
        if let Some(bot) = &self.bot {
            shown["bot_id"] = json!(bot);
        }
        if self.edits > 0 {
            shown["edited"] = json!({"user": self.user, "ts": self.ts});
        }
        if let Some(below) = &self.below {
            shown["thread_ts"] = json!(below);
        }
        if self.broadcast && self.below.is_some() {
            shown["subtype"] = json!("thread_broadcast");
        }
        if let Some(metadata) = self.metadata.as_ref().filter(|_| with_metadata) {
            shown["metadata"] = metadata.clone();
        }
        shown
    }
}

impl Slack {
    pub(super) fn message(
        &mut self,
        user: String,
        bot: Option<String>,
        text: String,
        metadata: Option<Value>,
        now: Timestamp,
    ) -> Message {
        let ts = format!("{}.{:06}", now.as_second(), self.next_id());
        Message { ts, user, bot, text, metadata, said_at: now, edits: 0, below: None, broadcast: false }
    }
}
