//! What stands for an environment's traffic: a page at its own address that says what would be served there.

use super::{http::Place, worlds::seed};
use crate::problem::Problem;
use axum::{Router, body::Body, extract::Request};
use http::{Response, StatusCode, header};
use roadstead_domain::{
    environment::Environment,
    name::EnvironmentId,
    plan::{
        mark::{MANAGED_BY_LABEL, MANAGER, mark_of},
        rules::KINDS,
    },
};
use roadstead_steps::{
    context::Context,
    nouns::{Cluster, Clusters, cluster::Kind},
    rows,
    step::objects,
};
use serde_json::Value;
use std::{fmt::Write as _, sync::Arc};

/// The port that addresses without one mean.
pub const HTTP: u16 = 80;

/// What the pages are made of.
#[derive(Clone)]
pub struct Pages {
    /// What the service knows.
    pub context: Context,
    /// What the clusters show.
    pub clusters: Arc<dyn Clusters>,
}

/// Where pages are served: at port 80 if this user may and it is free, else at any port.
///
/// # Errors
/// When there is no port at all.
pub async fn place() -> Result<Place, Problem> {
    match Place::at(HTTP).await {
        Ok(place) => Ok(place),
        Err(_) => Place::at(0).await,
    }
}

/// An address with the port that is served here.
pub fn openable(url: &str, port: u16) -> String {
    match url.strip_prefix("http://") {
        Some(rest) if port != HTTP => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            format!("http://{host}:{port}/{path}")
        }
        _ => url.to_owned(),
    }
}

/// A page for every host.
pub fn router(pages: Pages) -> Router {
    Router::new().fallback(move |request: Request| {
        let pages = pages.clone();
        async move {
            let host =
                request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            pages.answer(host.split(':').next().unwrap_or_default()).await
        }
    })
}

/// What is behind a host.
struct Behind {
    mark: String,
    deployments: Vec<Value>,
}

impl Pages {
    async fn answer(&self, host: &str) -> Response<Body> {
        match self.behind(host).await {
            Some(behind) => {
                let environment = self.environment(&behind.mark).await;
                html(StatusCode::OK, &page(&behind, environment.as_ref()))
            }
            None => html(StatusCode::NOT_FOUND, &format!("<p>Nothing is served at {}.</p>", escaped(host))),
        }
    }

    /// Looks for the Ingress of a host, in every namespace of ours.
    async fn behind(&self, host: &str) -> Option<Behind> {
        let label = format!("{MANAGED_BY_LABEL}={MANAGER}");
        for name in seed::cluster_names().ok()? {
            let cluster = self.clusters.open(&name).await.ok()?;
            for namespace in cluster.list(&objects::namespaces(), None, &label).await.ok()? {
                let Some(name) = objects::name_of(&namespace) else { continue };
                let ingresses = list(cluster.as_ref(), "Ingress", name, &label).await;
                if ingresses.iter().any(|ingress| serves(ingress, host)) {
                    let deployments = list(cluster.as_ref(), "Deployment", name, &label).await;
                    return Some(Behind { mark: mark_of(&namespace)?.to_owned(), deployments });
                }
            }
        }
        None
    }

    async fn environment(&self, mark: &str) -> Option<Environment> {
        let (_, id) = mark.split_once('/')?;
        let id: EnvironmentId = id.parse().ok()?;
        rows::load(self.context.state.as_ref(), &rows::environment(&id)).await.ok()?
    }
}

async fn list(cluster: &dyn Cluster, kind: &str, namespace: &str, label: &str) -> Vec<Value> {
    let Some(kind) = kind_named(kind) else { return vec![] };
    cluster.list(&kind, Some(namespace), label).await.unwrap_or_default()
}

/// A rendered kind by its name.
pub fn kind_named(name: &str) -> Option<Kind> {
    KINDS.iter().find(|kind| kind.kind == name).map(objects::kind_of)
}

fn serves(ingress: &Value, host: &str) -> bool {
    ingress["spec"]["rules"].as_array().is_some_and(|rules| rules.iter().any(|rule| rule["host"] == host))
}

fn page(behind: &Behind, environment: Option<&Environment>) -> String {
    let mut text = format!("<h1>{}</h1>", escaped(&behind.mark));
    if let Some(revisions) = environment.and_then(|environment| environment.revisions.as_ref()) {
        let _ = write!(text, "<p>commit <code>{}</code></p>", escaped(revisions.commit.as_str()));
    }
    text.push_str("<table><tr><th>workload</th><th>image</th><th>ready pods</th></tr>");
    for deployment in &behind.deployments {
        let image =
            deployment["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap_or_default();
        let ready = deployment["status"]["readyReplicas"].as_u64().unwrap_or(0);
        let wanted = deployment["spec"]["replicas"].as_u64().unwrap_or(1);
        let name = objects::name_of(deployment).unwrap_or_default();
        let _ = write!(
            text,
            "<tr><td>{}</td><td><code>{}</code></td><td>{ready} of {wanted}</td></tr>",
            escaped(name),
            escaped(image)
        );
    }
    text + "</table>"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn html(status: StatusCode, content: &str) -> Response<Body> {
    let text = format!("<!doctype html><meta charset=utf-8><title>Roadstead</title>{content}\n");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let html = header::HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_the_port_where_it_must() {
        assert_eq!(openable("http://a.test/b", 80), "http://a.test/b");
        assert_eq!(openable("http://a.test/b", 8080), "http://a.test:8080/b");
        assert_eq!(openable("http://a.test", 8080), "http://a.test:8080/");
        assert_eq!(openable("https://a.test/", 8080), "https://a.test/");
    }

    #[test]
    fn what_others_wrote_is_no_markup() {
        let behind = Behind { mark: "demo/<b>/x".to_owned(), deployments: vec![] };
        assert!(page(&behind, None).contains("demo/&lt;b&gt;/x"));
    }
}
