//! What an answer says of how much the installation may still ask (REST API, "Rate limits").

use http::HeaderMap;
use jiff::Timestamp;
use roadstead_steps::nouns::git_host::Budget;
use std::sync::{Mutex, PoisonError};

/// What the last answer said.
#[derive(Default)]
pub(super) struct Said(Mutex<Option<Budget>>);

impl Said {
    /// Remembers what an answer says. Answers may overtake each other: within one hour the smaller rest is the newer one.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let Some(said) = of(headers) else { return };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let older = kept.is_some_and(|kept| {
            kept.renewed_at > said.renewed_at
                || kept.renewed_at == said.renewed_at && kept.remaining < said.remaining
        });
        if !older {
            *kept = Some(said);
        }
    }

    /// What was said last, unless it began anew since.
    pub(super) fn last(&self, now: Timestamp) -> Option<Budget> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).filter(|said| now < said.renewed_at)
    }
}

fn of(headers: &HeaderMap) -> Option<Budget> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
    Some(Budget {
        limit: number("x-ratelimit-limit")?,
        remaining: number("x-ratelimit-remaining")?,
        renewed_at: Timestamp::from_second(i64::try_from(number("x-ratelimit-reset")?).ok()?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, Response};

    fn headers(remaining: &str, reset: &str) -> HeaderMap {
        let response = Response::builder().header("x-ratelimit-limit", "5000");
        let response = response.header("x-ratelimit-remaining", remaining).header("x-ratelimit-reset", reset);
        response.body(()).unwrap().headers().clone()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_newest_answer_counts_until_the_hour_is_over() {
        let said = Said::default();
        let remaining = |now| said.last(at(now)).map(|said| said.remaining);
        assert_eq!(remaining(0), None);
        said.note(&headers("4990", "3600"));
        said.note(&headers("4995", "3600"));
        assert_eq!(remaining(0), Some(4_990));
        assert_eq!((remaining(3_599), remaining(3_600)), (Some(4_990), None));
        said.note(&headers("4999", "7200"));
        said.note(&headers("1", "3600"));
        assert_eq!(remaining(3_600), Some(4_999));
    }

    #[test]
    fn an_answer_that_says_nothing_of_it_changes_nothing() {
        let said = Said::default();
        said.note(&headers("7", "3600"));
        said.note(&HeaderMap::new());
        let mut odd = headers("6", "3600");
        odd.insert("x-ratelimit-limit", HeaderValue::from_static("many"));
        said.note(&odd);
        assert_eq!(said.last(at(0)).map(|said| said.remaining), Some(7));
    }
}
