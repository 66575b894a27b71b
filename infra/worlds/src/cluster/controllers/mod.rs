//! The controllers and the nodes, each a step that brings a namespace closer to what its objects ask for.

mod deployment;
mod entrance;
mod events;
mod garbage;
mod kubelet;
mod namespace;
mod pods;
mod quota;
mod replica_set;
mod rollout;
mod volume;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Cluster;
use super::kinds::Kind;

/// How often everybody looks at one namespace in a row, so that a mistake of ours ends: they agree long before.
const ROUNDS: usize = 1_000;

/// The shortest time until the next look, so that time moves on.
const NEXT_LOOK: SignedDuration = SignedDuration::from_millis(1);

/// Lets everybody look at a namespace until nothing changes any more.
pub(super) fn settle(cluster: &mut Cluster, namespace: &str) {
    for _ in 0..ROUNDS {
        let version = cluster.store.version();
        self::namespace::step(cluster, namespace);
        deployment::step(cluster, namespace);
        replica_set::step(cluster, namespace);
        garbage::step(cluster, namespace);
        kubelet::step(cluster, namespace);
        volume::step(cluster, namespace);
        entrance::step(cluster, namespace);
        quota::step(cluster, namespace);
        if cluster.store.version() == version {
            break;
        }
    }
    cluster.due.remove(namespace);
    let earliest = cluster.now.checked_add(NEXT_LOOK).unwrap_or(Timestamp::MAX);
    let next = [
        self::namespace::next(cluster, namespace),
        deployment::next(cluster, namespace),
        kubelet::next(cluster, namespace),
    ];
    if let Some(next) = next.into_iter().flatten().min() {
        cluster.due.insert(namespace.to_owned(), next.max(earliest));
    }
}

/// The objects of a kind in a namespace, as they are now.
fn all(cluster: &Cluster, kind: &Kind, namespace: &str) -> Vec<std::sync::Arc<Value>> {
    cluster.store.list(kind, Some(namespace)).cloned().collect()
}

/// When `span` after a time that an object carries is over.
fn after(time: &str, span: SignedDuration) -> Option<Timestamp> {
    time.parse::<Timestamp>().ok()?.checked_add(span).ok()
}
