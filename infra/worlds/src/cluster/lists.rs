//! Lists: narrowed by selectors, in pages.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Cluster;
use super::object;
use super::refusal::Refusal;
use super::request::Call;
use super::selectors::Selection;
use super::shown::Form;

/// Answers a list.
pub(super) fn list(cluster: &Cluster, call: &Call<'_>) -> Result<Value, Refusal> {
    let selection = Selection::parse(call.query("labelSelector"), call.query("fieldSelector"))?;
    let limit = limit(call.query("limit"))?;
    let position = Position::read(call.query("continue"))?;
    let (version, start) =
        position.map_or((cluster.store.version(), String::new()), |at| (at.version, at.after));
    let namespace = Some(call.namespace).filter(|namespace| !namespace.is_empty());
    let mut objects: Vec<&Value> = cluster
        .store
        .list(call.kind, namespace)
        .map(|object| &**object)
        .filter(|object| selection.matches(object) && position_of(object) > start)
        .collect();
    let mut metadata = json!({ "resourceVersion": version.to_string() });
    if objects.len() > limit {
        let remaining = objects.split_off(limit).len();
        let after = objects.last().map(|last| position_of(last)).unwrap_or_default();
        metadata["continue"] = json!(Position { version, after }.written());
        // Not counted under a selector, as on a real server.
        if selection.is_empty() {
            metadata["remainingItemCount"] = json!(remaining);
        }
    }
    let form = Form::accepted(call.header(http::header::ACCEPT));
    Ok(form.list(call.kind, &objects, metadata, cluster.now))
}

fn limit(text: &str) -> Result<usize, Refusal> {
    match text {
        "" | "0" => Ok(usize::MAX),
        text => text.parse().map_err(|_| Refusal::bad_request(format!("limit: invalid value {text:?}"))),
    }
}

fn position_of(object: &Value) -> String {
    format!("{}/{}", object::namespace(object), object::name(object))
}

/// Where a list goes on.
struct Position {
    version: u64,
    after: String,
}

impl Position {
    fn written(&self) -> String {
        let token = json!({ "v": "meta.k8s.io/v1", "rv": self.version, "start": self.after });
        URL_SAFE_NO_PAD.encode(token.to_string())
    }

    fn read(token: &str) -> Result<Option<Position>, Refusal> {
        if token.is_empty() {
            return Ok(None);
        }
        let invalid = || Refusal::bad_request("continue key is not valid");
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
        let version = value["rv"].as_u64().ok_or_else(invalid)?;
        let after = value["start"].as_str().ok_or_else(invalid)?.to_owned();
        Ok(Some(Position { version, after }))
    }
}
