//! Calls as the installation: one request, one answer, its refusal understood.

use super::Settings;
use super::budget::Said;
use super::pause::Pause;
use super::refusal::refusal;
use super::token::{Token, Tokens};
use crate::Transport;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use roadstead_steps::nouns::git_host::Budget;
use roadstead_steps::nouns::{CallError, Time};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// The version of the REST API that we were written for.
const API_VERSION: &str = "2022-11-28";
/// What the header `accept` says unless a call needs another form.
const JSON: &str = "application/vnd.github+json";
/// What stands for itself in a segment of a path (RFC 3986, "unreserved").
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as one segment of a path.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// What a call asks for.
pub(super) struct Call<'a> {
    method: Method,
    address: &'a str,
    body: Option<Value>,
    accept: &'static str,
    tag: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// Reads what is at an address.
    pub(super) fn get(address: &'a str) -> Self {
        Self { method: Method::GET, address, body: None, accept: JSON, tag: None }
    }

    /// Sends something to an address.
    pub(super) fn send(method: Method, address: &'a str, body: Value) -> Self {
        Self { body: Some(body), method, ..Self::get(address) }
    }

    /// Removes what is at an address.
    pub(super) fn delete(address: &'a str) -> Self {
        Self { method: Method::DELETE, ..Self::get(address) }
    }

    /// In another form than the usual one.
    pub(super) fn accept(self, accept: &'static str) -> Self {
        Self { accept, ..self }
    }

    /// Only if something changed since this tag was given.
    pub(super) fn unless(self, tag: Option<&'a str>) -> Self {
        Self { tag, ..self }
    }
}

/// Requests without knowing whose they are: addresses, headers, the present moment.
pub(super) struct Wire {
    base: String,
    time: Arc<dyn Time>,
    transport: Arc<dyn Transport>,
}

impl Wire {
    /// The present moment.
    pub(super) fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// Builds a request to an address below the base.
    ///
    /// # Errors
    /// When the address or a header cannot be written.
    pub(super) fn request(
        &self,
        method: Method,
        address: &str,
        token: &Token,
        body: Option<&Value>,
    ) -> Result<Request<Vec<u8>>, CallError> {
        let unwritable = |_| broken("an address at GitHub cannot be written");
        let mut bearer = HeaderValue::try_from(token.bearer())
            .map_err(|_| broken("a token of GitHub's cannot be sent"))?;
        bearer.set_sensitive(true);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{address}", self.base))
            .header(USER_AGENT, "roadstead")
            .header("x-github-api-version", API_VERSION)
            .header(ACCEPT, JSON)
            .header(AUTHORIZATION, bearer);
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        request.body(body).map_err(unwritable)
    }

    /// Sends a request once. One that only reads leaves nothing in doubt.
    ///
    /// # Errors
    /// [`CallError::Unavailable`], when no whole answer came.
    pub(super) async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        let reads = request.method() == Method::GET;
        self.transport.call(request).await.map_err(|error| match error {
            CallError::Unavailable { reason, maybe_done } => CallError::Unavailable {
                reason: format!("GitHub: {reason}"),
                maybe_done: maybe_done && !reads,
            },
            other => other,
        })
    }

    /// Why a call did not succeed.
    pub(super) fn refusal(&self, response: &Response<Vec<u8>>, changes: bool) -> CallError {
        refusal(response, changes, self.now())
    }
}

/// Calls GitHub as the installation.
pub(super) struct Caller {
    wire: Wire,
    tokens: Tokens,
    said: Said,
    pause: Pause,
}

impl Caller {
    /// Calls as the installation that the settings name.
    pub(super) fn new(settings: Settings, time: Arc<dyn Time>, transport: Arc<dyn Transport>) -> Self {
        let Settings { base, app, key, installation } = settings;
        let base = base.trim_end_matches('/').to_owned();
        let tokens = Tokens::new(app, key, installation);
        Self { wire: Wire { base, time, transport }, tokens, said: Said::default(), pause: Pause::default() }
    }

