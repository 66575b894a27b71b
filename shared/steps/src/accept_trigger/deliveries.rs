//! Looking at what became of webhooks: those that our door did not take are asked for once more.

use super::{AcceptTrigger, pace};
use crate::{
    context::{Context, Handled},
    nouns::{
        CallError,
        git_host::{Delivery, REMEMBERED_FOR},
        state::{Change, Condition, DUE_AT},
    },
    rows,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{refusal::Class, repository::Host};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// How often a host is asked. Also where every look reads as many pages as it may, and asks for as many webhooks again, an
/// hour of looks takes less than a fifth of GitHub's limit.
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(3);
/// How long until a host that does not tell us is asked again.
const UNTOLD: SignedDuration = SignedDuration::from_hours(1);
/// How much of what was seen before is looked at once more: an attempt may be listed late.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// The most webhooks that one look asks for again; the next look asks for the others.
pub const AGAIN_LIMIT: usize = 20;
/// The most webhooks that are remembered as not taken; of more, the newest.
const WAITING_LIMIT: usize = 500;
/// How often one webhook is asked for again, each time after twice as long.
const TRIES: u32 = 8;

/// What became of a host's webhooks, as its row holds it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Heard {
    pub(crate) host: Host,
    /// Up to when attempts were looked at.
    #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
    seen: Option<Timestamp>,
    /// What our door did not take, by webhook.
    #[serde(default)]
    waiting: BTreeMap<String, Waiting>,
}

/// A webhook that our door did not take. It is remembered as long as the host does, also when it is asked for no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    /// The host's id of its newest attempt.
    id: u64,
    /// When its first attempt was.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    since: Timestamp,
    /// How often it was asked for again.
    tries: u32,
    /// When it is asked for again.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    again_at: Timestamp,
}

impl AcceptTrigger {
    /// Looks at what became of webhooks since the last look, and asks for those once more that our door did not take. A
    /// second one changes nothing: it has the same bytes, which are the trigger's identity.
    ///
    /// # Errors
    /// When the table or the host did not answer: it is looked at again.
    pub async fn look_at_deliveries(&self, context: &Context, host: Host) -> Handled {
        let row = rows::deliveries(host);
        let heard: Option<Heard> = rows::load(context.state.as_ref(), &row).await?;
        let Some(mut heard) = heard else { return Ok(()) };
        let now = context.now();
        let since = heard.seen.map_or(now - REMEMBERED_FOR, |seen| seen - OVERLAP);
        let attempts =
            match self.host.deliveries(since).await.map_err(roadstead_domain::refusal::Refusal::from) {
                Ok(attempts) => attempts,
                Err(refusal) if refusal.class == Class::Rejected => {
                    tracing::warn!(%host, %refusal, "the host does not tell what became of its webhooks");
                    return looked(context, &heard, now + UNTOLD).await;
                }
                Err(refusal) => return Err(refusal),
            };
        heard.learn(&attempts, now);
        let asked = self.ask_again(&mut heard, now).await;
        heard.seen = Some(now);
        looked(context, &heard, pace::next(&row, LOOK_EVERY, now)).await?;
        Ok(asked?)
    }

