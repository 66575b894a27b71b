//! How much one request may say.

use super::{Bench, JSON};
use crate::cluster::{
    request::BODY_LIMIT,
    validation::{LABEL_LIMIT, SUBDOMAIN_LIMIT},
};
use serde_json::{Value, json};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn made(path: &str, kind: &str, name: &str, label: &str) -> (u16, String) {
    let metadata = json!({ "name": name, "labels": { "told": label } });
    let object = json!({ "apiVersion": "v1", "kind": kind, "metadata": metadata });
    let reply = Bench::new().ask("admin", "POST", path, JSON, object);
    (reply.status, reply.body["message"].as_str().unwrap_or_default().to_owned())
}

/// So many letters, in parts that are labels.
fn subdomain(length: usize) -> String {
    let mut name = format!("{}.", "x".repeat(LABEL_LIMIT)).repeat(length.div_ceil(LABEL_LIMIT + 1));
    name.truncate(length);
    name
}

#[test]
fn names_end_where_the_standard_says() {
    for (kind, path, name, limit) in [
        ("Namespace", "/api/v1/namespaces", "x".repeat(LABEL_LIMIT), LABEL_LIMIT),
        ("ConfigMap", MAPS, subdomain(SUBDOMAIN_LIMIT), SUBDOMAIN_LIMIT),
    ] {
        assert_eq!(made(path, kind, &name, ""), (201, String::new()));
        let (status, why) = made(path, kind, &format!("{name}x"), "");
        assert!(status == 422 && why.contains(&format!("must be no more than {limit} bytes")), "{why}");
    }
}

#[test]
fn the_value_of_a_label_ends_where_the_standard_says() {
    assert_eq!(made(MAPS, "ConfigMap", "c", &"x".repeat(LABEL_LIMIT)).0, 201);
    let (status, why) = made(MAPS, "ConfigMap", "c", &"x".repeat(LABEL_LIMIT + 1));
    assert!(status == 422 && why.contains("must be no more than 63 bytes"), "{why}");
}

#[test]
fn a_body_of_three_mebibytes_is_read_and_no_larger() {
    let map = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}"#;
    let of = |length: usize| {
        let body = format!("{map}{}", " ".repeat(length - map.len()));
        Bench::new().send("admin", "POST", MAPS, (JSON, JSON), body.as_bytes())
    };
    assert_eq!(of(BODY_LIMIT).status, 201);
    let refused = of(BODY_LIMIT + 1);
    assert_eq!((refused.status, &refused.body["kind"]), (413, &Value::from("Status")));
}
