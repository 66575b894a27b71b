//! Amazon ECR, modelled: the JSON 1.1 protocol of `AmazonEC2ContainerRegistry_V20150921`, for one account and region.
//!
//! Manifests, configurations and layers are real documents, and digests are the SHA-256 of their bytes.

mod describe;
mod fetch;
mod image;
mod people;
mod refusal;
mod repository;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use describe::{DEFAULT_PAGE, PAGE_LIMIT};
pub use fetch::URL_LIFETIME;
pub use image::Image;
pub use people::Pushed;
pub use refusal::Refusal;
pub use repository::IMAGE_IDS_LIMIT;

use repository::Repository;

const TARGET_PREFIX: &str = "AmazonEC2ContainerRegistry_V20150921.";

/// Where the registry is and how it behaves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// The account id, which is the registry id too.
    pub account: String,
    /// The region.
    pub region: String,
    /// The base of the URLs that GetDownloadUrlForLayer gives out: where this model is served.
    pub endpoint: String,
    /// Refuses every API call with ThrottlingException while set.
    pub throttled: bool,
}

/// One account's private registry.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ecr {
    /// Where it is and how it behaves; may be changed at any time.
    pub settings: Settings,
    repositories: BTreeMap<String, Repository>,
    requests: u64,
    events: u64,
}

impl Ecr {
    /// A registry without repositories.
    pub fn new(settings: Settings) -> Self {
        Self { settings, repositories: BTreeMap::new(), requests: 0, events: 0 }
    }

    /// The host that image references begin with.
    pub fn host(&self) -> String {
        format!("{}.dkr.ecr.{}.amazonaws.com", self.settings.account, self.settings.region)
    }

    /// Whether a repository has a manifest with this digest: what a pull by digest asks.
    pub fn has(&self, repository: &str, digest: &str) -> bool {
        self.repositories.get(repository).is_some_and(|repository| repository.images.contains_key(digest))
    }

    /// The digest that a tag names now.
    pub fn digest_of(&self, repository: &str, tag: &str) -> Option<&str> {
        self.repositories.get(repository)?.tags.get(tag).map(String::as_str)
    }

    /// How many requests were ever made, refused ones included.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Answers one HTTP request: an API call, or the download of a layer.
    pub fn handle(&mut self, request: &Request<Vec<u8>>, now: Timestamp) -> Response<Vec<u8>> {
        self.requests += 1;
        if request.method() == Method::GET {
            return fetch::download(self, request.uri(), now);
        }
        respond(self.call(request, now), self.requests)
    }

    fn call(&self, request: &Request<Vec<u8>>, now: Timestamp) -> Result<Value, Refusal> {
        let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
        let operation = target.and_then(|target| target.strip_prefix(TARGET_PREFIX)).unwrap_or_default();
        if self.settings.throttled {
            return Err(Refusal::throttling());
        }
        let body = request.body();
        match operation {
            "DescribeImages" => describe::images(self, &read(body)?),
            "ListImages" => describe::image_ids(self, &read(body)?),
            "DescribeRepositories" => describe::repositories(self, &read(body)?),
            "BatchGetImage" => fetch::manifests(self, &read(body)?),
            "GetDownloadUrlForLayer" => fetch::download_url(self, &read(body)?, now),
            _ => Err(Refusal::unknown_operation()),
        }
    }

    fn repository(&self, registry: Option<&str>, name: &str) -> Result<&Repository, Refusal> {
        repository::check_name(name)?;
        let registry = registry.unwrap_or(&self.settings.account);
        let found = self.repositories.get(name).filter(|_| registry == self.settings.account);
        found.ok_or_else(|| Refusal::repository_not_found(name, registry))
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::serialization(error.to_string()))
}

fn respond(reply: Result<Value, Refusal>, number: u64) -> Response<Vec<u8>> {
    let (status, body) = match reply {
        Ok(body) => (StatusCode::OK, body),
        Err(refusal) => (StatusCode::BAD_REQUEST, refusal.body()),
    };
    let mut response = Response::new(body.to_string().into_bytes());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
    if let Ok(id) = HeaderValue::from_str(&format!("00000000-0000-4000-8000-{number:012x}")) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}
