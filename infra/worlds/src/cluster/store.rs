//! Every object by kind, namespace and name, and what happened to them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::kinds::Kind;
use super::object;

/// How many changes a watch can look back; older versions are expired, as after a compaction.
pub(super) const HISTORY_LIMIT: usize = 1_000;

/// The version of a cluster without objects.
const FIRST_VERSION: u64 = 1;

/// The objects, and the changes that watches still read.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Store {
    seed: u64,
    version: u64,
    minted: u64,
    objects: BTreeMap<String, Arc<Value>>,
    #[serde(skip)]
    history: VecDeque<Change>,
}

/// One change of one object.
#[derive(Clone)]
pub(super) struct Change {
    pub(super) version: u64,
    pub(super) kind: &'static Kind,
    pub(super) before: Option<Arc<Value>>,
    /// The object afterwards, or as it was last where it was deleted.
    pub(super) object: Arc<Value>,
    pub(super) deleted: bool,
}

impl Store {
    pub(super) fn new(seed: u64) -> Store {
        Store { seed, version: FIRST_VERSION, minted: 0, objects: BTreeMap::new(), history: VecDeque::new() }
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn get(&self, kind: &Kind, namespace: &str, name: &str) -> Option<&Arc<Value>> {
        self.objects.get(&key(kind, namespace, name))
    }

    /// The objects of a kind, of one namespace or of all, in the order of namespace and name.
    pub(super) fn list(&self, kind: &Kind, namespace: Option<&str>) -> impl Iterator<Item = &Arc<Value>> {
        let prefix = match namespace {
            Some(namespace) => key(kind, namespace, ""),
            None => format!("{}/", kind.resource()),
        };
        let range = self.objects.range(prefix.clone()..);
        range.take_while(move |(key, _)| key.starts_with(&prefix)).map(|(_, object)| object)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Value>> {
        self.objects.values()
    }

    /// Stores an object under the next version.
    pub(super) fn put(&mut self, kind: &'static Kind, mut object: Value) -> Arc<Value> {
        self.version += 1;
        object::set(&mut object, "/metadata/resourceVersion", json!(self.version.to_string()));
        let object = Arc::new(object);
        let before = self.objects.insert(key_of(kind, &object), Arc::clone(&object));
        self.record(Change {
            version: self.version,
            kind,
            before,
            object: Arc::clone(&object),
            deleted: false,
        });
        object
    }

    /// Takes an object out; what watches see carries the version of its end.
    pub(super) fn remove(&mut self, kind: &'static Kind, object: &Value) {
        let Some(before) = self.objects.remove(&key_of(kind, object)) else { return };
        self.version += 1;
        let mut last = (*before).clone();
        object::set(&mut last, "/metadata/resourceVersion", json!(self.version.to_string()));
        let object = Arc::new(last);
        self.record(Change { version: self.version, kind, before: Some(before), object, deleted: true });
    }

    /// The changes after `version`, or nothing where they are no longer known.
    pub(super) fn since(&self, version: u64) -> Option<impl Iterator<Item = &Change>> {
        let known_from = self.history.front().map_or(self.version, |change| change.version - 1);
        let start = self.history.partition_point(|change| change.version <= version);
        (version >= known_from).then(|| self.history.range(start..))
    }

    /// A new uid; the same seed gives the same ones.
    pub(super) fn mint_uid(&mut self) -> String {
        self.minted += 1;
        let digest = Sha256::digest(format!("{}/{}", self.seed, self.minted));
        let hex = hex::encode(&digest[..16]);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }

    fn record(&mut self, change: Change) {
        self.history.push_back(change);
        if self.history.len() > HISTORY_LIMIT {
            self.history.pop_front();
        }
    }
}

/// The key of an object among all objects.
pub(super) fn key(kind: &Kind, namespace: &str, name: &str) -> String {
    format!("{}/{namespace}/{name}", kind.resource())
}

fn key_of(kind: &Kind, object: &Value) -> String {
    key(kind, object::namespace(object), object::name(object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::kinds::CONFIG_MAP;

    fn config_map(name: &str) -> Value {
        json!({ "metadata": { "name": name, "namespace": "n" } })
    }

    #[test]
    fn history_is_kept_up_to_its_limit_and_not_beyond() {
        let mut store = Store::new(0);
        for _ in 0..HISTORY_LIMIT {
            store.put(&CONFIG_MAP, config_map("a"));
        }
        assert_eq!(store.since(FIRST_VERSION).map(Iterator::count), Some(HISTORY_LIMIT));
        store.put(&CONFIG_MAP, config_map("a"));
        assert!(store.since(FIRST_VERSION).is_none());
        assert_eq!(store.since(FIRST_VERSION + 1).map(Iterator::count), Some(HISTORY_LIMIT));
    }

    #[test]
    fn a_stored_cluster_knows_its_objects_and_expires_older_watches() {
        let mut store = Store::new(0);
        store.put(&CONFIG_MAP, config_map("a"));
        let again: Store = serde_json::from_str(&serde_json::to_string(&store).unwrap()).unwrap();
        assert!(again.get(&CONFIG_MAP, "n", "a").is_some());
        assert!(again.since(FIRST_VERSION).is_none());
        assert_eq!(again.since(again.version()).map(Iterator::count), Some(0));
    }

    #[test]
    fn uids_repeat_with_the_seed_and_differ_within_it() {
        let (mut one, mut two) = (Store::new(7), Store::new(7));
        let first = one.mint_uid();
        assert_eq!(first, two.mint_uid());
        assert_ne!(first, one.mint_uid());
        assert_eq!(first.len(), 36);
    }
}
