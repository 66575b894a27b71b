//! Volumes: every claim is bound to a volume of the size it asks for.

use serde_json::{Value, json};

use super::all;
use crate::cluster::kinds::CLAIM;
use crate::cluster::settings::CONTROLLERS;
use crate::cluster::{Cluster, object};

pub(super) fn step(cluster: &mut Cluster, namespace: &str) {
    for claim in all(cluster, &CLAIM, namespace) {
        let volume = format!("pvc-{}", object::uid(&claim));
        let size = claim["spec"]["resources"]["requests"]["storage"].clone();
        let status = json!({
            "phase": "Bound",
            "accessModes": claim["spec"]["accessModes"],
            "capacity": { "storage": size },
        });
        let mut next = Value::clone(&claim);
        object::set_default(&mut next, "/spec/volumeName", json!(volume));
        object::set(&mut next, "/status", status);
        cluster.update_by_controller(&CLAIM, &claim, next, (CONTROLLERS, "status"));
    }
}
