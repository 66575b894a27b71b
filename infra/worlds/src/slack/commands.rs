//! Slash commands, as Slack sends them.

use super::{HOOKS, Refusal, Slack, replies::ReplyPlace};
use http::{HeaderValue, Method, Request, header};
use jiff::Timestamp;
use ring::hmac;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How many characters of an address are hard to guess.
const SECRET_PART: usize = 24;

/// A command that somebody typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedCommand {
    /// The path of the address for answers, below the host.
    pub reply: String,
    /// The form.
    pub body: String,
}

impl TypedCommand {
    /// The request that Slack sends, signed at this moment, to be sent to any URL.
    pub fn signed(&self, secret: &[u8], now: Timestamp) -> Request<Vec<u8>> {
        signed(self.body.clone().into_bytes(), secret, now)
    }
}

/// A form as Slack signs and sends it.
pub fn signed(body: Vec<u8>, secret: &[u8], now: Timestamp) -> Request<Vec<u8>> {
    let seconds = now.as_second();
    let message = [format!("v0:{seconds}:").as_bytes(), &body].concat();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), &message);
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    let headers = request.headers_mut();
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(header::CONTENT_TYPE, form);
    headers
        .insert(header::USER_AGENT, HeaderValue::from_static("Slackbot 1.0 (+https://api.slack.com/robots)"));
    headers.insert("x-slack-request-timestamp", HeaderValue::from(seconds));
    if let Ok(signature) = HeaderValue::from_str(&format!("v0={}", hex::encode(tag))) {
        headers.insert("x-slack-signature", signature);
    }
    request
}

impl Slack {
    /// Somebody types a command in a channel: `/env list`.
    ///
    /// # Errors
    /// Without that channel or that person.
    pub fn type_command(
        &mut self,
        user: &str,
        channel: &str,
        line: &str,
        now: Timestamp,
    ) -> Result<TypedCommand, Refusal> {
        let (word, text) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        let id = self.next_id();
        let user_name = self.users.get(user).ok_or(Refusal::USER_NOT_FOUND)?.name.clone();
        let channel_name = self.channels.get(channel).ok_or(Refusal::CHANNEL_NOT_FOUND)?.name.clone();
        let reply = self.reply_place(id, user, channel, line, now);
        let text = text.trim().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let fields = [
            ("token", "gIkuvaNzQIHg97ATvDxqgjtO".to_owned()),
            ("team_id", self.app.team.clone()),
            ("team_domain", "acme".to_owned()),
            ("channel_id", channel.to_owned()),
            ("channel_name", channel_name),
            ("user_id", user.to_owned()),
            ("user_name", user_name),
            ("command", word.to_owned()),
            ("text", text),
            ("api_app_id", self.app.id.clone()),
            ("is_enterprise_install", "false".to_owned()),
            ("response_url", format!("{HOOKS}/{reply}")),
            ("trigger_id", format!("{}.{id}", now.as_microsecond())),
        ];
        Ok(TypedCommand { reply, body: serde_urlencoded::to_string(fields).unwrap_or_default() })
    }

    fn reply_place(&mut self, id: u64, user: &str, channel: &str, line: &str, now: Timestamp) -> String {
        let digest = Sha256::digest(format!("{} {id} {}", self.app.token, now.as_nanosecond()));
        let secret: String = hex::encode(digest).chars().take(SECRET_PART).collect();
        let path = format!("commands/{}/{id}/{secret}", self.app.team);
        let place = ReplyPlace {
            made_at: now,
            uses: 0,
            command: line.trim().to_owned(),
            user: user.to_owned(),
            channel: channel.to_owned(),
            answers: vec![],
        };
        self.replies.insert(path.clone(), place);
        path
    }
}
