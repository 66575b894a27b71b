//! The forms in which objects are shown: as they are, their metadata only, or as the table that kubectl prints.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::kinds::Kind;
use super::object;
use super::ownership::spelt_out;
use super::request::Call;
use super::tables;

/// A form that the `Accept` header asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Metadata,
    /// Whether its rows hold whole objects.
    Table(bool),
}

impl Form {
    /// The first form of the `Accept` header that is known here.
    pub(super) fn asked(call: &Call<'_>) -> Form {
        let known = call.header(http::header::ACCEPT).split(',').find_map(|choice| {
            if choice.contains("as=Table") {
                Some(Form::Table(call.query("includeObject") == "Object"))
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
            Form::Plain => spelt_out(object),
            Form::Metadata => metadata(object),
            Form::Table(_) => {
                let version = json!({ "resourceVersion": object["metadata"]["resourceVersion"] });
                self.list(kind, &[object], version, now)
            }
        }
    }

    /// A list in this form, with the metadata of the list itself.
    pub(super) fn list(self, kind: &Kind, objects: &[&Value], list: Value, now: Timestamp) -> Value {
        let all =
            |show: &dyn Fn(&Value) -> Value| objects.iter().map(|object| show(object)).collect::<Value>();
        let meta = "meta.k8s.io/v1";
        let (name, version, mut body) = match self {
            Form::Plain => {
                let items = json!({ "items": all(&without_kind) });
                (format!("{}List", kind.kind), kind.api_version(), items)
            }
            Form::Metadata => {
                let items = json!({ "items": all(&metadata) });
                ("PartialObjectMetadataList".to_owned(), meta.to_owned(), items)
            }
            Form::Table(whole) => {
                let row = |object: &Value| {
                    let shown = if whole { spelt_out(object) } else { metadata(object) };
                    json!({ "cells": tables::cells(kind, object, now), "object": shown })
                };
                let rows = json!({ "columnDefinitions": tables::columns(kind), "rows": all(&row) });
                ("Table".to_owned(), meta.to_owned(), rows)
            }
        };
        (body["kind"], body["apiVersion"], body["metadata"]) = (json!(name), json!(version), list);
        body
    }
}

fn without_kind(object: &Value) -> Value {
    let mut item = spelt_out(object);
    object::remove(&mut item, "/kind");
    object::remove(&mut item, "/apiVersion");
    item
}

fn metadata(object: &Value) -> Value {
    json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": spelt_out(object)["metadata"] })
}
