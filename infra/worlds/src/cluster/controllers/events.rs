//! Events (`v1`): what controllers say about objects.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cluster::kinds::EVENT;
use crate::cluster::{Cluster, object};

/// Says something about an object, once.
pub(super) fn say(
    cluster: &mut Cluster,
    about: &Value,
    (kind, reason): (&str, &str),
    message: &str,
    by: &str,
) {
    let namespace = object::namespace(about);
    let digest = Sha256::digest(format!("{}/{reason}/{message}", object::uid(about)));
    let name = format!("{}.{}", object::name(about), &hex::encode(digest)[..16]);
    if cluster.store.get(&EVENT, namespace, &name).is_some() {
        return;
    }
    let time = cluster.time();
    let event = json!({
        "metadata": { "name": name, "namespace": namespace },
        "involvedObject": {
            "kind": about["kind"],
            "namespace": namespace,
            "name": object::name(about),
            "uid": object::uid(about),
            "apiVersion": about["apiVersion"],
            "resourceVersion": about["metadata"]["resourceVersion"],
        },
        "reason": reason,
        "message": message,
        "source": { "component": by },
        "firstTimestamp": time,
        "lastTimestamp": time,
        "count": 1,
        "type": kind,
    });
    // A namespace that ends takes no more events.
    cluster.create_by_controller(&EVENT, event).ok();
}
