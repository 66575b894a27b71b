//! What we are in Slack.

use super::{Settings, SettingsError, json, malformed, reference::Reference};
use roadstead_senders::slack::Workspace;
use roadstead_steps::nouns::Secrets;
use serde::Deserialize;

const WORKSPACE: &str = "ROADSTEAD_SLACK";
const BOT: &str = "ROADSTEAD_SLACK_BOT";
/// The base of the addresses of Slack's Web API.
const API: &str = "https://slack.com/api";
/// The base of the addresses for answers to commands.
const HOOKS: &str = "https://hooks.slack.com";

/// The bot that speaks for us.
pub struct SlackBot {
    /// The base of the addresses of Slack's Web API.
    pub api: String,
    /// The base of the addresses for answers to commands.
    pub hooks: String,
    /// What it presents.
    pub token: SlackToken,
}

/// A bot's token. It cannot be printed, stored, copied or compared.
pub struct SlackToken(String);

impl SlackToken {
    /// The token, for what presents it.
    pub fn text(&self) -> &str {
        &self.0
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkspaceText {
    signing_secret: Reference,
    team: String,
    app: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BotText {
    token: Reference,
    api: Option<String>,
    hooks: Option<String>,
}

impl Settings {
    /// The workspace whose commands are heard; none where it is not said.
    ///
    /// # Errors
    /// When its signing secret cannot be read.
    pub async fn slack_workspace(&self, secrets: &dyn Secrets) -> Result<Option<Workspace>, SettingsError> {
        let Some(text) = json::<WorkspaceText>(self.variables.as_ref(), WORKSPACE)? else { return Ok(None) };
        let WorkspaceText { signing_secret, team, app } = text;
        for (id, first) in [(&team, 'T'), (&app, 'A')] {
            check_id(id, first).map_err(|problem| malformed(WORKSPACE, problem))?;
        }
        let secret = self.secret(&signing_secret, secrets).await;
        let signing_secret = secret.map_err(|problem| malformed(WORKSPACE, problem))?;
        Ok(Some(Workspace { signing_secret, team, app }))
    }

    /// The bot that speaks for us; none where it is not said.
    ///
    /// # Errors
    /// When its token cannot be read.
    pub async fn slack_bot(&self, secrets: &dyn Secrets) -> Result<Option<SlackBot>, SettingsError> {
        let Some(text) = json::<BotText>(self.variables.as_ref(), BOT)? else { return Ok(None) };
        let token = text.token.resolve(self.variables.as_ref(), secrets).await;
        let token = token.map_err(|problem| malformed(BOT, problem))?;
        let token = String::from_utf8(token).map_err(|_| malformed(BOT, "the token is not text"))?;
        Ok(Some(SlackBot {
            api: text.api.unwrap_or_else(|| API.to_owned()),
            hooks: text.hooks.unwrap_or_else(|| HOOKS.to_owned()),
            token: SlackToken(token),
        }))
    }
}

fn check_id(id: &str, first: char) -> Result<(), String> {
    let is_id = id.starts_with(first) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_id { Ok(()) } else { Err(format!("an id of Slack's that begins with {first} is needed")) }
}
