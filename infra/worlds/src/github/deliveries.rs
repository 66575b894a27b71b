//! What became of webhooks: GitHub remembers every attempt for three days, and makes another one when its App asks.

use http::{Method, Request};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::reply::{Outcome, Refusal, Reply};
use super::{Delivery, GitHub};

/// How long an attempt is remembered.
pub const REMEMBERED_FOR: SignedDuration = SignedDuration::from_hours(72);
/// What stands for an answer that never came.
const NO_ANSWER: u16 = 502;
/// The size of a page when the request names none, and the largest.
const PAGES: (usize, usize) = (30, 100);

/// One attempt to deliver a webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Attempt {
    id: u64,
    at: Timestamp,
    status: u16,
    guid: String,
    /// The webhook as JSON: there are thousands, and as a tree each takes ten times the memory.
    webhook: String,
}

/// The part of GitHub that an App asks as itself about its webhooks.
pub(super) fn answer(
    world: &mut GitHub,
    request: &Request<Vec<u8>>,
    rest: &[&str],
    now: Timestamp,
) -> Outcome {
    world.attempts.retain(|attempt| now.duration_since(attempt.at) < REMEMBERED_FOR);
    match (request.method(), rest) {
        (&Method::GET, []) => Ok(list(world, request)),
        (&Method::POST, [id, "attempts"]) => again(world, id.parse().unwrap_or_default()),
        _ => Err(Refusal::not_found()),
    }
}

/// The newest first, those before the cursor.
fn list(world: &GitHub, request: &Request<Vec<u8>>) -> Reply {
    let query: Vec<(String, String)> =
        request.uri().query().and_then(|query| serde_urlencoded::from_str(query).ok()).unwrap_or_default();
    let asked = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let size = asked("per_page").and_then(|size| size.parse().ok()).unwrap_or(PAGES.0).clamp(1, PAGES.1);
    let before = asked("cursor").and_then(|cursor| cursor.strip_prefix("v1_")?.parse::<u64>().ok());
    let mut found =
        world.attempts.iter().rev().filter(|attempt| before.is_none_or(|before| attempt.id < before));
    let page: Vec<&Attempt> = found.by_ref().take(size).collect();
    let mut reply = Reply::json(&page.iter().filter_map(|attempt| attempt.json(world)).collect());
    let last = page.last().filter(|_| found.next().is_some());
    reply.link = last.map(|last| {
        let url = format!("{}/app/hook/deliveries", world.settings.api_url);
        format!("<{url}?per_page={size}&cursor=v1_{}>; rel=\"next\"", last.id)
    });
    reply
}

fn again(world: &mut GitHub, id: u64) -> Outcome {
    let attempt = world.attempts.iter().find(|attempt| attempt.id == id);
    let mut webhook = attempt.and_then(Attempt::webhook).ok_or_else(Refusal::not_found)?;
    webhook.redelivery = true;
    world.outbox.push(webhook);
    Ok(Reply::accepted(&json!({})))
}

impl Attempt {
    fn webhook(&self) -> Option<Delivery> {
        serde_json::from_str(&self.webhook).ok()
    }

    fn json(&self, world: &GitHub) -> Option<Value> {
        let (Attempt { id, at, status, .. }, webhook) = (self, self.webhook()?);
        let repository = &webhook.body["repository"]["id"];
        Some(json!({
            "id": id,
            "guid": webhook.delivery,
            "delivered_at": at.to_string(),
            "redelivery": webhook.redelivery,
            "duration": 0.03,
            "status": if (200..300).contains(status) { "OK".to_owned() } else { format!("Invalid HTTP Response: {status}") },
            "status_code": status,
            "event": webhook.event,
            "action": webhook.body["action"],
            "installation_id": webhook.body["installation"]["id"],
            "repository_id": repository,
            "url": format!("{}/app/hook/deliveries/{id}", world.settings.api_url),
        }))
    }
}

impl GitHub {
    /// Whoever carries a webhook to its door says what the door answered, or that it answered nothing.
    pub fn note_delivery(&mut self, webhook: &Delivery, status: Option<u16>, now: Timestamp) {
        let id = self.next_id();
        let status = status.unwrap_or(NO_ANSWER);
        let (guid, webhook) = (webhook.delivery.clone(), json!(webhook).to_string());
        self.attempts.push(Attempt { id, at: now, status, guid, webhook });
    }

    /// What became of each attempt to deliver a webhook, by its GUID, the oldest first.
    pub fn delivery_attempts(&self) -> Vec<(&str, u16)> {
        self.attempts.iter().map(|attempt| (attempt.guid.as_str(), attempt.status)).collect()
    }
}
