//! A recorded command, as Slack sends one; and what Slack shows then.

use super::{RunningStack, Taken, Tell};
use crate::problem::Problem;
use http::{HeaderMap, Request, Response};
use jiff::Timestamp;
use roadstead_domain::{announcement::AnnouncementKey, sentence};
use roadstead_senders::slack::SIGNATURE;
use roadstead_worlds::slack::signed;
use serde_json::{Map, Value};
use std::time::{Duration, Instant};

/// How long the last answer may take once everything else is over.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
/// How long until it is looked for again.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The fields as a form, signed just now.
pub(super) fn request(stack: &RunningStack, fields: &[u8]) -> Result<Request<Vec<u8>>, Problem> {
    let unusable =
        |why: String| Problem::new(why, "let the event be an object of texts, see events/README.md");
    let fields: Map<String, Value> =
        serde_json::from_slice(fields).map_err(|error| unusable(error.to_string()))?;
    let form = serde_urlencoded::to_string(&fields);
    let form = form.map_err(|error| unusable(error.to_string()))?;
    let secret = stack.local.secrets.slack.as_deref().unwrap_or_default();
    let mut request = signed(form.into_bytes(), secret.as_bytes(), Timestamp::now());
    let door = stack.local.doors.slack.as_deref().unwrap_or_default();
    *request.uri_mut() = door.parse().map_err(|_| Problem::unexpected(format!("{door} is no address")))?;
    Ok(request)
}

/// What the door made of it. It tells Slack what to show, and not what it wrote: that is known by the signature.
pub(super) fn taken(sent: &HeaderMap, answer: &Response<Vec<u8>>) -> Result<Taken, Problem> {
    let told: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    match told["text"].as_str() {
        Some(text) if text == sentence::for_slack(&sentence::placeholder()) => {
            let signature = sent.get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            Ok(Taken::Trigger(format!("slack#{}", signature.trim_start_matches("v0="))))
        }
        Some(text) => Ok(Taken::NoEffect(text.to_owned())),
        None => super::refused(answer.status(), &told),
    }
}

/// Tells what Slack shows to who typed the command, once nothing more is owed to them.
pub(super) async fn tell_answer(
    stack: &RunningStack,
    key: &str,
    fields: &[u8],
    tell: Tell<'_>,
) -> Result<(), Problem> {
    let fields: Value = serde_json::from_slice(fields).unwrap_or_default();
    let reply = AnnouncementKey::Reply { trigger: key.to_owned() };
    let begun = Instant::now();
    while begun.elapsed() < ANSWERED_WITHIN {
        if !stack.is_owed(&reply).await?
            && let Some(text) = shown(stack, &fields).await?
        {
            text.lines().for_each(|line| tell(&format!("Slack shows: {line}")));
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

async fn shown(stack: &RunningStack, fields: &Value) -> Result<Option<String>, Problem> {
    let outbox = stack.local.slack_outbox.as_deref().unwrap_or_default();
    let request = Request::get(outbox).body(vec![]);
    let answer = stack.call(request.map_err(|error| Problem::unexpected(error.to_string()))?).await?;
    let outbox: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let ours = |reply: &&Value| reply["response_url"] == fields["response_url"];
    let reply = outbox["replies"].as_array().and_then(|replies| replies.iter().find(ours));
    Ok(reply.and_then(|reply| reply["text"].as_str()).map(str::to_owned))
}
