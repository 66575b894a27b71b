//! The forms in which objects are shown: as they are, their metadata only, or as the table that kubectl prints.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::kinds::Kind;
use super::object;

/// A form that the `Accept` header asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Metadata,
    Table,
}

impl Form {
    /// The first form of the header that is known here.
    pub(super) fn accepted(header: &str) -> Form {
        let known = header.split(',').find_map(|choice| {
            if choice.contains("as=Table") {
                Some(Form::Table)
            } else if choice.contains("as=PartialObjectMetadata") {
                Some(Form::Metadata)
            } else {
                (choice.trim() == "application/json" || choice.trim() == "*/*").then_some(Form::Plain)
            }
        });
        known.unwrap_or(Form::Plain)
    }

    /// One object in this form.
    pub(super) fn object(self, kind: &Kind, object: &Value, now: Timestamp) -> Value {
        match self {
            Form::Plain => object.clone(),
            Form::Metadata => metadata(object),
            Form::Table => {
                let list = json!({ "resourceVersion": object["metadata"]["resourceVersion"] });
                table(kind, &[object], list, now)
            }
        }
    }

    /// A list in this form, with the metadata of the list itself.
    pub(super) fn list(self, kind: &Kind, objects: &[&Value], list: Value, now: Timestamp) -> Value {
        match self {
            Form::Plain => {
                let items: Vec<Value> = objects.iter().map(|object| without_kind(object)).collect();
                json!({
                    "kind": format!("{}List", kind.kind),
                    "apiVersion": kind.api_version(),
                    "metadata": list,
                    "items": items,
                })
            }
            Form::Metadata => {
                let items: Vec<Value> = objects.iter().map(|object| metadata(object)).collect();
                json!({
                    "kind": "PartialObjectMetadataList",
                    "apiVersion": "meta.k8s.io/v1",
                    "metadata": list,
                    "items": items,
                })
            }
            Form::Table => table(kind, objects, list, now),
        }
    }
}

fn without_kind(object: &Value) -> Value {
    let mut item = object.clone();
    object::remove(&mut item, "/kind");
    object::remove(&mut item, "/apiVersion");
    item
}

fn metadata(object: &Value) -> Value {
    json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"] })
}

fn table(kind: &Kind, objects: &[&Value], list: Value, now: Timestamp) -> Value {
    let row = |object: &&Value| json!({ "cells": cells(kind, object, now), "object": metadata(object) });
    json!({
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": list,
        "columnDefinitions": columns(kind),
        "rows": objects.iter().map(row).collect::<Vec<_>>(),
    })
}

fn columns(kind: &Kind) -> Vec<Value> {
    let column = |(name, of, format, priority): (&str, &str, &str, i64)| json!({ "name": name, "type": of, "format": format, "description": "", "priority": priority });
    let name = ("Name", "string", "name", 0);
    let age = ("Age", "string", "", 0);
    let columns = match kind.kind {
        "Deployment" => vec![
            name,
            ("Ready", "string", "", 0),
            ("Up-to-date", "string", "", 0),
            ("Available", "string", "", 0),
            age,
            ("Containers", "string", "", 1),
            ("Images", "string", "", 1),
            ("Selector", "string", "", 1),
        ],
        "Pod" => vec![name, ("Ready", "string", "", 0), ("Status", "string", "", 0), age],
        "Namespace" => vec![name, ("Status", "string", "", 0), age],
        _ => vec![name, age],
    };
    columns.into_iter().map(column).collect()
}

fn cells(kind: &Kind, object: &Value, now: Timestamp) -> Vec<Value> {
    let (name, age) = (json!(object::name(object)), json!(age(object, now)));
    match kind.kind {
        "Deployment" => {
            let ready =
                format!("{}/{}", object::number(object, "/status/readyReplicas"), object["spec"]["replicas"]);
            vec![
                name,
                json!(ready),
                json!(object::number(object, "/status/updatedReplicas")),
                json!(object::number(object, "/status/availableReplicas")),
                age,
                json!(containers(object, "/name")),
                json!(containers(object, "/image")),
                json!(pairs(object, "/spec/selector/matchLabels")),
            ]
        }
        "Pod" => {
            let statuses = object::items(object, "/status/containerStatuses");
            let ready = statuses.iter().filter(|status| status["ready"] == true).count();
            let waits = statuses.iter().map(|status| object::text(status, "/state/waiting/reason"));
            let waits = waits.into_iter().find(|reason| !reason.is_empty());
            let status = waits.unwrap_or(object::text(object, "/status/phase"));
            let status = if object::is_ending(object) { "Terminating" } else { status };
            let all = object::items(object, "/spec/containers").len();
            vec![name, json!(format!("{ready}/{all}")), json!(status), age]
        }
        "Namespace" => vec![name, object["status"]["phase"].clone(), age],
        _ => vec![name, age],
    }
}

fn containers(object: &Value, pointer: &str) -> String {
    let containers = object::items(object, "/spec/template/spec/containers").iter();
    containers.map(|container| object::text(container, pointer)).collect::<Vec<_>>().join(",")
}

/// The entries of a map as `key=value`, joined by commas.
pub(super) fn pairs(object: &Value, pointer: &str) -> String {
    object::entries(object, pointer)
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join(",")
}

fn age(object: &Value, now: Timestamp) -> String {
    let Ok(created) = object::text(object, "/metadata/creationTimestamp").parse::<Timestamp>() else {
        return "<unknown>".to_owned();
    };
    match now.duration_since(created).as_secs() {
        seconds @ ..120 => format!("{seconds}s"),
        seconds @ 120..7_200 => format!("{}m", seconds / 60),
        seconds @ 7_200..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}
