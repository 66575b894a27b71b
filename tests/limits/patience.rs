//! A cluster is asked again so often within a step, and waited for so long.

use crate::simulation::{in_virtual_time, time::VirtualTime};
use jiff::SignedDuration;
use roadstead_steps::{
    carry::patient::{PAUSE_LIMIT, Patient, TRIES_LIMIT},
    nouns::{
        CallError, Cluster,
        cluster::{Apply, Delete, Kind, Reference},
    },
};
use serde_json::Value;
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

/// A cluster that answers so often with this error, and then that there is nothing.
struct Busy {
    error: CallError,
    times: u32,
    calls: Arc<AtomicU32>,
}

#[async_trait::async_trait]
impl Cluster for Busy {
    async fn get(&self, _: &Reference) -> Result<Option<Value>, CallError> {
        if self.calls.fetch_add(1, Ordering::SeqCst) < self.times {
            Err(self.error.clone())
        } else {
            Ok(None)
        }
    }

    async fn list(&self, _: &Kind, _: Option<&str>, _: &str) -> Result<Vec<Value>, CallError> {
        unreachable!()
    }

    async fn apply(&self, _: &Reference, _: &Value, _: Apply) -> Result<Value, CallError> {
        unreachable!()
    }

    async fn patch(&self, _: &Reference, _: &Value) -> Result<Value, CallError> {
        unreachable!()
    }

    async fn delete(&self, _: &Reference, _: &Delete) -> Result<(), CallError> {
        unreachable!()
    }
}

/// Whether an answer came, and after how many calls.
fn asked(error: CallError, times: u32) -> (bool, u32) {
    in_virtual_time(async {
        let calls = Arc::new(AtomicU32::new(0));
        let cluster = Arc::new(Busy { error, times, calls: calls.clone() });
        let time = Arc::new(VirtualTime::begin());
        let patient = Patient::new(cluster, time, Arc::default(), "main".parse().unwrap());
        let kind = Kind {
            api_version: "v1".to_owned(),
            kind: "Namespace".to_owned(),
            plural: "namespaces".to_owned(),
            namespaced: false,
        };
        let answer = patient.get(&Reference { kind, namespace: None, name: "shop".to_owned() }).await;
        (answer.is_ok(), calls.load(Ordering::SeqCst))
    })
}

#[test]
fn a_cluster_that_does_not_answer_is_asked_so_often() {
    let silent = || CallError::Unavailable { reason: "silence".to_owned(), maybe_done: false };
    assert_eq!(asked(silent(), TRIES_LIMIT - 1), (true, TRIES_LIMIT));
    assert_eq!(asked(silent(), TRIES_LIMIT), (false, TRIES_LIMIT));
}

#[test]
fn a_cluster_may_ask_us_to_wait_so_long() {
    let wait = |after| CallError::Throttled { reason: "wait".to_owned(), after: Some(after) };
    assert_eq!(asked(wait(PAUSE_LIMIT), 1), (true, 2));
    assert_eq!(asked(wait(PAUSE_LIMIT + SignedDuration::from_millis(1)), 1), (false, 1));
}
