//! A cluster that is asked again when it did not answer: a step makes many calls, and one of them may fail without the
//! whole step beginning anew. Every call of a step may be repeated; what was given up is remembered.

use crate::nouns::{
    CallError, Cluster, Time,
    cluster::{Apply, Delete, Kind, Reference},
};
use jiff::SignedDuration;
use roadstead_domain::{name::ClusterName, sentence};
use serde_json::Value;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// How often a call is made in all.
pub const TRIES_LIMIT: u32 = 4;
/// How long until the second try; it doubles.
const PAUSE: SignedDuration = SignedDuration::from_millis(100);
/// The longest that a cluster may ask us to wait within a step; who is to wait longer comes again later.
pub const PAUSE_LIMIT: SignedDuration = SignedDuration::from_secs(2);

/// Asks a cluster again, for the length of one step.
pub struct Patient {
    cluster: Arc<dyn Cluster>,
    time: Arc<dyn Time>,
    maybe_done: Arc<AtomicBool>,
    name: ClusterName,
}

impl Patient {
    /// Asks the cluster of this name. The flag is raised when a call was given up whose effect may still come.
    pub fn new(
        cluster: Arc<dyn Cluster>,
        time: Arc<dyn Time>,
        maybe_done: Arc<AtomicBool>,
        name: ClusterName,
    ) -> Self {
        Self { cluster, time, maybe_done, name }
    }

    async fn again<T, F: Future<Output = Result<T, CallError>> + Send>(
        &self,
        call: impl Fn() -> F + Send + Sync,
    ) -> Result<T, CallError> {
        let mut pause = PAUSE;
        for _ in 1..TRIES_LIMIT {
            let wait = match call().await {
                Err(CallError::Unavailable { maybe_done, .. }) => {
                    self.maybe_done.fetch_or(maybe_done, Ordering::SeqCst);
                    pause
                }
                Err(CallError::Throttled { after, .. }) if after.is_none_or(|after| after <= PAUSE_LIMIT) => {
                    after.unwrap_or(pause)
                }
                result => return result.map_err(|error| plainly(&self.name, error)),
            };
            self.time.sleep(wait).await;
            pause = (pause * 2).min(PAUSE_LIMIT);
        }
        call().await.map_err(|error| plainly(&self.name, error))
    }
}

/// An error in words that say which cluster it is.
pub(super) fn plainly(name: &ClusterName, error: CallError) -> CallError {
    match error {
        CallError::Unavailable { reason, maybe_done } => {
            CallError::Unavailable { reason: sentence::cluster_silent(name, &reason), maybe_done }
        }
        CallError::Unauthorized { reason } => {
            CallError::Unauthorized { reason: sentence::cluster_unauthorized(name, &reason) }
        }
        error => error,
    }
}

#[async_trait::async_trait]
impl Cluster for Patient {
    async fn get(&self, reference: &Reference) -> Result<Option<Value>, CallError> {
        self.again(|| self.cluster.get(reference)).await
    }

    async fn list(&self, kind: &Kind, namespace: Option<&str>, label: &str) -> Result<Vec<Value>, CallError> {
        self.again(|| self.cluster.list(kind, namespace, label)).await
    }

    async fn apply(&self, reference: &Reference, object: &Value, apply: Apply) -> Result<Value, CallError> {
        self.again(|| self.cluster.apply(reference, object, apply)).await
    }

    async fn patch(&self, reference: &Reference, patch: &Value) -> Result<Value, CallError> {
        self.again(|| self.cluster.patch(reference, patch)).await
    }

    async fn delete(&self, reference: &Reference, delete: &Delete) -> Result<(), CallError> {
        self.again(|| self.cluster.delete(reference, delete)).await
    }
}
