//! The tables that kubectl prints: the columns of each kind, as data, and what is in them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::kinds::Kind;
use super::object::{self, items, number, text};

/// A column: its name, its priority (1 where only `-o wide` shows it), and what is in it.
#[derive(Deserialize)]
struct Column(String, u8, Cell);

/// What is in a column, by pointers (RFC 6901).
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Cell {
    Text(String),
    Number(String),
    /// How many entries a map has.
    Length(String),
    /// The entries of a map.
    Pairs(String),
    /// A text of every item of a list.
    Each(String, String),
    /// Two values with a slash between them.
    Of(String, String),
    /// The time since.
    Since(String),
    /// The ready containers of a Pod.
    Ready,
    /// How a Pod is.
    Status,
    /// The ports of a Service.
    Ports,
    /// What an Event is about.
    Concerned,
}

/// By kind; `any` is for all others.
static TABLES: LazyLock<BTreeMap<String, Vec<Column>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("tables.json")).unwrap_or_default());

fn table(kind: &Kind) -> impl Iterator<Item = &'static Column> {
    TABLES.get(kind.kind).or_else(|| TABLES.get("any")).into_iter().flatten()
}

/// The columns of a kind, as a `Table` (`meta.k8s.io/v1`) defines them.
pub(super) fn columns(kind: &Kind) -> Value {
    let column = |Column(name, priority, _): &Column| {
        let format = if name == "Name" { "name" } else { "" };
        json!({ "name": name, "type": "string", "format": format, "description": "", "priority": priority })
    };
    table(kind).map(column).collect()
}

/// One object's row.
pub(super) fn cells(kind: &Kind, object: &Value, now: Timestamp) -> Value {
    table(kind).map(|Column(_, _, cell)| cell.shown(object, now)).collect()
}

impl Cell {
    fn shown(&self, object: &Value, now: Timestamp) -> Value {
        let shown = match self {
            Cell::Number(pointer) => return json!(number(object, pointer)),
            Cell::Length(pointer) => {
                return json!(object.pointer(pointer).and_then(Value::as_object).map_or(0, Map::len));
            }
            Cell::Text(pointer) => text(object, pointer).to_owned(),
            Cell::Pairs(pointer) => pairs(object, pointer),
            Cell::Each(list, pointer) => joined(items(object, list), |item| text(item, pointer).to_owned()),
            Cell::Of(one, two) => [one, two].map(|pointer| plain(object, pointer)).join("/"),
            Cell::Since(pointer) => age(text(object, pointer), now),
            Cell::Concerned => {
                let part = |field: &str| text(&object["involvedObject"], field);
                format!("{}/{}", part("/kind").to_lowercase(), part("/name"))
            }
            Cell::Ready => ready(object),
            Cell::Status => status(object),
            Cell::Ports => joined(items(object, "/spec/ports"), |port| {
                format!("{}/{}", port["port"], text(port, "/protocol"))
            }),
        };
        json!(if shown.is_empty() { "<none>" } else { &shown })
    }
}

/// A value that may be a text or a number; a missing number is zero.
fn plain(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).map_or(number(object, pointer).to_string(), str::to_owned)
}

fn joined(list: &[Value], shown: impl Fn(&Value) -> String) -> String {
    list.iter().map(shown).collect::<Vec<_>>().join(",")
}

fn ready(pod: &Value) -> String {
    let statuses = items(pod, "/status/containerStatuses");
    let ready = statuses.iter().filter(|status| status["ready"] == true).count();
    format!("{ready}/{}", items(pod, "/spec/containers").len())
}

fn status(pod: &Value) -> String {
    let statuses = items(pod, "/status/containerStatuses").iter();
    let mut waits = statuses.map(|status| text(status, "/state/waiting/reason"));
    let status = waits.find(|reason| !reason.is_empty()).unwrap_or(text(pod, "/status/phase"));
    if object::is_ending(pod) { "Terminating" } else { status }.to_owned()
}

/// The entries of a map as `key=value`, joined by commas.
pub(super) fn pairs(object: &Value, pointer: &str) -> String {
    let entries = object::entries(object, pointer);
    entries.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

fn age(since: &str, now: Timestamp) -> String {
    let Ok(since) = since.parse::<Timestamp>() else { return "<unknown>".to_owned() };
    match now.duration_since(since).as_secs() {
        seconds @ ..120 => format!("{seconds}s"),
        seconds @ 120..7_200 => format!("{}m", seconds / 60),
        seconds @ 7_200..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}
