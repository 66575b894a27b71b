//! One request to an API server and its whole answer.

use http::header::RETRY_AFTER;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use jiff::SignedDuration;
use kube::client::Body;
use roadstead_steps::nouns::CallError;

/// The largest answer that is read, in bytes: above what 500 large objects take.
pub(crate) const ANSWER_LIMIT: usize = 64 * 1024 * 1024;

/// An answer, whatever its status.
#[derive(Clone)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// How long the server asks to wait (RFC 9110, `Retry-After`, in seconds).
    pub(crate) retry_after: Option<SignedDuration>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// Sends a request once and reads its answer.
///
/// # Errors
/// [`CallError::Unavailable`] when no whole answer came; it says whether the request may have had an effect.
pub(crate) async fn exchange(client: &kube::Client, request: Request<Vec<u8>>) -> Result<Answer, CallError> {
    let changes = may_change(&request);
    let response = client.send(request.map(Body::from)).await.map_err(|error| no_answer(&error, changes))?;
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(SignedDuration::from_secs);
    let body = Limited::new(response.into_body(), ANSWER_LIMIT)
        .collect()
        .await
        .map_err(|_| unavailable("the cluster's answer broke off or is too large", changes))?
        .to_bytes();
    Ok(Answer { status, retry_after, body: body.into() })
}

/// Whether a request changes something when it succeeds.
pub(crate) fn may_change<B>(request: &Request<B>) -> bool {
    let dry_run = request.uri().query().is_some_and(|query| query.contains("dryRun=All"));
    request.method() != Method::GET && !dry_run
}

/// Says why no answer came without repeating the error, which may show what was sent.
fn no_answer(error: &kube::Error, changes: bool) -> CallError {
    match error {
        kube::Error::Service(cause) if is_connecting(cause.as_ref()) => {
            unavailable("the cluster cannot be reached", false)
        }
        kube::Error::Service(_) | kube::Error::HyperError(_) => {
            unavailable("the cluster did not answer", changes)
        }
        kube::Error::Auth(_) => unavailable("the credentials for the cluster cannot be had", false),
        _ => unavailable("the request could not be sent to the cluster", changes),
    }
}

fn is_connecting(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause
        .downcast_ref::<hyper_util::client::legacy::Error>()
        .is_some_and(hyper_util::client::legacy::Error::is_connect)
}

fn unavailable(reason: &str, maybe_done: bool) -> CallError {
    CallError::Unavailable { reason: reason.to_owned(), maybe_done }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Response;

    /// What is made of an answer of so many bytes.
    async fn read(length: usize) -> Result<usize, CallError> {
        let service = tower::service_fn(move |_: Request<Body>| async move {
            Ok::<_, tower::BoxError>(Response::new(Body::from(vec![b'x'; length])))
        });
        let client = kube::Client::new(service, "default");
        exchange(&client, Request::get("/").body(vec![]).unwrap()).await.map(|answer| answer.body.len())
    }

    #[tokio::test]
    async fn an_answer_of_64_mebibytes_is_read_and_no_larger() {
        assert_eq!(read(ANSWER_LIMIT).await, Ok(ANSWER_LIMIT));
        let larger = read(ANSWER_LIMIT + 1).await;
        assert!(matches!(&larger, Err(CallError::Unavailable { .. })), "{larger:?}");
    }
}
