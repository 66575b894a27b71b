//! Calls as the bot: one request, one answer, its refusal understood.

use super::{Settings, refusal::refusal};
use crate::Transport;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Method, Request, Response};
use roadstead_steps::nouns::CallError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// Calls Slack.
pub(super) struct Caller {
    settings: Settings,
    transport: Arc<dyn Transport>,
}

impl Caller {
    /// Calls as the bot that the settings name.
    pub(super) fn new(settings: Settings, transport: Arc<dyn Transport>) -> Self {
        Self { settings, transport }
    }

    /// Calls a method that changes something.
    ///
    /// # Errors
    /// Any [`CallError`].
    pub(super) async fn write<T: DeserializeOwned>(
        &self,
        method: &str,
        body: &Value,
    ) -> Result<T, CallError> {
        let address = format!("{}/{method}", self.settings.api);
        let request = self.signed_in(json_request(&address, body)?)?;
        understood(&self.send(request, true).await?, true)
    }

    /// Calls a method that only reads.
    ///
    /// # Errors
    /// Any [`CallError`].
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        method: &str,
        arguments: &[(&str, &str)],
    ) -> Result<T, CallError> {
        let query = serde_urlencoded::to_string(arguments).map_err(|_| unwritable())?;
        let address = format!("{}/{method}?{query}", self.settings.api);
        let request = Request::get(address).header(USER_AGENT, "roadstead").body(vec![]);
        let request = self.signed_in(request.map_err(|_| unwritable())?)?;
        understood(&self.send(request, false).await?, false)
    }

    /// Answers a command at its own address, which needs no token.
    ///
    /// # Errors
    /// Any [`CallError`].
    pub(super) async fn answer_command(&self, path: &str, body: &Value) -> Result<(), CallError> {
        let address = format!("{}/{path}", self.settings.hooks);
        let response = self.send(json_request(&address, body)?, true).await?;
        refusal(&response, true).map_or(Ok(()), Err)
    }

    fn signed_in(&self, mut request: Request<Vec<u8>>) -> Result<Request<Vec<u8>>, CallError> {
        let bearer = format!("Bearer {}", self.settings.token.0);
        let mut bearer = HeaderValue::try_from(bearer).map_err(|_| unwritable())?;
        bearer.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, bearer);
        Ok(request)
    }

    /// Sends a request once. One that only reads leaves nothing in doubt.
    async fn send(&self, request: Request<Vec<u8>>, changes: bool) -> Result<Response<Vec<u8>>, CallError> {
        self.transport.call(request).await.map_err(|error| match error {
            CallError::Unavailable { reason, maybe_done } => CallError::Unavailable {
                reason: format!("Slack: {reason}"),
                maybe_done: maybe_done && changes,
            },
            other => other,
        })
    }
}

fn json_request(address: &str, body: &Value) -> Result<Request<Vec<u8>>, CallError> {
    Request::builder()
        .method(Method::POST)
        .uri(address)
        .header(USER_AGENT, "roadstead")
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .body(body.to_string().into_bytes())
        .map_err(|_| unwritable())
}

fn understood<T: DeserializeOwned>(response: &Response<Vec<u8>>, changes: bool) -> Result<T, CallError> {
    if let Some(refusal) = refusal(response, changes) {
        return Err(refusal);
    }
    serde_json::from_slice(response.body()).map_err(|error| CallError::Broken {
        reason: format!("Slack answered something that we do not understand: {error}"),
    })
}

/// An address or a header that has no form. Neither is repeated: they may hold what is secret.
fn unwritable() -> CallError {
    CallError::Broken { reason: "a request to Slack cannot be written".to_owned() }
}
