//! Deletion: preconditions, grace, finalizers, and what becomes of dependents.

use std::sync::Arc;

use http::Response;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::admission::policies;
use super::kinds::{Kind, NAMESPACE, POD};
use super::ownership::spelt_out;
use super::refusal::{Refusal, json_response};
use super::request::{Call, Verb};
use super::selectors::Selection;
use super::{Cluster, lists, object};

/// Holds an object until its dependents are gone.
pub(super) const FOREGROUND: &str = "foregroundDeletion";

/// How long a Pod is given where neither it nor its deletion says.
const DEFAULT_GRACE: i64 = 30;

/// What becomes of the objects that the deleted one owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dependents {
    /// They go after it.
    Background,
    /// They go before it.
    Foreground,
}

/// `DeleteOptions` (`meta.k8s.io/v1`), from the body and the query.
struct Options {
    dependents: Dependents,
    grace: Option<i64>,
    uid: String,
    version: String,
    dry_run: bool,
}

impl Options {
    fn read(call: &Call<'_>) -> Result<Options, Refusal> {
        let body = if call.body().is_empty() { json!({}) } else { call.object(false)? };
        let either = |name: &str| match call.query(name) {
            "" => object::text(&body, &format!("/{name}")).to_owned(),
            value => value.to_owned(),
        };
        let dependents = match either("propagationPolicy").as_str() {
            "" | "Background" => Dependents::Background,
            "Foreground" => Dependents::Foreground,
            other => return Err(Refusal::not_implemented(&format!("propagationPolicy {other:?}"))),
        };
        let grace = call.query("gracePeriodSeconds").parse().ok();
        Ok(Options {
            dependents,
            grace: grace.or_else(|| body.get("gracePeriodSeconds").and_then(Value::as_i64)),
            uid: object::text(&body, "/preconditions/uid").to_owned(),
            version: object::text(&body, "/preconditions/resourceVersion").to_owned(),
            dry_run: call.is_dry_run() || object::items(&body, "/dryRun").contains(&json!("All")),
        })
    }

    fn check(&self, kind: &Kind, live: &Value) -> Result<(), Refusal> {
        for (what, expected, pointer) in [
            ("UID", &self.uid, "/metadata/uid"),
            ("ResourceVersion", &self.version, "/metadata/resourceVersion"),
        ] {
            let found = object::text(live, pointer);
            if !expected.is_empty() && expected != found {
                let why = format!(
                    "the {what} in the precondition ({expected}) does not match the {what} in record ({found}). \
                     The object might have been deleted and then recreated"
                );
                return Err(Refusal::deletion_conflict(kind, object::name(live), &why));
            }
        }
        Ok(())
    }
}

impl Cluster {
    /// Carries out a deletion, of one object or of all that are selected.
    pub(super) fn delete(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
        let options = Options::read(call)?;
        if call.verb == Verb::DeleteCollection {
            return self.delete_selected(call, &options);
        }
        let live = self.live(call)?;
        options.check(call.kind, &live)?;
        if call.kind.kind == NAMESPACE.kind && call.name == "default" {
            return Err(Refusal::forbidden(call.kind, call.name, "this namespace may not be deleted"));
        }
        policies::check(&self.store, &call.user, call.kind, Some(&live), None)?;
        let ending =
            (!options.dry_run).then(|| self.end(call.kind, &live, options.dependents, options.grace));
        let ending = ending.flatten().map(|object| spelt_out(&object));
        Ok(json_response(200, &ending.unwrap_or_else(|| success(call.kind, &live))))
    }

    fn delete_selected(&mut self, call: &Call<'_>, options: &Options) -> Result<Response<Vec<u8>>, Refusal> {
        let selection = Selection::parse(call.query("labelSelector"), call.query("fieldSelector"))?;
        let shown = lists::list(self, call)?;
        let namespace = Some(call.namespace).filter(|namespace| !namespace.is_empty());
        let objects: Vec<Arc<Value>> = self
            .store
            .list(call.kind, namespace)
            .filter(|object| selection.matches(object))
            .cloned()
            .collect();
        for object in objects {
            policies::check(&self.store, &call.user, call.kind, Some(&object), None)?;
            if !options.dry_run {
                self.end(call.kind, &object, options.dependents, options.grace);
            }
        }
        Ok(json_response(200, &shown))
    }

    /// Ends an object: at once, or by marking it where something holds it; then the marked object is returned.
    pub(super) fn end(
        &mut self,
        kind: &'static Kind,
        live: &Value,
        dependents: Dependents,
        grace: Option<i64>,
    ) -> Option<Value> {
        self.touch_around(kind, live);
        let mut object = live.clone();
        if dependents == Dependents::Foreground {
            hold(&mut object, FOREGROUND);
        }
        let grace = grace_of(kind, live, grace);
        let is_held = !object::items(&object, "/metadata/finalizers").is_empty();
        if grace == 0 && !is_held && kind.kind != NAMESPACE.kind {
            self.forget(kind, live);
            return None;
        }
        self.mark(kind, &mut object, grace);
        if *live == object {
            return Some(object);
        }
        Some((*self.store.put(kind, object)).clone())
    }

    fn mark(&mut self, kind: &Kind, object: &mut Value, grace: i64) {
        if object::is_ending(object) {
            return;
        }
        let at = self.now.checked_add(SignedDuration::from_secs(grace)).unwrap_or(self.now);
        object::set(
            object,
            "/metadata/deletionTimestamp",
            json!(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        );
        if kind.kind == NAMESPACE.kind {
            object::set(object, "/status/phase", json!("Terminating"));
            self.since.insert(object::uid(object).to_owned(), self.now);
        } else {
            object::set(object, "/metadata/deletionGracePeriodSeconds", json!(grace));
        }
        if kind.counted {
            let next = object::number(object, "/metadata/generation") + 1;
            object::set(object, "/metadata/generation", json!(next));
        }
    }
}

fn hold(object: &mut Value, finalizer: &str) {
    let mut finalizers = object::without(object, "/metadata/finalizers", |held| held == finalizer);
    finalizers.push(json!(finalizer));
    object::set(object, "/metadata/finalizers", Value::Array(finalizers));
}

/// Only a Pod that a node runs is given time, in seconds.
fn grace_of(kind: &Kind, live: &Value, asked: Option<i64>) -> i64 {
    if kind.kind != POD.kind || object::text(live, "/spec/nodeName").is_empty() {
        return 0;
    }
    let own = live.pointer("/spec/terminationGracePeriodSeconds").and_then(Value::as_i64);
    asked.or(own).unwrap_or(DEFAULT_GRACE).max(0)
}

fn success(kind: &Kind, object: &Value) -> Value {
    let mut details =
        json!({ "name": object::name(object), "kind": kind.plural, "uid": object::uid(object) });
    if !kind.group.is_empty() {
        details["group"] = json!(kind.group);
    }
    json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details })
}
