//! What became of the App's webhooks (GitHub REST API, "GitHub App webhooks"). Asked for as the App itself.

use super::http::{Call, Caller, read, segment};
use http::header::LINK;
use http::{Method, Response};
use jiff::Timestamp;
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::git_host::Delivery;
use serde::Deserialize;
use serde_json::json;

/// How many pages of 100, the newest first, are read at most.
pub(super) const PAGES_READ: usize = 10;
/// What our door answers to a webhook that it refuses for what is in it: malformed, too large, of another type. Sent again, it
/// is refused again. (A 401 or 403 may be a secret or a right of ours that is mended meanwhile.)
const REFUSED_FOR_GOOD: [u16; 3] = [400, 413, 415];
/// Where the list is.
const LIST: &str = "/app/hook/deliveries";

#[derive(Deserialize)]
struct Shown {
    id: u64,
    guid: String,
    delivered_at: Timestamp,
    status_code: u16,
    #[serde(default)]
    installation_id: Option<u64>,
}

impl From<Shown> for Delivery {
    fn from(shown: Shown) -> Self {
        let status = shown.status_code;
        let answered = (200..300).contains(&status) || REFUSED_FOR_GOOD.contains(&status);
        Delivery { id: shown.id, webhook: shown.guid, at: shown.delivered_at, answered }
    }
}

/// The attempts since a moment that were for our installation or for none, the newest first.
pub(super) async fn since(
    caller: &Caller,
    installation: u64,
    since: Timestamp,
) -> Result<Vec<Delivery>, CallError> {
    let mut found = Vec::new();
    let mut cursor = None;
    for _ in 0..PAGES_READ {
        let from = cursor.map(|cursor: String| format!("&cursor={}", segment(&cursor))).unwrap_or_default();
        let response = caller.call_as_app(Call::get(&format!("{LIST}?per_page=100{from}"))).await?;
        let shown: Vec<Shown> = read(&response)?;
        let reached = shown.last().is_none_or(|oldest| oldest.delivered_at < since);
        let ours = |shown: &Shown| {
            shown.delivered_at >= since && shown.installation_id.is_none_or(|id| id == installation)
        };
        found.extend(shown.into_iter().filter(ours).map(Delivery::from));
        cursor = next(&response);
        if reached || cursor.is_none() {
            break;
        }
    }
    Ok(found)
}

/// The cursor of the next page. Its address is ours to build, whatever the link says.
fn next(response: &Response<Vec<u8>>) -> Option<String> {
    let mut links = response.headers().get_all(LINK).iter().filter_map(|link| link.to_str().ok());
    let next = links.find_map(|link| link.split(',').find(|link| link.contains(r#"rel="next""#)))?;
    let (_, query) = next.split_once('?')?;
    let (query, _) = query.split_once('>')?;
    let query: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    query.into_iter().find(|(name, _)| name == "cursor").map(|(_, cursor)| cursor)
}

/// Lets a webhook be delivered once more: the same bytes under the same GUID.
pub(super) async fn again(caller: &Caller, id: u64) -> Result<(), CallError> {
    let address = format!("{LIST}/{id}/attempts");
    caller.call_as_app(Call::send(Method::POST, &address, json!({}))).await.map(drop)
}
