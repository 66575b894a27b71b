//! What the server keeps about objects, and how it stores them; and the writes of controllers.

use serde_json::{Value, json};

use super::admission::quota;
use super::kinds::{Kind, NAMESPACE, POD};
use super::ownership::{self, Writer};
use super::refusal::Refusal;
use super::settings::CONTROLLERS;
use super::{Cluster, defaults, object};

impl Cluster {
    /// What the server itself fills in: what it keeps about an object, and the defaults of its kind.
    pub(super) fn complete(&mut self, kind: &Kind, live: Option<&Value>, object: &mut Value) {
        object["apiVersion"] = json!(kind.api_version());
        object["kind"] = json!(kind.kind);
        object::remove(object, "/metadata/resourceVersion");
        match live {
            Some(live) => retain(kind, live, object),
            None => self.found(kind, object),
        }
        defaults::fill(kind, object);
        if kind.kind == "Service" {
            self.give_address(live, object);
        }
    }

    fn found(&mut self, kind: &Kind, object: &mut Value) {
        for field in ["/metadata/deletionTimestamp", "/metadata/deletionGracePeriodSeconds"] {
            object::remove(object, field);
        }
        if kind.status {
            object::remove(object, "/status");
        }
        object::set(object, "/metadata/uid", json!(self.store.mint_uid()));
        object::set(object, "/metadata/creationTimestamp", json!(self.time()));
        if kind.counted {
            object::set(object, "/metadata/generation", json!(1));
        }
    }

    fn give_address(&mut self, live: Option<&Value>, service: &mut Value) {
        if let Some(live) = live {
            for field in ["clusterIP", "clusterIPs"] {
                let known = live["spec"][field].clone();
                object::set_default(service, &format!("/spec/{field}"), known);
            }
            return;
        }
        let number = self.store.version();
        let address = format!("10.96.{}.{}", number / 250 % 250, number % 250 + 1);
        object::set_default(service, "/spec/clusterIP", json!(address));
        let address = service["spec"]["clusterIP"].clone();
        object::set_default(service, "/spec/clusterIPs", json!([address]));
    }

    /// Stores an object, unless nothing changed; what was only held by a finalizer that is gone goes.
    pub(super) fn keep(&mut self, kind: &'static Kind, live: Option<&Value>, mut object: Value) -> Value {
        count_generation(kind, live, &mut object);
        if let Some(live) = live {
            object::copy(live, &mut object, "/metadata/resourceVersion");
            if *live == object {
                return object;
            }
        }
        self.touch_around(kind, &object);
        let is_held = !object::items(&object, "/metadata/finalizers").is_empty();
        let waits_for_others = [POD.kind, NAMESPACE.kind].contains(&kind.kind);
        if object::is_ending(&object) && !is_held && !waits_for_others {
            self.forget(kind, &object);
            return object;
        }
        (*self.store.put(kind, object)).clone()
    }

    /// Takes an object out, with what was remembered about it.
    pub(super) fn forget(&mut self, kind: &'static Kind, object: &Value) {
        let uid = object::uid(object);
        self.since.remove(uid);
        self.since.remove(&format!("{uid}/end"));
        self.store.remove(kind, object);
    }

    /// Creates an object as a controller does.
    ///
    /// # Errors
    /// What refuses it: limit ranges, Pod security, quota.
    pub(super) fn create_by_controller(
        &mut self,
        kind: &'static Kind,
        mut object: Value,
    ) -> Result<Value, Refusal> {
        self.check_namespace(kind, object::namespace(&object), object::name(&object))?;
        self.complete(kind, None, &mut object);
        let time = self.time();
        let writer = Writer { manager: CONTROLLERS, subresource: "", time: &time };
        ownership::update(kind, None, &mut object, writer);
        self.validate(kind, None, &mut object)?;
        quota::check(&self.store, kind, None, &object)?;
        Ok(self.keep(kind, None, object))
    }

    /// Stores what a controller, or a node, made of an object; nothing happens where it is the same.
    pub(super) fn update_by_controller(
        &mut self,
        kind: &'static Kind,
        live: &Value,
        object: Value,
        writer: (&str, &str),
    ) {
        if *live == object {
            return;
        }
        let (time, mut object) = (self.time(), object);
        let writer = Writer { manager: writer.0, subresource: writer.1, time: &time };
        ownership::update(kind, Some(live), &mut object, writer);
        self.keep(kind, Some(live), object);
    }
}

/// The end of a generated name, from something unique.
pub(super) fn suffix(unique: &str) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let letters = unique.bytes().filter(u8::is_ascii_hexdigit).take(10).collect::<Vec<u8>>();
    let letter = |pair: &[u8]| {
        let number = pair.iter().fold(0, |sum, byte| sum * 16 + usize::from(*byte));
        char::from(LETTERS[number % LETTERS.len()])
    };
    letters.chunks(2).map(letter).collect()
}

/// What the server keeps of an object over every write of it.
fn retain(kind: &Kind, live: &Value, object: &mut Value) {
    let uid = live["metadata"]["uid"].clone();
    object::set_default(object, "/metadata/uid", uid);
    let kept = [
        "name",
        "namespace",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
    ];
    for field in kept {
        object::copy(live, object, &format!("/metadata/{field}"));
    }
    if kind.status {
        object::copy(live, object, "/status");
    }
}

pub(super) fn count_generation(kind: &Kind, live: Option<&Value>, object: &mut Value) {
    let Some(live) = live.filter(|_| kind.counted) else { return };
    let annotations = |object: &Value| object.pointer("/metadata/annotations").cloned();
    // A Deployment counts its annotations too, but not those that its controller notes with its status.
    let noted = live.get("status") != object.get("status");
    let is_marked = kind.kind == "Deployment" && !noted && annotations(live) != annotations(object);
    if live.get("spec") != object.get("spec") || is_marked {
        let next = object::number(live, "/metadata/generation") + 1;
        object::set(object, "/metadata/generation", json!(next));
    }
}
