//! Requests over HTTPS, with the certificate authorities that Mozilla trusts.

use crate::Transport;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, Error, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use roadstead_steps::nouns::CallError;
use std::time::Duration;

/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take until its answer was read.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a connection is kept while nothing is sent.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest answer that is read, in bytes: above what a page of 100 pull requests with their longest texts takes.
const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

/// HTTP/1.1 over TLS. It keeps connections, and follows no redirect.
pub struct Https {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    answer_limit: usize,
    call_timeout: Duration,
}

impl Https {
    /// Sends to `https` addresses, and with `plain` to `http` addresses too.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(plain: bool) -> Result<Self, CallError> {
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|_| CallError::Broken { reason: "TLS cannot be set up".to_owned() })?;
        let schemes = if plain { tls.https_or_http() } else { tls.https_only() };
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(schemes.enable_http1().wrap_connector(tcp));
        Ok(Self { client, answer_limit: ANSWER_LIMIT, call_timeout: CALL_TIMEOUT })
    }

    async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let response = self.client.request(request).await.map_err(|error| no_answer(&error))?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, self.answer_limit)
            .collect()
            .await
            .map_err(|_| unavailable("the answer broke off or is too large", true))?;
        Ok(Response::from_parts(parts, body.to_bytes().into()))
    }
}

#[async_trait::async_trait]
impl Transport for Https {
    async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        tokio::time::timeout(self.call_timeout, self.exchange(request))
            .await
            .unwrap_or_else(|_| Err(unavailable("no answer in time", true)))
    }
}

/// Says why no answer came without repeating the error, which may show what was sent.
fn no_answer(error: &Error) -> CallError {
    if error.is_connect() {
        unavailable("no connection could be made", false)
    } else {
        unavailable("the connection broke", true)
    }
}

fn unavailable(reason: &str, maybe_done: bool) -> CallError {
    CallError::Unavailable { reason: reason.to_owned(), maybe_done }
}

#[cfg(test)]
mod tests;
