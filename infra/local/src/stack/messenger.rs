//! The way from the worlds to the doors: GitHub's webhooks and Slack's commands, signed, and ECR's events.

use super::{store::Kept, worlds::Code};
use crate::problem::Problem;
use http::{Method, Request, Response, Uri, header};
use jiff::Timestamp;
use roadstead_web::{Https, Transport as _};
use roadstead_worlds::{github::Delivery, slack::TypedCommand};
use serde_json::Value;
use std::sync::Arc;

/// Brings what happens in the worlds to the doors, over HTTP.
pub struct Messenger {
    /// How.
    pub transport: Https,
    /// The door for GitHub.
    pub github: Uri,
    /// What GitHub signs with.
    pub secret: String,
    /// The door for Slack.
    pub slack: Uri,
    /// What Slack signs with.
    pub slack_secret: String,
    /// The door for events.
    pub eventbridge: Uri,
    /// Where GitHub remembers what became of its webhooks.
    pub code: Arc<Kept<Code>>,
}

impl Messenger {
    /// Delivers webhooks, each once, and lets GitHub remember what the door answered: it does not try again by itself.
    pub async fn deliver(&self, deliveries: &[Delivery]) {
        for delivery in deliveries {
            let mut request = delivery.signed(self.secret.as_bytes());
            *request.uri_mut() = self.github.clone();
            let status = self.send(request, &delivery.event).await;
            self.code.change(|code| code.github.note_delivery(delivery, status, Timestamp::now()));
        }
    }

    /// Brings a command, once, and answers what the door answered: Slack shows it.
    ///
    /// # Errors
    /// When the door does not answer.
    pub async fn bring_command(&self, typed: &TypedCommand) -> Result<Response<Vec<u8>>, Problem> {
        let mut request = typed.signed(self.slack_secret.as_bytes(), Timestamp::now());
        *request.uri_mut() = self.slack.clone();
        let answer = self.transport.call(request).await;
        answer.map_err(|error| Problem::unexpected(format!("the door for Slack did not answer: {error}")))
    }

    /// Hands events over.
    pub async fn tell(&self, events: &[Value]) {
        for event in events {
            let mut request = Request::new(event.to_string().into_bytes());
            *request.method_mut() = Method::POST;
            *request.uri_mut() = self.eventbridge.clone();
            let json = header::HeaderValue::from_static("application/json");
            request.headers_mut().insert(header::CONTENT_TYPE, json);
            self.send(request, "image action").await;
        }
    }

    /// Answers the status, if an answer came.
    async fn send(&self, request: Request<Vec<u8>>, what: &str) -> Option<u16> {
        match self.transport.call(request).await {
            Ok(answer) => {
                if !answer.status().is_success() {
                    let told = String::from_utf8_lossy(answer.body()).into_owned();
                    tracing::warn!(what, status = %answer.status(), told, "a door turned a message away");
                }
                Some(answer.status().as_u16())
            }
            Err(error) => {
                tracing::warn!(what, %error, "a door did not answer");
                None
            }
        }
    }
}
