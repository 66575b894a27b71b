//! A sandbox cluster: a pure model of a Kubernetes API server (1.36) and its controllers, for a closed list of kinds.
//!
//! A rule is in it because a recording of a real server shows it; the recordings are replayed by its tests.
//!
//! The kinds are those that Roadstead renders or reads, with the defaults of what it renders. What it leaves out: containers
//! never end by themselves, old ReplicaSets stay under their revision, and nothing waits for `minReadySeconds` or for what a
//! Pod mounts; a Pod has no class of service, priority or tolerations; of Pod security only `baseline` is known, and nothing
//! is warned of; quantities stay as they were written; pages of a list are cut from what is there now. Refused are replacing
//! (405), strategic merge and JSON patches and protobuf (415), generated names, selectors by expression (422), and deleting
//! without dependents (501).

mod admission;
mod controllers;
mod defaults;
mod deletion;
mod discovery;
mod fields;
mod immutable;
mod keeping;
mod kinds;
mod lists;
mod merge;
mod object;
mod openapi;
mod ownership;
mod pod_defaults;
mod quantity;
mod refusal;
mod request;
mod rights;
mod rules;
mod selectors;
mod settings;
mod shown;
mod store;
mod tables;
mod validation;
mod watch;
mod writes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::settings::{Role, Settings, User};
pub use self::watch::Watch;

use self::kinds::{Kind, NAMESPACE};
use self::refusal::{Refusal, json_response};
use self::request::{Call, Verb};
use self::shown::Form;
use self::store::Store;

/// A cluster: its objects, and what its controllers remember.
#[derive(Clone, Serialize, Deserialize)]
pub struct Cluster {
    settings: Settings,
    store: Store,
    now: Timestamp,
    /// When the controllers look at a namespace next.
    due: BTreeMap<String, Timestamp>,
    /// Since when an object, by uid, is as its controller waits for.
    since: BTreeMap<String, Timestamp>,
}

/// What a request is answered with.
pub enum Answer {
    /// A whole response.
    Now(Response<Vec<u8>>),
    /// A watch: status 200, then one line of JSON for each of [`Cluster::events`].
    Watch(Watch),
}

impl Cluster {
    /// A cluster without objects; the first moment it hears of brings the namespace `default`.
    pub fn new(settings: Settings) -> Cluster {
        Cluster {
            store: Store::new(settings.seed),
            settings,
            now: Timestamp::UNIX_EPOCH,
            due: BTreeMap::new(),
            since: BTreeMap::new(),
        }
    }

    /// Answers one request at one moment.
    pub fn handle(&mut self, request: &Request<Vec<u8>>, now: Timestamp) -> Answer {
        self.advance(now);
        self.answer(request).unwrap_or_else(|refusal| Answer::Now(refusal.to_response()))
    }

    /// Lets controllers and nodes move on to `now`.
    pub fn advance(&mut self, now: Timestamp) {
        if self.store.all().next().is_none() {
            self.now = now;
            self.bring_up();
        }
        while let Some((at, namespace)) = self.first_due().filter(|(at, _)| *at <= now) {
            self.now = self.now.max(at);
            controllers::settle(self, &namespace);
        }
        self.now = self.now.max(now);
    }

    /// When something will next happen by itself, if anything.
    pub fn next_event(&self) -> Option<Timestamp> {
        self.due.values().min().copied()
    }

    /// Every object there is, as the server would show it: the truth, for those who check it.
    pub fn objects(&self) -> impl Iterator<Item = &Value> {
        self.store.all().map(|object| &**object)
    }

    /// Limits what can be pulled to these references (`repository@digest`); `None` lifts the limit.
    pub fn set_images(&mut self, images: Option<BTreeSet<String>>) {
        self.settings.images = images;
        self.look_everywhere();
    }

    /// Makes every image whose reference contains one of these texts impossible to pull.
    pub fn set_missing_images(&mut self, missing: BTreeSet<String>) {
        self.settings.missing_images = missing;
        self.look_everywhere();
    }

    /// Lets containers whose manifest contains a text, such as its image's digest, stand so, in the fields of a
    /// `ContainerStatus`, instead of running.
    pub fn set_container_states(&mut self, states: BTreeMap<String, Value>) {
        self.settings.states = states;
        self.look_everywhere();
    }

    /// Changes how long a Pod takes from being seen by its node to Ready.
    pub fn set_ready_after(&mut self, span: SignedDuration) {
        self.settings.ready_after = span;
        self.look_everywhere();
    }

    fn answer(&mut self, request: &Request<Vec<u8>>) -> Result<Answer, Refusal> {
        let user = self.settings.authenticate(request.headers())?;
        if let Some(response) = discovery::answer(request.uri().path()) {
            return Ok(Answer::Now(response));
        }
        let call = Call::read(request, user)?;
        rights::check(&self.store, &call)?;
        let response = match call.verb {
            Verb::Watch => return Ok(Answer::Watch(Watch::open(&call, self.now)?)),
            Verb::Get => self.get(&call)?,
            Verb::List => json_response(200, &lists::list(self, &call)?),
            Verb::Create | Verb::Apply | Verb::MergePatch => self.write(&call)?,
            Verb::Delete | Verb::DeleteCollection => self.delete(&call)?,
        };
        Ok(Answer::Now(response))
    }

    fn get(&self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
        let object = self.live(call)?;
        if call.subresource == "scale" {
            return Ok(json_response(200, &writes::scale_of(&object)));
        }
        let form = Form::asked(call);
        Ok(json_response(200, &form.object(call.kind, &object, self.now)))
    }

    /// The object that a call names.
    fn live(&self, call: &Call<'_>) -> Result<Arc<Value>, Refusal> {
        let found = self.store.get(call.kind, call.namespace, call.name);
        found.cloned().ok_or_else(|| Refusal::not_found(call.kind, call.name))
    }

    /// The time as objects carry it: RFC 3339, whole seconds.
    fn time(&self) -> String {
        self.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    fn first_due(&self) -> Option<(Timestamp, String)> {
        self.due.iter().map(|(namespace, at)| (*at, namespace.clone())).min()
    }

    /// Lets the controllers look at a namespace soon.
    fn touch(&mut self, namespace: &str) {
        let at = self.now.checked_add(self.settings.controllers_after).unwrap_or(self.now);
        let due = self.due.entry(namespace.to_owned()).or_insert(at);
        *due = at.min(*due);
    }

    /// Lets the controllers look at whatever a change of this object may concern.
    fn touch_around(&mut self, kind: &Kind, object: &Value) {
        match kind.kind {
            "Namespace" => self.touch(object::name(object)),
            _ if kind.namespaced => self.touch(object::namespace(object)),
            _ => {}
        }
    }

    fn look_everywhere(&mut self) {
        let namespaces: Vec<String> =
            self.store.list(&NAMESPACE, None).map(|namespace| object::name(namespace).to_owned()).collect();
        for namespace in namespaces {
            self.touch(&namespace);
        }
    }
}

#[cfg(test)]
mod tests;
