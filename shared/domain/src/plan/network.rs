//! Who may talk to whom: nobody, but for what is named here.

use super::{rules::NETWORK_POLICY, scene::Scene};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Addresses that never lead outside: link-local ones, where clouds serve credentials.
const LINK_LOCAL_V4: &str = "169.254.0.0/16";
/// The same for IPv6: link-local ones, and those of the AWS instance metadata service.
const LINK_LOCAL_V6: [&str; 2] = ["fe80::/10", "fd00:ec2::/32"];

/// The policies. They add up: each allows something, and what none allows is denied.
pub(super) fn render(scene: &Scene<'_>) -> Vec<Value> {
    let everyone = json!({"podSelector": {}});
    [
        ("default-deny", json!({"policyTypes": ["Ingress", "Egress"]})),
        (
            "allow-within",
            json!({
                "policyTypes": ["Ingress", "Egress"],
                "ingress": [{"from": [everyone]}],
                "egress": [{"to": [everyone]}],
            }),
        ),
        ("allow-entrance", json!({"policyTypes": ["Ingress"], "ingress": entrance(scene)})),
        ("allow-name-lookup", json!({"policyTypes": ["Egress"], "egress": [name_lookup()]})),
        ("allow-outside", json!({"policyTypes": ["Egress"], "egress": [outside()]})),
    ]
    .into_iter()
    .map(|(name, spec)| policy(scene, name, spec))
    .collect()
}

fn policy(scene: &Scene<'_>, name: &str, mut spec: Value) -> Value {
    spec["podSelector"] = json!({});
    scene.object(NETWORK_POLICY, name, json!({"spec": spec}))
}

/// From the namespace of the entrance's pods; an entrance outside the cluster reaches the ports of the services only.
fn entrance(scene: &Scene<'_>) -> Vec<Value> {
    if let Some(namespace) = &scene.entrance.namespace {
        let label = json!({"kubernetes.io/metadata.name": namespace});
        return vec![json!({"from": [{"namespaceSelector": {"matchLabels": label}}]})];
    }
    let services = scene.workloads.iter().flat_map(|piece| piece.score.ports.values());
    let targets: BTreeSet<u16> =
        services.filter(|port| port.protocol == "TCP").map(|port| port.target).collect();
    // A rule without ports would allow all of them.
    if targets.is_empty() {
        return Vec::new();
    }
    let anywhere = json!([{"ipBlock": {"cidr": "0.0.0.0/0"}}, {"ipBlock": {"cidr": "::/0"}}]);
    vec![json!({"from": anywhere, "ports": tcp(targets)})]
}

fn name_lookup() -> Value {
    json!({"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]})
}

/// The web, but for link-local addresses.
fn outside() -> Value {
    json!({
        "to": [
            {"ipBlock": {"cidr": "0.0.0.0/0", "except": [LINK_LOCAL_V4]}},
            {"ipBlock": {"cidr": "::/0", "except": LINK_LOCAL_V6}},
        ],
        "ports": tcp([80, 443]),
    })
}

fn tcp(ports: impl IntoIterator<Item = u16>) -> Vec<Value> {
    ports.into_iter().map(|port| json!({"protocol": "TCP", "port": port})).collect()
}
