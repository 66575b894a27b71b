//! The doors of the service over HTTP, on one address.

use super::http::whole;
use axum::{
    Router,
    body::Body,
    extract::Request,
    routing::{any, post},
};
use http::{Response, StatusCode};
use roadstead_runtime::door::{self, GithubDoor, HttpApi, RegistryDoor, SlackDoor};
use roadstead_senders::limit;
use std::sync::Arc;

/// The name of the one GitHub hook of this stack.
pub const HOOK: &str = "app";

/// All doors.
pub struct Doors {
    /// For GitHub's webhooks.
    pub github: GithubDoor,
    /// For CI systems.
    pub api: HttpApi,
    /// For Slack's commands.
    pub slack: SlackDoor,
    /// For ECR's events.
    pub registry: RegistryDoor,
}

/// The doors by path.
pub fn router(doors: Doors) -> Router {
    let doors = Arc::new(doors);
    let (github, api, slack, registry) = (doors.clone(), doors.clone(), doors.clone(), doors);
    let through_api = move |request: Request| {
        let api = api.clone();
        async move { through_api(&api, request).await }
    };
    Router::new()
        .route(
            "/github/{hook}",
            post(move |request: Request| async move { through_github(&github, request).await }),
        )
        .route("/images", any(through_api.clone()))
        .route("/configurations", any(through_api.clone()))
        .route("/outcomes/{name}", any(through_api))
        .route("/slack", post(move |request: Request| async move { through_slack(&slack, request).await }))
        .route(
            "/eventbridge",
            post(move |request: Request| async move { through_registry(&registry, request).await }),
        )
}

async fn through_github(doors: &Doors, request: Request) -> Response<Body> {
    match whole(request, limit::BODY_LIMIT).await {
        Ok(request) => {
            let (parts, body) = request.into_parts();
            door::github::github(&doors.github, &parts, &body).await.map(Body::from)
        }
        Err(refusal) => refusal,
    }
}

async fn through_api(doors: &Doors, request: Request) -> Response<Body> {
    match whole(request, limit::BODY_LIMIT).await {
        Ok(request) => {
            let (parts, body) = request.into_parts();
            door::http_api::http_api(&doors.api, &parts, &body).await.map(Body::from)
        }
        Err(refusal) => refusal,
    }
}

async fn through_slack(doors: &Doors, request: Request) -> Response<Body> {
    match whole(request, limit::BODY_LIMIT).await {
        Ok(request) => {
            let (parts, body) = request.into_parts();
            door::slack::slack(&doors.slack, &parts, &body).await.map(Body::from)
        }
        Err(refusal) => refusal,
    }
}

/// EventBridge invokes the function with the event itself; here it is the body.
async fn through_registry(doors: &Doors, request: Request) -> Response<Body> {
    let status = match whole(request, limit::BODY_LIMIT).await {
        Ok(request) => match door::eventbridge::registry_push(&doors.registry, request.body()).await {
            Ok(()) => StatusCode::ACCEPTED,
            Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        },
        Err(refusal) => return refusal,
    };
    super::http::refusal(status)
}
