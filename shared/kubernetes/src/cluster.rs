//! Objects of one cluster: get, list, apply, patch, delete.

use crate::address;
use crate::exchange::{Answer, exchange, may_change};
use crate::status::{About, is_missing, refusal};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request};
use roadstead_domain::plan::mark::MANAGER;
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::cluster::{Apply, Cluster, Delete, Kind, Reference};
use serde_json::{Value, json};

/// The media types of patches (Kubernetes API, "Patch"): server-side apply, and RFC 7396.
const APPLY: &str = "application/apply-patch+yaml";
const MERGE: &str = "application/merge-patch+json";
/// How many objects one page of a list holds.
const PAGE: &str = "500";
/// How many pages a list may have before it is taken for endless.
const PAGES_LIMIT: usize = 200;

/// One cluster, as one identity of ours.
pub struct KubeCluster {
    client: kube::Client,
}

impl KubeCluster {
    /// Talks through a client, which must not retry by itself.
    pub fn new(client: kube::Client) -> Self {
        Self { client }
    }

    /// One page of a list: its objects, and what to continue with when there are more.
    async fn page(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        query: &[(&str, &str)],
    ) -> Result<(Vec<Value>, Option<String>), CallError> {
        let request = get(&with_query(address::list(kind, namespace)?, query)?)?;
        let answer = exchange(&self.client, request).await?;
        if !answer.status.is_success() {
            return Err(refusal(&answer, About { kind: &kind.kind, name: None, changes: false }));
        }
        let mut page = object(&answer)?;
        let Value::Array(items) = page["items"].take() else {
            return Err(broken("the cluster answered a list without items"));
        };
        let more = page["metadata"]["continue"].as_str().filter(|more| !more.is_empty());
        Ok((items, more.map(str::to_owned)))
    }

    async fn send(
        &self,
        reference: &Reference,
        request: Request<Vec<u8>>,
    ) -> Result<Option<Answer>, CallError> {
        let about =
            About { kind: &reference.kind.kind, name: Some(&reference.name), changes: may_change(&request) };
        let answer = exchange(&self.client, request).await?;
        match answer.status {
            status if status.is_success() => Ok(Some(answer)),
            _ if is_missing(&answer, &reference.name) => Ok(None),
            _ => Err(refusal(&answer, about)),
        }
    }
}

#[async_trait::async_trait]
impl Cluster for KubeCluster {
    async fn get(&self, reference: &Reference) -> Result<Option<Value>, CallError> {
        let answer = self.send(reference, get(&address::object(reference)?)?).await?;
        answer.as_ref().map(object).transpose()
    }

    async fn list(&self, kind: &Kind, namespace: Option<&str>, label: &str) -> Result<Vec<Value>, CallError> {
        let mut objects = Vec::new();
        let mut from = None;
        for _ in 0..PAGES_LIMIT {
            let mut query = vec![("labelSelector", label), ("limit", PAGE)];
            query.extend(from.as_deref().map(|from| ("continue", from)));
            let (items, more) = self.page(kind, namespace, &query).await?;
            objects.extend(items);
            if more.is_none() {
                return Ok(objects);
            }
            from = more;
        }
        Err(broken("the cluster's list does not end"))
    }

    async fn apply(&self, reference: &Reference, manifest: &Value, apply: Apply) -> Result<Value, CallError> {
        let request = apply_request(&address::object(reference)?, manifest, apply)?;
        match self.send(reference, request).await? {
            Some(answer) => object(&answer),
            None => Err(CallError::Missing { reason: format!("{} {}", reference.kind.kind, reference.name) }),
        }
    }

    async fn patch(&self, reference: &Reference, patch: &Value) -> Result<Value, CallError> {
        let request = patch_request(&address::object(reference)?, MERGE, patch, &[])?;
        match self.send(reference, request).await? {
            Some(answer) => object(&answer),
            None => {
                Err(CallError::Conflict { reason: format!("{} {}", reference.kind.kind, reference.name) })
            }
        }
    }

    async fn delete(&self, reference: &Reference, delete: &Delete) -> Result<(), CallError> {
        let request = delete_request(&address::object(reference)?, delete)?;
        self.send(reference, request).await.map(drop)
    }
}

fn get(address: &str) -> Result<Request<Vec<u8>>, CallError> {
    request(Method::GET, address, None, Vec::new())
}

fn apply_request(address: &str, object: &Value, apply: Apply) -> Result<Request<Vec<u8>>, CallError> {
    let force = apply.force.then_some(("force", "true"));
    let dry_run = apply.dry_run.then_some(("dryRun", "All"));
    let query: Vec<_> = force.into_iter().chain(dry_run).collect();
    patch_request(address, APPLY, object, &query)
}

fn patch_request(
    address: &str,
    content_type: &str,
    body: &Value,
    more: &[(&str, &str)],
) -> Result<Request<Vec<u8>>, CallError> {
    let query = [&[("fieldManager", MANAGER), ("fieldValidation", "Strict")], more].concat();
    let address = with_query(address.to_owned(), &query)?;
    request(Method::PATCH, &address, Some(content_type), body.to_string().into_bytes())
}

fn delete_request(address: &str, delete: &Delete) -> Result<Request<Vec<u8>>, CallError> {
    let mut options = json!({
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Background",
    });
    if let Some(uid) = &delete.uid {
        options["preconditions"]["uid"] = json!(uid);
    }
    if let Some(version) = &delete.resource_version {
        options["preconditions"]["resourceVersion"] = json!(version);
    }
    request(Method::DELETE, address, Some("application/json"), options.to_string().into_bytes())
}

fn with_query(address: String, query: &[(&str, &str)]) -> Result<String, CallError> {
    match serde_urlencoded::to_string(query) {
        Ok(query) => Ok(format!("{address}?{query}")),
        Err(_) => Err(broken("a query for the cluster cannot be written")),
    }
}

fn request(
    method: Method,
    address: &str,
    content_type: Option<&str>,
    body: Vec<u8>,
) -> Result<Request<Vec<u8>>, CallError> {
    let mut request = Request::builder().method(method).uri(address).header(ACCEPT, "application/json");
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    request.body(body).map_err(|_| broken("an address in the cluster cannot be written"))
}

/// The object in an answer. What is wrong with one that cannot be read is not said: it may be a Secret.
fn object(answer: &Answer) -> Result<Value, CallError> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| broken("the cluster answered something that is not JSON"))
}

fn broken(reason: &str) -> CallError {
    CallError::Broken { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
