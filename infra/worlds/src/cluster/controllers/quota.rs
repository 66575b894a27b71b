//! The status of resource quotas: what is used of them.

use serde_json::{Value, json};

use super::all;
use crate::cluster::admission::quota::usage;
use crate::cluster::kinds::QUOTA;
use crate::cluster::settings::CONTROLLERS;
use crate::cluster::{Cluster, object, quantity};

pub(super) fn step(cluster: &mut Cluster, namespace: &str) {
    for quota in all(cluster, &QUOTA, namespace) {
        let hard = quota["spec"]["hard"].clone();
        let mut used = json!({});
        for resource in hard.as_object().into_iter().flat_map(|hard| hard.keys()) {
            used[resource] = json!(quantity::written(usage(&cluster.store, namespace, resource)));
        }
        let mut next = Value::clone(&quota);
        object::set(&mut next, "/status", json!({ "hard": hard, "used": used }));
        cluster.update_by_controller(&QUOTA, &quota, next, (CONTROLLERS, "status"));
    }
}
