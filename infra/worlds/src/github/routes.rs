//! From an HTTP request to the resource that answers it: who asks, which repository, with which permission.

use std::collections::BTreeMap;

use http::header::{AUTHORIZATION, HeaderName, USER_AGENT};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::reply::{Outcome, Refusal, Reply, set};
use super::{
    GitHub, checks, collaborators, comments, commits, contents, deployment_statuses, deployments,
    environments, limits, pulls, repositories, tokens,
};

/// The only version of the REST API that is spoken here.
const API_VERSION: &str = "2022-11-28";
/// The size of a page when the request names none.
const DEFAULT_PAGE: usize = 30;
/// The largest page.
pub(super) const PAGE_LIMIT: usize = 100;

/// One call on one repository, by one installation.
pub(super) struct Call<'a> {
    pub(super) installation: u64,
    pub(super) repository: u64,
    /// What follows the repository in the path, decoded.
    pub(super) rest: Vec<String>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: &'a HeaderMap,
    body: &'a [u8],
    pub(super) now: Timestamp,
}

pub(super) fn answer(world: &mut GitHub, request: &Request<Vec<u8>>, now: Timestamp) -> Response<Vec<u8>> {
    let caller = identify(world, request, now);
    let outcome = match &caller {
        Ok(Caller::Application) => tokens::answer(world, request, now),
        Ok(Caller::Installation(id)) => call(world, *id, request, now),
        Err(refusal) => Err(refusal.clone()),
    };
    let mut response = match outcome {
        Ok(reply) => reply.into_response(request.headers()),
        Err(refusal) => refusal.into_response(),
    };
    if let Ok(Caller::Installation(id)) = caller
        && let Some(installation) = world.installations.get_mut(&id)
    {
        let counted = response.status() != StatusCode::NOT_MODIFIED;
        installation.limits.note(counted, world.settings.requests_per_hour, now, response.headers_mut());
    }
    let number = world.requests;
    let id = format!("{:04X}:{:05X}:{number:07X}", number % 0x1_0000, number.wrapping_mul(7_919) % 0x10_0000);
    set(response.headers_mut(), HeaderName::from_static("x-github-request-id"), &id);
    set(response.headers_mut(), HeaderName::from_static("x-github-api-version-selected"), API_VERSION);
    set(response.headers_mut(), HeaderName::from_static("x-github-media-type"), "github.v3; format=json");
    response
}

enum Caller {
    Application,
    Installation(u64),
}

fn identify(world: &GitHub, request: &Request<Vec<u8>>, now: Timestamp) -> Result<Caller, Refusal> {
    if !request.headers().contains_key(USER_AGENT) {
        let message = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). Check https://developer.github.com for other possible causes.";
        return Err(Refusal::new(403, message));
    }
    let version = request.headers().get("x-github-api-version").and_then(|value| value.to_str().ok());
    if let Some(other) = version.filter(|version| *version != API_VERSION) {
        return Err(Refusal::new(400, format!("The API version '{other}' is not supported.")));
    }
    if request.uri().path().starts_with("/app/") {
        return Ok(Caller::Application);
    }
    let token = bearer(request.headers()).ok_or_else(|| Refusal::new(401, "Requires authentication"))?;
    tokens::installation_of(world, token, now).map(Caller::Installation).ok_or_else(Refusal::bad_credentials)
}

/// The credential after `Bearer` or `token`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    ["bearer", "token"].contains(&scheme.to_ascii_lowercase().as_str()).then_some(token)
}

fn call(world: &mut GitHub, installation: u64, request: &Request<Vec<u8>>, now: Timestamp) -> Outcome {
    limits::admit(world, installation, request.method(), now)?;
    let path = segments(request.uri().path());
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let (repository, rest) = match path.as_slice() {
        ["repos", owner, name, rest @ ..] => {
            (repositories::by_name(world, installation, (owner, name), request.uri())?, rest)
        }
        ["repositories", id, rest @ ..] => (number(id)?, rest),
        _ => return Err(Refusal::not_found()),
    };
    if !world.sees(installation, repository) {
        return Err(Refusal::not_found());
    }
    let call = Call {
        installation,
        repository,
        rest: rest.iter().map(|&part| part.to_owned()).collect(),
        query: request
            .uri()
            .query()
            .and_then(|query| serde_urlencoded::from_str(query).ok())
            .unwrap_or_default(),
        headers: request.headers(),
        body: request.body(),
        now,
    };
    check_permission(world, &call, request.method())?;
    dispatch(world, &call, request.method())
}

fn segments(path: &str) -> Vec<String> {
    let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    path.trim_matches('/').split('/').map(decoded).collect()
}

/// A number in a path; what is none leads nowhere.
fn number(text: &str) -> Result<u64, Refusal> {
    text.parse().map_err(|_| Refusal::not_found())
}

/// One of these permissions opens a resource; every installation has the one on metadata.
fn permissions(rest: &[&str]) -> &'static [&'static str] {
    match rest {
        ["pulls", ..] => &["pull_requests"],
        ["issues", ..] => &["issues", "pull_requests"],
        ["check-runs", ..] | ["commits", _, "check-runs"] => &["checks"],
        ["commits" | "branches" | "contents" | "compare", ..] => &["contents"],
        ["deployments", ..] => &["deployments"],
        ["environments", ..] => &["actions"],
        _ => &["metadata"],
    }
}

