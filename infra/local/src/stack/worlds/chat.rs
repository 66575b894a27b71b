//! The Slack of this machine: who is there, what they type, and what they are told.

use super::{Worlds, people::People, recorded::MadeTrue};
use crate::{
    problem::Problem,
    stack::{http::front, secrets::Secrets},
};
use axum::{Json, Router, body::Body, routing::get};
use http::Response;
use jiff::Timestamp;
use roadstead_domain::command::Command;
use roadstead_web::slack::{BotToken, Settings as Client};
use roadstead_worlds::slack::{App, Refusal, Settings, Slack, TypedCommand};
use serde_json::{Value, json};

/// Slack's id of the sample's workspace.
const WORKSPACE: &str = "T0ACME";
/// Slack's id of the App there.
const APP: &str = "A0ROADSTEAD";
/// Who is there, by Slack's id. The platform file says who of them may do what.
const MEMBERS: [(&str, &str); 3] = [("U0ADA", "ada"), ("U0GRACE", "grace"), ("U0EVE", "eve")];
/// The channel of the sample's application, by Slack's id and by name.
pub const CHANNEL: (&str, &str) = ("C0SHOP", "shop");
/// Where what is said can be read.
const OUTBOX: &str = "/_outbox";

/// A workspace in which nobody has said anything.
pub(super) fn begin(secrets: &Secrets) -> Slack {
    let token = secrets.slack_bot.clone();
    let app = App { team: WORKSPACE.to_owned(), id: APP.to_owned(), token };
    let mut slack = Slack::new(app, Settings::default());
    for (id, name) in MEMBERS {
        slack.add_user(id, name);
    }
    slack.add_channel(CHANNEL.0, CHANNEL.1, true);
    slack
}

/// Who we are at the Slack that is served at this address.
pub(in crate::stack) fn client(url: &str, secrets: &Secrets) -> Client {
    let token = BotToken::new(secrets.slack_bot.clone());
    Client { api: format!("{url}/api"), hooks: url.to_owned(), token }
}

/// Where the Slack at this address shows what is said.
pub(in crate::stack) fn outbox(url: &str) -> String {
    format!("{url}{OUTBOX}")
}

/// Slack, with what is said beside it.
pub(super) fn router(worlds: &Worlds) -> Router {
    let (kept, shown) = (worlds.chat.clone(), worlds.chat.clone());
    let slack =
        front(move |request| kept.change(|slack| slack.handle(request, Timestamp::now())).map(Body::from));
    let outbox = get(move || async move { Json(shown.read(Slack::outbox)) });
    Router::new().route(OUTBOX, outbox).fallback_service(slack)
}

impl People<'_> {
    /// Somebody types a command in a channel, `/env list` as a whole; answers what the door answered. People and channels go
    /// by name or by Slack's id.
    ///
    /// # Errors
    /// When there is no such person or channel, or the door does not answer.
    pub async fn type_command(
        &self,
        who: &str,
        channel: &str,
        line: &str,
    ) -> Result<Response<Vec<u8>>, Problem> {
        let typed = self.worlds.chat.change(|slack| {
            let who = slack.user_called(who).unwrap_or(who).to_owned();
            let channel = slack.channel_called(channel).unwrap_or(channel).to_owned();
            slack.type_command(&who, &channel, line, Timestamp::now())
        });
        self.bring(&typed.map_err(refused)?).await
    }

    async fn bring(&self, typed: &TypedCommand) -> Result<Response<Vec<u8>>, Problem> {
        let answer = self.messenger.bring_command(typed).await?;
        if answer.status().is_success() {
            self.worlds.chat.change(|slack| slack.answered(&typed.reply, answer.body()));
        }
        Ok(answer)
    }

    /// A recorded command as somebody of this workspace types it: who it was joins, if need be, and CI builds the branch that
    /// it speaks of.
    pub(super) async fn have_command(&self, mut made: MadeTrue) -> Result<MadeTrue, Problem> {
        let field = |name: &str| made.payload[name].as_str().unwrap_or_default().to_owned();
        let (user, name, channel) = (field("user_id"), field("user_name"), field("channel_id"));
        let (word, text) = (field("command"), field("text"));
        let typed = self.worlds.chat.change(|slack| {
            slack.add_user(&user, &name);
            if !slack.has_channel(&channel) {
                slack.add_channel(&channel, &field("channel_name"), true);
            }
            slack.type_command(&user, &channel, &format!("{word} {text}"), Timestamp::now())
        });
        if let Some(commit) = self.head_to_create(&word, &text) {
            self.build_all(&mut made, &commit).await?;
        }
        made.told.push(format!("{name} types `{word} {text}` in the Slack of this machine"));
        made.payload = Value::Object(form_fields(&typed.map_err(refused)?.body));
        Ok(made)
    }

    /// The newest commit of the branch that an environment is to be made of.
    fn head_to_create(&self, word: &str, text: &str) -> Option<String> {
        let Ok(Command::Create { branch, .. }) = Command::parse(word, text) else { return None };
        let branch = format!("heads/{}", branch.as_deref().unwrap_or("main"));
        self.worlds.code.read(|code| code.github.commit_id(code.repository, &branch))
    }
}

fn form_fields(body: &str) -> serde_json::Map<String, Value> {
    let fields: Vec<(String, String)> = serde_urlencoded::from_str(body).unwrap_or_default();
    fields.into_iter().map(|(name, value)| (name, json!(value))).collect()
}

fn refused(refusal: Refusal) -> Problem {
    let what = format!("the Slack of this machine refused: {}", refusal.error);
    Problem::new(what, "name a person and a channel that are there: ada, grace or eve, in shop")
}
