//! Slack, as an App with a bot ("Slack Web API"), and its addresses for answers to commands.
//!
//! Every address is built from the two bases of the settings. Slack refuses with the status 200 and a word.

mod call;
mod history;
mod refusal;
#[cfg(test)]
mod tests;

use crate::{Https, Transport};
use call::Caller;
use roadstead_domain::{command::ReplyAddress, sentence::for_slack};
use roadstead_steps::nouns::{CallError, Chat};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// The base of the addresses of the Web API.
pub const API: &str = "https://slack.com/api";
/// The base of the addresses for answers to commands.
pub const HOOKS: &str = "https://hooks.slack.com";

/// The type of what we attach to our messages ("Message metadata").
const EVENT: &str = "roadstead";

/// A bot's token. It cannot be printed, stored, copied or compared.
pub struct BotToken(String);

impl BotToken {
    /// Takes a token: `xoxb-…`.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }
}

/// Where Slack is, and who we are there.
pub struct Settings {
    /// The base of the Web API's addresses, such as [`API`]. Only an `http` base is asked without TLS.
    pub api: String,
    /// The base of the addresses for answers, such as [`HOOKS`].
    pub hooks: String,
    /// The bot's token.
    pub token: BotToken,
}

impl Settings {
    /// One bot, at Slack's own addresses where no others are given.
    ///
    /// # Errors
    /// When the token is no text; it is not repeated.
    pub fn new(api: Option<String>, hooks: Option<String>, token: &[u8]) -> Result<Self, CallError> {
        let broken = |_| CallError::Broken { reason: "the token of the Slack bot is no text".to_owned() };
        let token = BotToken::new(std::str::from_utf8(token).map_err(broken)?);
        let or = |given: Option<String>, own: &str| given.unwrap_or_else(|| own.to_owned());
        Ok(Self { api: or(api, API), hooks: or(hooks, HOOKS), token })
    }
}

/// Slack, as one bot.
pub struct Slack {
    caller: Caller,
    /// The bot's id, by which its messages are known.
    bot: OnceCell<String>,
}

impl Slack {
    /// Talks over HTTPS.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<Self, CallError> {
        let plain = settings.api.starts_with("http://");
        let https = Https::new(plain)?;
        Ok(Self::with_transport(settings, Arc::new(https)))
    }

    /// Talks over a transport that is given.
    pub fn with_transport(settings: Settings, transport: Arc<dyn Transport>) -> Self {
        Self { caller: Caller::new(settings, transport), bot: OnceCell::new() }
    }

    async fn bot(&self) -> Result<&str, CallError> {
        #[derive(Deserialize)]
        struct Myself {
            bot_id: String,
        }
        let ask = || async { self.caller.read::<Myself>("auth.test", &[]).await.map(|myself| myself.bot_id) };
        self.bot.get_or_try_init(ask).await.map(String::as_str)
    }
}

fn new_message(channel: &str, marker: &str, text: &str) -> Value {
    json!({
        "channel": channel, "text": for_slack(text), "metadata": metadata(marker),
        "parse": "none", "unfurl_links": false, "unfurl_media": false,
    })
}

/// What we attach to a message, which people do not see.
fn metadata(marker: &str) -> Value {
    json!({"event_type": EVENT, "event_payload": {"marker": marker}})
}

#[derive(Deserialize)]
struct Said {
    ts: String,
}

#[async_trait::async_trait]
impl Chat for Slack {
    async fn reply(&self, address: &ReplyAddress, text: &str) -> Result<(), CallError> {
        let body = json!({"response_type": "ephemeral", "replace_original": true, "text": for_slack(text)});
        self.caller.answer_command(address.path(), &body).await
    }

    async fn find(&self, channel: &str, marker: &str) -> Result<Option<String>, CallError> {
        history::newest(&self.caller, self.bot().await?, channel, marker).await
    }

    async fn post(&self, channel: &str, marker: &str, text: &str) -> Result<String, CallError> {
        let body = new_message(channel, marker, text);
        self.caller.write("chat.postMessage", &body).await.map(|said: Said| said.ts)
    }

    async fn post_below(
        &self,
        channel: &str,
        message: &str,
        marker: &str,
        text: &str,
    ) -> Result<(), CallError> {
        let mut body = new_message(channel, marker, text);
        body["thread_ts"] = json!(message);
        // A bot cannot read threads (`conversations.replies`): only what is shown in the channel, too, is found again.
        body["reply_broadcast"] = json!(true);
        self.caller.write("chat.postMessage", &body).await.map(|_: Said| ())
    }

    async fn update(&self, channel: &str, message: &str, marker: &str, text: &str) -> Result<(), CallError> {
        // Without `parse` an update makes mentions of plain names, which a new message does not.
        let body = json!({
            "channel": channel, "ts": message, "text": for_slack(text), "metadata": metadata(marker),
            "parse": "none",
        });
        self.caller.write("chat.update", &body).await.map(|_: Said| ())
    }
}