fn check_permission(world: &GitHub, call: &Call<'_>, method: &Method) -> Result<(), Refusal> {
    let rest: Vec<&str> = call.rest.iter().map(String::as_str).collect();
    let needed = match (method, rest.as_slice()) {
        (&Method::DELETE, ["environments", ..]) => &["administration"][..],
        _ => permissions(&rest),
    };
    let write = *method != Method::GET;
    let installation = world.installations.get(&call.installation).ok_or_else(Refusal::bad_credentials)?;
    let granted = needed.iter().any(|&permission| installation.may(permission, write));
    if granted { Ok(()) } else { Err(Refusal::not_accessible()) }
}

fn dispatch(world: &mut GitHub, call: &Call<'_>, method: &Method) -> Outcome {
    let rest: Vec<&str> = call.rest.iter().map(String::as_str).collect();
    match (method.as_str(), rest.as_slice()) {
        ("GET", []) => repositories::get(world, call),
        ("GET", ["pulls"]) => pulls::list(world, call),
        ("GET", ["pulls", pull]) => pulls::get(world, call, number(pull)?),
        ("GET", ["commits", reference, "check-runs"]) => checks::list(world, call, reference),
        ("POST", ["check-runs"]) => checks::create(world, call),
        ("GET", ["check-runs", id]) => checks::get(world, call, number(id)?),
        ("PATCH", ["check-runs", id]) => checks::update(world, call, number(id)?),
        ("GET", ["commits", reference @ ..]) => commits::get(world, call, &reference.join("/")),
        ("GET", ["compare", range @ ..]) => commits::compare(world, call, &range.join("/")),
        ("GET", ["branches", branch @ ..]) => commits::branch(world, call, &branch.join("/")),
        ("GET", ["contents", path @ ..]) => contents::get(world, call, &path.join("/")),
        ("GET", ["issues", "comments", id]) => comments::get(world, call, number(id)?),
        ("PATCH", ["issues", "comments", id]) => comments::update(world, call, number(id)?),
        ("DELETE", ["issues", "comments", id]) => comments::delete(world, call, number(id)?),
        ("GET", ["issues", issue, "comments"]) => comments::list(world, call, number(issue)?),
        ("POST", ["issues", issue, "comments"]) => comments::create(world, call, number(issue)?),
        ("GET", ["deployments"]) => deployments::list(world, call),
        ("POST", ["deployments"]) => deployments::create(world, call),
        ("GET", ["deployments", id]) => deployments::get(world, call, number(id)?),
        ("GET", ["deployments", id, "statuses"]) => deployment_statuses::list(world, call, number(id)?),
        ("POST", ["deployments", id, "statuses"]) => deployment_statuses::create(world, call, number(id)?),
        ("GET", ["environments"]) => environments::list(world, call),
        ("GET", ["environments", name @ ..]) => environments::get(world, call, &name.join("/")),
        ("DELETE", ["environments", name @ ..]) => environments::delete(world, call, &name.join("/")),
        ("GET", ["collaborators", login, "permission"]) => collaborators::permission(world, call, login),
        _ => Err(Refusal::not_found()),
    }
}

impl Call<'_> {
    /// The body, which must be a JSON object of this shape.
    pub(super) fn read<T: DeserializeOwned>(&self, resource: &str) -> Result<T, Refusal> {
        let value: Value =
            serde_json::from_slice(self.body).map_err(|_| Refusal::new(400, "Problems parsing JSON"))?;
        serde_json::from_value(value)
            .map_err(|error| Refusal::invalid(resource, "data", "invalid", Some(error.to_string())))
    }

    /// The page of `all` that is asked for, with links to its neighbours.
    pub(super) fn page(&self, world: &GitHub, all: &[Value]) -> Reply {
        let asked = |name: &str| self.query.get(name).and_then(|text| text.parse::<usize>().ok());
        let size = asked("per_page").unwrap_or(DEFAULT_PAGE).clamp(1, PAGE_LIMIT);
        let page = asked("page").unwrap_or(1).max(1);
        let last = all.len().div_ceil(size).max(1);
        let shown: Vec<Value> =
            all.iter().skip((page - 1).saturating_mul(size)).take(size).cloned().collect();
        let mut reply = Reply::json(&Value::Array(shown));
        let mut links = Vec::new();
        if page > 1 {
            links.push(self.link(world, page - 1, "prev"));
        }
        if page < last {
            links.push(self.link(world, page + 1, "next"));
            links.push(self.link(world, last, "last"));
        }
        if page > 1 {
            links.push(self.link(world, 1, "first"));
        }
        reply.link = (!links.is_empty()).then(|| links.join(", "));
        reply
    }

    fn link(&self, world: &GitHub, page: usize, relation: &str) -> String {
        let mut query = self.query.clone();
        query.insert("page".to_owned(), page.to_string());
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        let (api, rest) = (&world.settings.api_url, self.rest.join("/"));
        format!("<{api}/repositories/{}/{rest}?{query}>; rel=\"{relation}\"", self.repository)
    }
}
