//! The entrance: the address that Ingresses and LoadBalancer Services are given.

use serde_json::{Value, json};

use super::all;
use crate::cluster::kinds::{INGRESS, Kind, SERVICE};
use crate::cluster::{Cluster, object};

/// The field manager of whoever gives addresses.
const MANAGER: &str = "entrance-controller";

pub(super) fn step(cluster: &mut Cluster, namespace: &str) {
    let Some(entrance) = cluster.settings.entrance.clone() else { return };
    for kind in [&INGRESS, &SERVICE] {
        for live in all(cluster, kind, namespace).iter().filter(|live| is_entered(kind, live)) {
            let mut next = Value::clone(live);
            object::set(&mut next, "/status/loadBalancer/ingress", json!([{ "hostname": entrance }]));
            cluster.update_by_controller(kind, live, next, (MANAGER, "status"));
        }
    }
}

fn is_entered(kind: &Kind, object: &Value) -> bool {
    kind.kind == INGRESS.kind || object::text(object, "/spec/type") == "LoadBalancer"
}
