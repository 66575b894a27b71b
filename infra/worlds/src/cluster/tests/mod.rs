//! The model against recordings of a real API server, and against the rules that Roadstead rests on.

mod fence;
mod given;
mod kubectl;
mod limits;
mod normal;
mod recorded;
mod replay;
mod rollouts;
mod rules;

use std::str::FromStr;

use http::{Method, Request};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Answer, Cluster, Role, Settings, User, Watch};

const APPLY: &str = "application/apply-patch+yaml";
const MERGE: &str = "application/merge-patch+json";
const JSON: &str = "application/json";

/// A cluster at a moment, and the clients that speak to it.
struct Bench {
    cluster: Cluster,
    now: Timestamp,
}

/// What was answered.
struct Reply {
    status: u16,
    body: Value,
}

impl Bench {
    fn new() -> Bench {
        Bench::with(Settings::new(1))
    }

    fn with(settings: Settings) -> Bench {
        let user = |name: &str, role| User { name: name.to_owned(), groups: Vec::new(), role };
        let settings = settings
            .with_user("admin-token", user("admin", Role::Admin))
            .with_user("roadstead-token", user("roadstead", Role::Fenced))
            .with_user("nobody-token", user("nobody", Role::Nobody));
        let now = "2026-11-20T16:37:26Z".parse().unwrap();
        let mut cluster = Cluster::new(settings);
        cluster.advance(now);
        Bench { cluster, now }
    }

    fn wait(&mut self, span: SignedDuration) {
        self.now = self.now.checked_add(span).unwrap();
        self.cluster.advance(self.now);
    }

    fn answer(&mut self, user: &str, method: &str, path: &str, media: (&str, &str), body: &[u8]) -> Answer {
        let mut request = Request::builder().method(Method::from_str(method).unwrap()).uri(path);
        if user != "(none)" {
            request = request.header("authorization", format!("Bearer {user}-token"));
        }
        let request = request.header("content-type", media.0).header("accept", media.1);
        self.cluster.handle(&request.body(body.to_vec()).unwrap(), self.now)
    }

    fn send(&mut self, user: &str, method: &str, path: &str, media: (&str, &str), body: &[u8]) -> Reply {
        match self.answer(user, method, path, media, body) {
            Answer::Now(response) => Reply {
                status: response.status().as_u16(),
                body: serde_json::from_slice(response.body())
                    .unwrap_or_else(|_| Value::String(String::from_utf8(response.body().clone()).unwrap())),
            },
            Answer::Watch(mut watch) => {
                let lines: Vec<String> =
                    self.cluster.events(&mut watch).iter().map(|event| format!("{event}\n")).collect();
                Reply { status: 200, body: Value::String(lines.concat()) }
            }
        }
    }

    fn ask(&mut self, user: &str, method: &str, path: &str, media: &str, body: Value) -> Reply {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(user, method, path, (media, JSON), &body)
    }

    fn get(&mut self, path: &str) -> Reply {
        self.ask("admin", "GET", path, JSON, Value::Null)
    }

    fn watch(&mut self, path: &str) -> Watch {
        match self.answer("admin", "GET", path, (JSON, JSON), b"") {
            Answer::Watch(watch) => watch,
            Answer::Now(response) => panic!("{path} is no watch: {}", response.status()),
        }
    }

    fn post(&mut self, path: &str, body: Value) {
        let reply = self.ask("admin", "POST", path, JSON, body);
        assert_eq!(reply.status, 201, "{path}: {}", reply.body);
    }
}
