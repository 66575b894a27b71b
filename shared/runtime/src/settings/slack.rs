//! What we are in Slack.

use super::{Given, Settings, SettingsError, json, malformed, reference::Reference};
use roadstead_senders::slack::Workspace;
use roadstead_steps::nouns::Secrets;
use serde::Deserialize;

const WORKSPACE: &str = "ROADSTEAD_SLACK";
const BOT: &str = "ROADSTEAD_SLACK_BOT";

/// The bot that speaks for us.
pub struct SlackBot {
    /// The base of the addresses of Slack's Web API, where that is not Slack's own.
    pub api: Option<String>,
    /// The base of the addresses for answers to commands, where that is not Slack's own.
    pub hooks: Option<String>,
    /// What it presents.
    pub token: Given,
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
        let token = Given::new(token.map_err(|problem| malformed(BOT, problem))?);
        Ok(Some(SlackBot { api: text.api, hooks: text.hooks, token }))
    }
}

fn check_id(id: &str, first: char) -> Result<(), String> {
    let is_id = id.starts_with(first) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_id { Ok(()) } else { Err(format!("an id of Slack's that begins with {first} is needed")) }
}
