//! Doors that are invoked over HTTP: by a function URL or an HTTP API (payload format 2.0).

use super::Invoked;
use crate::door::{GithubDoor, HttpApi, SlackDoor, answer, github, http_api, slack};
use lambda_http::{Error, Request, Response, service_fn};
use std::convert::Infallible;

impl Invoked for GithubDoor {
    async fn serve(self) -> Result<(), Error> {
        let answer = |request: Request| {
            answered(request, async |parts, body| github::github(&self, parts, body).await)
        };
        lambda_http::run(service_fn(answer)).await
    }
}

impl Invoked for HttpApi {
    async fn serve(self) -> Result<(), Error> {
        let answer = |request: Request| {
            let door = &self;
            async move {
                let (parts, body) = request.into_parts();
                Ok::<_, Infallible>(http_api::http_api(door, &parts, &body).await)
            }
        };
        lambda_http::run(service_fn(answer)).await
    }
}

impl Invoked for SlackDoor {
    async fn serve(self) -> Result<(), Error> {
        let answer =
            |request: Request| answered(request, async |parts, body| slack::slack(&self, parts, body).await);
        lambda_http::run(service_fn(answer)).await
    }
}

/// Lets a door answer what is a `POST`; how large it may be is the door's own first question.
async fn answered(
    request: Request,
    door: impl AsyncFnOnce(&http::request::Parts, &[u8]) -> Response<String>,
) -> Result<Response<String>, Infallible> {
    let (parts, body) = request.into_parts();
    Ok(if parts.method == http::Method::POST { door(&parts, &body).await } else { answer::of_method("POST") })
}