    /// What was said last of how much the installation may still ask.
    pub(super) fn budget(&self) -> Option<Budget> {
        self.said.last(self.wire.now())
    }

    /// Calls as the App itself, not as its installation.
    ///
    /// # Errors
    /// Any [`CallError`].
    pub(super) async fn call_as_app(&self, call: Call<'_>) -> Result<Response<Vec<u8>>, CallError> {
        let response = self.attempt(&call, &self.tokens.of_app(&self.wire)?).await?;
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(self.refusal(&response, call.method != Method::GET))
        }
    }

    /// Refuses what changes something while GitHub asks us to wait, and what is only looked at in order to change it: many
    /// that wait would look again and again, until nothing is left of the hour's requests.
    ///
    /// # Errors
    /// [`CallError::Throttled`], with what is left of the pause.
    pub(super) fn may_change(&self) -> Result<(), CallError> {
        self.pause.check(self.wire.now())
    }

    /// Calls and answers what came back, if it is a success or says that nothing changed.
    ///
    /// # Errors
    /// Any [`CallError`].
    pub(super) async fn call(&self, call: Call<'_>) -> Result<Response<Vec<u8>>, CallError> {
        let changes = call.method != Method::GET;
        if changes {
            self.may_change()?;
        }
        let response = self.answer(&call).await?;
        let unchanged = call.tag.is_some() && response.status() == StatusCode::NOT_MODIFIED;
        if response.status().is_success() || unchanged {
            return Ok(response);
        }
        let refusal = self.refusal(&response, changes);
        if changes {
            self.pause.note(&refusal, self.wire.now());
        }
        Err(refusal)
    }

    /// Calls and answers what came back, whatever it is. A token that is not accepted is renewed once.
    ///
    /// # Errors
    /// When there is no token, or no answer.
    pub(super) async fn answer(&self, call: &Call<'_>) -> Result<Response<Vec<u8>>, CallError> {
        let token = self.tokens.token(&self.wire, None).await?;
        let response = self.attempt(call, &token).await?;
        self.said.note(response.headers());
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        // A token can end early, when the installation changes. What came with it had no effect.
        let token = self.tokens.token(&self.wire, Some(&token)).await?;
        self.attempt(call, &token).await
    }

    /// Why a call did not succeed; `changes` says whether it changes something when it does.
    pub(super) fn refusal(&self, response: &Response<Vec<u8>>, changes: bool) -> CallError {
        self.wire.refusal(response, changes)
    }

    /// Calls, and answers nothing when GitHub says that there is nothing at the address.
    ///
    /// # Errors
    /// Any [`CallError`] but [`CallError::Missing`].
    pub(super) async fn find(&self, call: Call<'_>) -> Result<Option<Response<Vec<u8>>>, CallError> {
        match self.call(call).await {
            Ok(response) => Ok(Some(response)),
            Err(CallError::Missing { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    async fn attempt(&self, call: &Call<'_>, token: &Token) -> Result<Response<Vec<u8>>, CallError> {
        let mut request = self.wire.request(call.method.clone(), call.address, token, call.body.as_ref())?;
        let unwritable = |_| broken("a header for GitHub cannot be written");
        request.headers_mut().insert(ACCEPT, call.accept.parse().map_err(unwritable)?);
        if let Some(tag) = call.tag {
            request.headers_mut().insert(IF_NONE_MATCH, tag.parse().map_err(unwritable)?);
        }
        self.wire.send(request).await
    }
}

/// Reads the JSON of an answer.
///
/// # Errors
/// When it is not what was expected.
pub(super) fn read<T: DeserializeOwned>(response: &Response<Vec<u8>>) -> Result<T, CallError> {
    serde_json::from_slice(response.body())
        .map_err(|error| broken(&format!("GitHub answered something that we do not understand: {error}")))
}

/// The answer makes no sense to us.
pub(super) fn broken(reason: &str) -> CallError {
    CallError::Broken { reason: reason.to_owned() }
}
