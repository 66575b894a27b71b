//! What was said in a channel, newest first, page by page.

use super::{Refusal, Slack, routes::Outcome};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The size of a page when the request names none.
const DEFAULT_PAGE: usize = 100;
/// The largest page.
pub(super) const PAGE_LIMIT: usize = 999;

pub(super) fn page(world: &mut Slack, query: &[(String, String)], now: Timestamp) -> Outcome {
    let asked = |name: &str| query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let lag = world.settings.history_lag;
    let channel = world.joined(asked("channel").unwrap_or_default())?;
    let limit = asked("limit").and_then(|limit| limit.parse().ok()).unwrap_or(DEFAULT_PAGE);
    let limit = limit.clamp(1, PAGE_LIMIT);
    let with_metadata = asked("include_all_metadata") == Some("true");
    let before = asked("cursor").filter(|cursor| !cursor.is_empty()).map(decoded).transpose()?;
    let rest: Vec<_> = channel
        .messages
        .iter()
        .rev()
        .filter(|message| message.below.is_none() || message.broadcast)
        .filter(|message| now.duration_since(message.said_at) >= lag)
        .skip_while(|message| before.as_ref().is_some_and(|before| message.ts >= *before))
        .collect();
    let shown: Vec<Value> = rest.iter().take(limit).map(|message| message.shown(with_metadata)).collect();
    let has_more = rest.len() > shown.len();
    let mut answer = json!({"messages": shown, "has_more": has_more, "pin_count": 0});
    if let Some(last) = rest.iter().take(limit).next_back().filter(|_| has_more) {
        answer["response_metadata"] = json!({"next_cursor": encoded(&last.ts)});
    }
    Ok(answer)
}

fn encoded(ts: &str) -> String {
    STANDARD.encode(format!("next_ts:{ts}"))
}

fn decoded(cursor: &str) -> Result<String, Refusal> {
    let bytes = STANDARD.decode(cursor).map_err(|_| Refusal::INVALID_CURSOR)?;
    let text = String::from_utf8(bytes).map_err(|_| Refusal::INVALID_CURSOR)?;
    text.strip_prefix("next_ts:").map(str::to_owned).ok_or(Refusal::INVALID_CURSOR)
}
