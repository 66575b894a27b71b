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
    let limit = usize::try_from(call.number("limit")?).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
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
    let form = Form::asked(call);
    Ok(form.list(call.kind, &objects, metadata, cluster.now))
}

fn position_of(object: &Value) -> String {
    format!("{}/{}", object::namespace(object), object::name(object))
}

/// Where a list goes on: the version that it was begun at, and the last object shown.
struct Position {
    version: u64,
    after: String,
}

impl Position {
    fn written(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}/{}", self.version, self.after))
    }

    fn read(token: &str) -> Result<Option<Position>, Refusal> {
        if token.is_empty() {
            return Ok(None);
        }
        let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let parts = text.as_deref().and_then(|text| text.split_once('/'));
        let position = parts.and_then(|(version, after)| {
            Some(Position { version: version.parse().ok()?, after: after.to_owned() })
        });
        position.map(Some).ok_or_else(|| Refusal::bad_request("continue key is not valid"))
    }
}
