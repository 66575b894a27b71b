//! Slack, modelled as an App with a bot sees it: the methods of the Web API that we call, the addresses for answers to
//! commands, and the commands that people type ("Slack Web API", "Implementing slash commands").

mod commands;
mod history;
mod limits;
mod messages;
mod people;
mod refusal;
mod replies;
mod routes;
#[cfg(test)]
mod tests;

use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use commands::{TypedCommand, signed};
pub use messages::{Message, TEXT_LIMIT, UPDATE_LIMIT};
pub use refusal::Refusal;
pub use replies::{Answer, REPLY_LIFETIME, REPLY_USES};

use limits::Limits;
use replies::ReplyPlace;

/// The base of the addresses for answers.
const HOOKS: &str = "https://hooks.slack.com";

/// How this Slack behaves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// How many messages one channel takes at once; it recovers one a second.
    pub burst: u32,
    /// How often each other method may be called in a minute (tier 3).
    pub calls_per_minute: usize,
    /// What the bot may do.
    pub scopes: Vec<String>,
    /// A history does not show messages that are younger.
    pub history_lag: SignedDuration,
}

impl Default for Settings {
    fn default() -> Self {
        let scopes = ["chat:write", "channels:history", "commands"].map(str::to_owned).to_vec();
        Self { burst: 5, calls_per_minute: 50, scopes, history_lag: SignedDuration::ZERO }
    }
}

/// The App in its workspace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct App {
    /// The workspace's id: `T…`.
    pub team: String,
    /// The App's id: `A…`.
    pub id: String,
    /// The bot's token: `xoxb-…`.
    pub token: String,
}

/// A person of the workspace.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct User {
    name: String,
}

/// A public channel.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Channel {
    name: String,
    /// Whether our bot is in it.
    joined: bool,
    archived: bool,
    /// Oldest first.
    messages: Vec<Message>,
}

/// Slack: one workspace with one App.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Slack {
    /// How it behaves; may be changed at any time.
    pub settings: Settings,
    app: App,
    users: BTreeMap<String, User>,
    channels: BTreeMap<String, Channel>,
    /// The addresses for answers, by path.
    replies: BTreeMap<String, ReplyPlace>,
    limits: Limits,
    ids: u64,
}

impl Slack {
    /// A workspace in which nobody has said anything.
    pub fn new(app: App, settings: Settings) -> Self {
        Self {
            settings,
            app,
            users: BTreeMap::new(),
            channels: BTreeMap::new(),
            replies: BTreeMap::new(),
            limits: Limits::default(),
            ids: 0,
        }
    }

    /// Answers one HTTP request: to a method below `/api/`, or to an address for answers.
    pub fn handle(&mut self, request: &Request<Vec<u8>>, now: Timestamp) -> Response<Vec<u8>> {
        routes::answer(self, request, now)
    }

    /// The App and its workspace.
    pub fn app(&self) -> &App {
        &self.app
    }

    fn next_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    /// The bot's id, which its messages carry.
    fn bot(&self) -> String {
        format!("B{}", self.app.id)
    }

    /// The user that the bot is.
    fn bot_user(&self) -> String {
        format!("U{}", self.app.id)
    }

    /// A channel that our bot may write to and read.
    fn joined(&mut self, channel: &str) -> Result<&mut Channel, Refusal> {
        let channel = self.channels.get_mut(channel).ok_or(Refusal::CHANNEL_NOT_FOUND)?;
        if channel.joined { Ok(channel) } else { Err(Refusal::NOT_IN_CHANNEL) }
    }
}
