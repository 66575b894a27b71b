//! What a request asks for: from method, path and query to a verb on a kind.

use std::collections::BTreeMap;

use http::{Method, Request};
use serde_json::Value;

use super::kinds::Kind;
use super::refusal::Refusal;
use super::settings::User;

/// The largest body that is read, in bytes.
pub(super) const BODY_LIMIT: usize = 3 * 1024 * 1024;

const APPLY: &str = "application/apply-patch+yaml";
const MERGE: &str = "application/merge-patch+json";

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    List,
    Watch,
    Create,
    Apply,
    MergePatch,
    Delete,
    DeleteCollection,
}

/// One request, understood.
pub(super) struct Call<'a> {
    pub(super) user: User,
    pub(super) verb: Verb,
    pub(super) kind: &'static Kind,
    /// Empty for cluster-wide kinds, and for lists over all namespaces.
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    pub(super) subresource: &'a str,
    query: BTreeMap<String, String>,
    request: &'a Request<Vec<u8>>,
}

impl Verb {
    /// The verb as rights name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Verb::Get => "get",
            Verb::List => "list",
            Verb::Watch => "watch",
            Verb::Create => "create",
            Verb::Apply | Verb::MergePatch => "patch",
            Verb::Delete => "delete",
            Verb::DeleteCollection => "deletecollection",
        }
    }
}

impl<'a> Call<'a> {
    /// Reads a request for a resource.
    pub(super) fn read(request: &'a Request<Vec<u8>>, user: User) -> Result<Call<'a>, Refusal> {
        if request.body().len() > BODY_LIMIT {
            return Err(Refusal::too_large());
        }
        let query = request.uri().query().unwrap_or_default();
        let query: BTreeMap<String, String> = serde_urlencoded::from_str(query)
            .map_err(|error| Refusal::bad_request(format!("the query cannot be read: {error}")))?;
        let (kind, namespace, rest) = resource(request.uri().path())?;
        let (name, subresource) = match rest.as_slice() {
            [] => ("", ""),
            [name] => (*name, ""),
            [name, subresource] => (*name, *subresource),
            _ => return Err(Refusal::unknown_resource()),
        };
        if !(subresource.is_empty() || subresource == "scale" && kind.scales()) {
            return Err(Refusal::unknown_resource());
        }
        let watches = query.get("watch").is_some_and(|watch| watch == "true" || watch == "1");
        let verb = verb(request, !name.is_empty(), watches)?;
        if verb == Verb::Create && kind.namespaced && namespace.is_empty() {
            return Err(Refusal::not_allowed());
        }
        Ok(Call { user, verb, kind, namespace, name, subresource, query, request })
    }

    /// A query parameter, or nothing.
    pub(super) fn query(&self, name: &str) -> &str {
        self.query.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A query parameter that is a number; zero where it is missing.
    pub(super) fn number(&self, name: &str) -> Result<u64, Refusal> {
        let text = Some(self.query(name)).filter(|text| !text.is_empty()).unwrap_or("0");
        text.parse().map_err(|_| Refusal::bad_request(format!("{name}: invalid value {text:?}")))
    }

    pub(super) fn body(&self) -> &[u8] {
        self.request.body()
    }

    pub(super) fn header(&self, name: http::header::HeaderName) -> &str {
        self.request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(super) fn is_dry_run(&self) -> bool {
        self.query("dryRun") == "All"
    }

    /// Whether an object with fields that are unknown, or there twice, is to be refused.
    pub(super) fn is_strict(&self) -> bool {
        self.query("fieldValidation") == "Strict"
    }

    /// Who writes: the field manager, else the program that the user agent names.
    pub(super) fn manager(&self) -> String {
        let agent = self.header(http::header::USER_AGENT).split('/').next().unwrap_or_default();
        let named = [self.query("fieldManager"), agent].into_iter().find(|name| !name.is_empty());
        named.unwrap_or("unknown").to_owned()
    }

    /// The object in the body: JSON, or YAML where `yaml` allows it.
    pub(super) fn object(&self, yaml: bool) -> Result<Value, Refusal> {
        if self.header(http::header::CONTENT_TYPE).contains("protobuf") {
            return Err(Refusal::unsupported_media_type("application/json"));
        }
        let object: Value = match serde_json::from_slice(self.body()) {
            Ok(_) if self.is_strict() && repeats_a_field(self.body()) => {
                return Err(Refusal::bad_request("strict decoding error: a field is there twice"));
            }
            Ok(object) => object,
            Err(_) if yaml => from_yaml(self.body())?,
            Err(error) => return Err(Refusal::bad_request(format!("error decoding JSON: {error}"))),
        };
        if object.is_object() { Ok(object) } else { Err(Refusal::bad_request("the body is not an object")) }
    }
}

/// JSON is YAML too, and only the reader of YAML notices.
fn repeats_a_field(body: &[u8]) -> bool {
    from_yaml(body).is_err_and(|refusal| refusal.message.contains("duplicate"))
}

fn from_yaml(body: &[u8]) -> Result<Value, Refusal> {
    let unreadable = |why: String| Refusal::bad_request(format!("error decoding YAML: {why}"));
    let text = std::str::from_utf8(body).map_err(|error| unreadable(error.to_string()))?;
    serde_saphyr::from_str(text).map_err(|error| unreadable(error.to_string()))
}

/// `/api/v1/namespaces/{namespace}/{plural}/{name}/{subresource}` and its shorter forms: the kind, the namespace,
/// and what is left.
fn resource(path: &str) -> Result<(&'static Kind, &str, Vec<&str>), Refusal> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let (group, version, rest) = match segments.as_slice() {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return Err(Refusal::unknown_resource()),
    };
    let (namespace, plural, rest) = match rest {
        ["namespaces", namespace, plural, rest @ ..] => (*namespace, *plural, rest),
        [plural, rest @ ..] => ("", *plural, rest),
        [] => return Err(Refusal::unknown_resource()),
    };
    let kind = Kind::served(group, version, plural).ok_or_else(Refusal::unknown_resource)?;
    let is_list_of_all = kind.namespaced && rest.is_empty();
    if kind.namespaced == namespace.is_empty() && !is_list_of_all {
        return Err(Refusal::unknown_resource());
    }
    Ok((kind, namespace, rest.to_vec()))
}

fn verb(request: &Request<Vec<u8>>, named: bool, watches: bool) -> Result<Verb, Refusal> {
    match (request.method(), named) {
        (&Method::GET, false) if watches => Ok(Verb::Watch),
        (&Method::GET, true) => Ok(Verb::Get),
        (&Method::GET, false) => Ok(Verb::List),
        (&Method::POST, false) => Ok(Verb::Create),
        (&Method::DELETE, true) => Ok(Verb::Delete),
        (&Method::DELETE, false) => Ok(Verb::DeleteCollection),
        (&Method::PATCH, true) => patch(request),
        _ => Err(Refusal::not_allowed()),
    }
}

fn patch(request: &Request<Vec<u8>>) -> Result<Verb, Refusal> {
    let kind = request.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match kind.and_then(|kind| kind.split(';').next()).map(str::trim) {
        Some(APPLY) => Ok(Verb::Apply),
        Some(MERGE) => Ok(Verb::MergePatch),
        _ => Err(Refusal::unsupported_media_type(&format!("{MERGE}, {APPLY}"))),
    }
}
