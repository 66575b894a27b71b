//! A recording and the model beside it: what is sent again, and what of two answers is compared.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::normal::{normal, refusal};
use super::{Bench, JSON, Reply};
use crate::cluster::Settings;

pub(super) const NAMESPACE: &str = "rec-1795192645";

/// A recording that is not compared in full, by file and note, with the part that is left out and why.
const EXCEPTIONS: [(&str, &str, &str, &str); 4] = [
    (
        "apply",
        "merge patch by hand",
        "status",
        "a moment in the middle of five rollouts, which the model does not stop at",
    ),
    ("apply", "dry run of a change", "status", "the same moment"),
    (
        "namespace-end",
        "",
        "managedFields",
        "recorded objects were created by a client that had their ownership reset",
    ),
    ("quota", "its status", "managedFields", "what is owned of a status is not compared"),
];

/// What a recording said of objects that come up again, and what the model says.
#[derive(Default)]
pub(super) struct Known(BTreeMap<String, String>);

impl Known {
    pub(super) fn learn(&mut self, recorded: &Value, ours: &Value) {
        for field in ["uid", "resourceVersion", "continue"] {
            let (theirs, ours) = (&recorded["metadata"][field], &ours["metadata"][field]);
            if let (Some(theirs), Some(ours)) = (theirs.as_str(), ours.as_str()) {
                self.0.insert(theirs.to_owned(), ours.to_owned());
            }
        }
    }

    pub(super) fn ours(&self, text: &str) -> String {
        let known = |text: String, (theirs, ours): (&String, &String)| {
            if theirs.len() > 8 {
                text.replace(theirs, ours)
            } else {
                text.replace(&format!("\"{theirs}\""), &format!("\"{ours}\""))
            }
        };
        self.0.iter().fold(text.to_owned(), known)
    }
}

pub(super) struct Replay {
    pub(super) file: &'static str,
    pub(super) bench: Bench,
    pub(super) known: Known,
}

impl Replay {
    pub(super) fn new(file: &'static str, settings: Settings) -> Replay {
        let mut replay = Replay { file, bench: Bench::with(settings), known: Known::default() };
        replay.bench.post(
            "/api/v1/namespaces",
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } }),
        );
        replay.bench.wait(SignedDuration::from_secs(2));
        replay
    }

    pub(super) fn step(&mut self, exchange: &Value) {
        let note = exchange["note"].as_str().unwrap();
        let request = &exchange["request"];
        let text = |field: &str| request[field].as_str().unwrap_or_default().to_owned();
        let user = if request["user"].is_null() { "admin".to_owned() } else { text("user") };
        let body = match &request["body"] {
            Value::Null => String::new(),
            Value::String(raw) => raw.clone(),
            body => self.known.ours(&body.to_string()),
        };
        let accept = if request["accept"].is_null() { JSON.to_owned() } else { text("accept") };
        let path = self.known.ours(&text("path"));
        let media = (text("contentType"), accept);
        let reply = self.bench.send(&user, &text("method"), &path, (&media.0, &media.1), body.as_bytes());
        self.compare(note, &exchange["response"], &reply);
        self.known.learn(&exchange["response"]["body"], &reply.body);
    }

    pub(super) fn compare(&self, note: &str, recorded: &Value, reply: &Reply) {
        let at = format!("{}: {note}", self.file);
        assert_eq!(Value::from(reply.status), recorded["status"], "{at}: {}", reply.body);
        if recorded["body"]["status"] == "Failure" {
            assert_eq!(refusal(&reply.body), refusal(&recorded["body"]), "{at}");
            return;
        }
        let left_out =
            EXCEPTIONS.iter().filter(|(file, of, _, _)| *file == self.file && (of.is_empty() || *of == note));
        let (mut ours, mut theirs) = (normal(&reply.body), normal(&recorded["body"]));
        for (_, _, part, _) in left_out {
            for body in [&mut ours, &mut theirs] {
                body.as_object_mut().map(|body| body.remove(*part));
                body.pointer_mut("/metadata")
                    .and_then(Value::as_object_mut)
                    .map(|metadata| metadata.remove(*part));
            }
        }
        assert_eq!(pretty(&ours), pretty(&theirs), "{at}");
    }
}

pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(&sorted(value)).unwrap()
}

pub(super) fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let map: BTreeMap<&String, Value> = map.iter().map(|(key, value)| (key, sorted(value))).collect();
            json!(map)
        }
        Value::Array(list) => Value::Array(list.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

pub(super) fn exchanges(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

/// Controllers that take their time, as they did while these were recorded.
pub(super) fn slow() -> Settings {
    let mut settings = Settings::new(1);
    settings.controllers_after = SignedDuration::from_secs(1);
    settings
}
