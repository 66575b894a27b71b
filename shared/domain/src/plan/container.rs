//! A container of a workload's pods.

use super::{
    amounts::Amount,
    scene::{Piece, Scene},
    volume,
};
use crate::{
    refusal::Refusal,
    score::{Container, Probe},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What an image that runs as root needs to give up root by itself. All of it is within the baseline standard.
const CAPABILITIES: [&str; 6] = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "NET_BIND_SERVICE", "SETGID", "SETUID"];

pub(super) fn render(
    scene: &Scene<'_>,
    piece: &Piece<'_>,
    name: &str,
    container: &Container,
) -> Result<Value, Refusal> {
    let amount = Amount::of(container, &scene.kind.quota);
    let mut fields = Map::new();
    fields.insert("name".into(), json!(name));
    fields.insert("image".into(), json!(piece.image));
    fields.insert("resources".into(), json!({"requests": amount.requests(), "limits": amount.limits()}));
    fields.insert("securityContext".into(), security());
    for (field, list) in [
        ("command", words(&container.command)),
        ("args", words(&container.args)),
        ("env", variables(scene, piece, container)?),
        ("ports", ports(piece)),
        ("volumeMounts", volume::mounts(piece.name, container)),
    ] {
        if !list.is_empty() {
            fields.insert(field.into(), Value::Array(list));
        }
    }
    fields.extend(container.liveness.as_ref().map(|it| ("livenessProbe".into(), probe(it))));
    fields.extend(container.readiness.as_ref().map(|it| ("readinessProbe".into(), probe(it))));
    Ok(Value::Object(fields))
}

fn security() -> Value {
    json!({
        "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"], "add": CAPABILITIES},
    })
}

/// Kubernetes replaces `$(NAME)` in commands, arguments and variables; Score does not, so every `$` is written twice.
fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

fn words(words: &[String]) -> Vec<Value> {
    words.iter().map(|word| json!(literal(word))).collect()
}

fn variables(scene: &Scene<'_>, piece: &Piece<'_>, container: &Container) -> Result<Vec<Value>, Refusal> {
    let variable = |(name, template)| {
        let text = scene.hosts.expand(piece, template)?;
        Ok(json!({"name": name, "value": literal(&text)}))
    };
    container.variables.iter().map(variable).collect()
}

/// What the service's ports lead to. A pod with one container listens on them there; the others do not say.
fn ports(piece: &Piece<'_>) -> Vec<Value> {
    if piece.score.containers.len() > 1 {
        return Vec::new();
    }
    let targets: BTreeSet<(u16, &str)> =
        piece.score.ports.values().map(|port| (port.target, port.protocol)).collect();
    targets.into_iter().map(|(port, protocol)| json!({"containerPort": port, "protocol": protocol})).collect()
}

fn probe(probe: &Probe) -> Value {
    match probe {
        Probe::Exec { command } => json!({"exec": {"command": command}}),
        Probe::HttpGet { scheme, path, port, headers } => {
            let mut request = json!({"scheme": scheme, "path": path, "port": port});
            if !headers.is_empty() {
                let header = |(name, value): &(String, String)| json!({"name": name, "value": value});
                request["httpHeaders"] = headers.iter().map(header).collect();
            }
            json!({"httpGet": request})
        }
    }
}
