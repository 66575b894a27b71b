//! The entrance: the address that Ingresses are given.

use serde_json::{Value, json};

use super::all;
use crate::cluster::kinds::INGRESS;
use crate::cluster::{Cluster, object};

/// The field manager of whoever gives addresses.
const MANAGER: &str = "entrance-controller";

pub(super) fn step(cluster: &mut Cluster, namespace: &str) {
    let Some(entrance) = cluster.settings.entrance.clone() else { return };
    for ingress in all(cluster, &INGRESS, namespace) {
        let mut next = Value::clone(&ingress);
        object::set(&mut next, "/status/loadBalancer/ingress", json!([{ "hostname": entrance }]));
        cluster.update_by_controller(&INGRESS, &ingress, next, (MANAGER, "status"));
    }
}
