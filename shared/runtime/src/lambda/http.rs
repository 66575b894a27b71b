//! Doors that are invoked over HTTP: by a function URL or an HTTP API (payload format 2.0).

use super::Invoked;
use crate::door::{GithubDoor, ImagesDoor, answer, github, images};
use lambda_http::{Error, Request, Response, service_fn};
use roadstead_senders::{DoorError, limit};
use std::convert::Infallible;

impl Invoked for GithubDoor {
    async fn serve(self) -> Result<(), Error> {
        let answer = |request: Request| {
            answered(request, async |parts, body| github::github(&self, parts, body).await)
        };
        lambda_http::run(service_fn(answer)).await
    }
}

impl Invoked for ImagesDoor {
    async fn serve(self) -> Result<(), Error> {
        let answer = |request: Request| {
            answered(request, async |parts, body| images::images(&self, parts, body).await)
        };
        lambda_http::run(service_fn(answer)).await
    }
}

/// Lets a door answer what is a `POST` and not too large.
async fn answered(
    request: Request,
    door: impl AsyncFnOnce(&http::request::Parts, &[u8]) -> Response<String>,
) -> Result<Response<String>, Infallible> {
    let (parts, body) = request.into_parts();
    Ok(match &body {
        _ if parts.method != http::Method::POST => answer::of_method(),
        body if body.len() > limit::BODY => answer::of_error(&DoorError::TooLarge),
        body => door(&parts, body).await,
    })
}