    /// Asks for what is due, the oldest first.
    async fn ask_again(&self, heard: &mut Heard, now: Timestamp) -> Result<(), CallError> {
        let mut due: Vec<(Timestamp, String)> = heard
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.again_at <= now && waiting.tries < TRIES)
            .map(|(webhook, waiting)| (waiting.since, webhook.clone()))
            .collect();
        due.sort();
        for (_, webhook) in due.into_iter().take(AGAIN_LIMIT) {
            let Some(waiting) = heard.waiting.get_mut(&webhook) else { continue };
            match self.host.redeliver(waiting.id).await {
                Ok(()) => waiting.asked(now),
                Err(error) if error.maybe_done() => waiting.asked(now),
                Err(CallError::Missing { .. } | CallError::Refused { .. }) => {
                    heard.waiting.remove(&webhook);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Waiting {
    fn asked(&mut self, now: Timestamp) {
        self.tries += 1;
        self.again_at = now + LOOK_EVERY * (1 << self.tries.min(TRIES));
        if self.tries == TRIES {
            tracing::error!(since = %self.since, "a webhook is asked for a last time: our door never took it");
        }
    }
}

impl Heard {
    /// Takes in attempts, the newest first: what was answered by any of them waits no more.
    fn learn(&mut self, attempts: &[Delivery], now: Timestamp) {
        let answered = |webhook: &String| attempts.iter().any(|one| one.answered && one.webhook == *webhook);
        for attempt in attempts.iter().rev().filter(|attempt| !attempt.answered) {
            let waiting = Waiting { id: attempt.id, since: attempt.at, tries: 0, again_at: now };
            self.waiting.entry(attempt.webhook.clone()).or_insert(waiting).id = attempt.id;
        }
        self.waiting.retain(|webhook, waiting| now < waiting.since + REMEMBERED_FOR && !answered(webhook));
        while self.waiting.len() > WAITING_LIMIT {
            let oldest = self.waiting.iter().min_by_key(|(_, waiting)| waiting.since);
            let Some(oldest) = oldest.map(|(webhook, _)| webhook.clone()) else { return };
            self.waiting.remove(&oldest);
        }
    }
}

async fn looked(context: &Context, heard: &Heard, next: Timestamp) -> Handled {
    let mut changes = vec![
        Change::Set("waiting".to_owned(), rows::attribute(&heard.waiting)?),
        Change::Set(DUE_AT.to_owned(), json!(next.as_millisecond())),
    ];
    changes.extend(heard.seen.map(|seen| Change::Set("seen".to_owned(), json!(seen.as_millisecond()))));
    context.state.update(&rows::deliveries(heard.host), &changes, &Condition::RowExists).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn attempt(id: u64, webhook: &str, answered: bool) -> Delivery {
        Delivery { id, webhook: webhook.to_owned(), at: at(i64::try_from(id).unwrap()), answered }
    }

    fn heard() -> Heard {
        Heard { host: Host::Github, seen: None, waiting: BTreeMap::new() }
    }

    #[test]
    fn what_any_attempt_brought_in_waits_no_more() {
        let mut heard = heard();
        heard.learn(&[attempt(3, "b", false), attempt(2, "a", false), attempt(1, "b", true)], at(10));
        assert_eq!(heard.waiting.keys().collect::<Vec<_>>(), ["a"]);
        heard.waiting.get_mut("a").unwrap().asked(at(10));
        heard.learn(&[attempt(5, "a", false), attempt(2, "a", false)], at(20));
        let waiting = &heard.waiting["a"];
        assert_eq!((waiting.id, waiting.tries, waiting.since), (5, 1, at(2)));
        assert_eq!(waiting.again_at, at(10) + LOOK_EVERY * 2);
        heard.learn(&[attempt(6, "a", true), attempt(5, "a", false)], at(30));
        assert!(heard.waiting.is_empty());
    }

    #[test]
    fn so_many_are_remembered_and_the_newest_of_more() {
        let mut heard = heard();
        let failed = |id: u64| attempt(id, &format!("webhook {id}"), false);
        let all: Vec<Delivery> = (1..=WAITING_LIMIT as u64).rev().map(failed).collect();
        heard.learn(&all, at(0));
        assert_eq!(heard.waiting.len(), WAITING_LIMIT);
        assert!(heard.waiting.contains_key("webhook 1"));
        heard.learn(&[failed(WAITING_LIMIT as u64 + 1)], at(0));
        assert_eq!(heard.waiting.len(), WAITING_LIMIT);
        assert!(!heard.waiting.contains_key("webhook 1"));
    }

    #[test]
    fn what_the_host_forgets_is_forgotten() {
        let mut heard = heard();
        heard.learn(&[attempt(0, "a", false)], at(0) + REMEMBERED_FOR - SignedDuration::from_secs(1));
        assert_eq!(heard.waiting.len(), 1);
        heard.learn(&[], at(0) + REMEMBERED_FOR);
        assert!(heard.waiting.is_empty());
    }
}
