//! Writes: creation, server-side apply and merge patch, all through one sequence of checks.

use std::sync::Arc;

use http::Response;
use serde_json::{Value, json};

use super::admission::{limits, pod_security, policies, quota};
use super::fields::{duplicates, shown};
use super::kinds::{Kind, NAMESPACE, POD};
use super::ownership::{self, Writer};
use super::refusal::{Refusal, json_response};
use super::request::{Call, Verb};
use super::rules::Place;
use super::{Cluster, immutable, keeping, object, pod_defaults, quantity, rights, tables, validation};

/// The object as it is, where it is there already.
type Live = Option<Arc<Value>>;

impl Cluster {
    /// Carries out a write.
    pub(super) fn write(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
        match call.verb {
            Verb::Create => self.create(call),
            Verb::Apply => self.apply(call),
            Verb::MergePatch if call.subresource == "scale" => self.scale(call),
            _ => self.merge_patch(call),
        }
    }

    fn create(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
        let mut object = self.read_object(call, false)?;
        object::remove(&mut object, "/metadata/managedFields");
        let name = object::name(&object).to_owned();
        self.check_namespace(call.kind, call.namespace, &name)?;
        if let Some(live) = self.store.get(call.kind, call.namespace, &name) {
            return Err(Refusal::already_exists(call.kind, &name, object::is_ending(live)));
        }
        self.finish(call, None, object)
    }

    fn apply(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
        if call.query("fieldManager").is_empty() {
            return Err(Refusal::manager_required());
        }
        let config = self.read_object(call, true)?;
        let live = self.store.get(call.kind, call.namespace, call.name).cloned();
        check_version(call, live.as_deref(), &config)?;
        let mut applied = config;
        object::remove(&mut applied, "/metadata/resourceVersion");
        if live.is_none() {
            self.check_namespace(call.kind, call.namespace, call.name)?;
            check_not_expected(call, &applied)?;
        }
        let time = self.time();
        let writer = Writer { manager: call.query("fieldManager"), subresource: "", time: &time };
        let force = call.query("force") == "true";
        let object = ownership::apply(call.kind, live.as_deref(), &applied, writer, force)?;
        self.finish(call, live, object)
    }

    fn merge_patch(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
        let live = self.live(call)?;
        let patch = call.object(false)?;
        check_version(call, Some(&live), &patch)?;
        let mut object = (*live).clone();
        patched(&mut object, &patch);
        quantity::numbers_to_texts(&mut object);
        let object = known_fields(call, object)?;
        self.finish(call, Some(live), object)
    }

    /// Sets replicas as an autoscaler does; as recorded, that leaves no trace in the ownership of fields.
    fn scale(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
        let live = self.live(call)?;
        let patch = call.object(false)?;
        let mut object = (*live).clone();
        object::copy(&patch, &mut object, "/spec/replicas");
        self.admit(call, Some(&live), &mut object)?;
        if !call.is_dry_run() {
            object = self.keep(call.kind, Some(&live), object);
        }
        Ok(json_response(200, &scale_of(&object)))
    }

    /// The object of the body, which must name what the path names, in the published schema.
    fn read_object(&self, call: &Call<'_>, yaml: bool) -> Result<Value, Refusal> {
        let mut object = call.object(yaml)?;
        check_names(call, &object)?;
        object::without_nulls(&mut object);
        quantity::numbers_to_texts(&mut object);
        if call.kind.namespaced {
            object::set(&mut object, "/metadata/namespace", json!(call.namespace));
        }
        if yaml { check_schema(call, &object).map(|()| object) } else { known_fields(call, object) }
    }

    /// Whether anything can be created in the namespace.
    pub(super) fn check_namespace(&self, kind: &Kind, namespace: &str, name: &str) -> Result<(), Refusal> {
        if !kind.namespaced {
            return Ok(());
        }
        match self.store.get(&NAMESPACE, "", namespace) {
            None => Err(Refusal::not_found(&NAMESPACE, namespace)),
            Some(found) if object::is_ending(found) => {
                Err(Refusal::namespace_terminating(kind, name, namespace))
            }
            Some(_) => Ok(()),
        }
    }

    /// Completes, checks and stores what a call wrote.
    fn finish(
        &mut self,
        call: &Call<'_>,
        live: Live,
        mut object: Value,
    ) -> Result<Response<Vec<u8>>, Refusal> {
        self.complete(call.kind, live.as_deref(), &mut object);
        if call.verb != Verb::Apply {
            let (time, manager) = (self.time(), call.manager());
            let writer = Writer { manager: &manager, subresource: "", time: &time };
            ownership::update(call.kind, live.as_deref(), &mut object, writer);
        }
        self.admit(call, live.as_deref(), &mut object)?;
        if call.is_dry_run() {
            keeping::count_generation(call.kind, live.as_deref(), &mut object);
            if let Some(live) = &live {
                object::copy(live, &mut object, "/metadata/resourceVersion");
            }
        } else {
            object = self.keep(call.kind, live.as_deref(), object);
        }
        Ok(json_response(if live.is_none() { 201 } else { 200 }, &ownership::spelt_out(&object)))
    }

    /// Validation, then what refuses a valid object.
    fn admit(&mut self, call: &Call<'_>, live: Option<&Value>, object: &mut Value) -> Result<(), Refusal> {
        self.validate(call.kind, live, object)?;
        rights::check_bind(&call.user, call.kind, object)?;
        policies::check(&self.store, &call.user, call.kind, live, Some(object))?;
        quota::check(&self.store, call.kind, live, object)
    }

    pub(super) fn validate(
        &self,
        kind: &Kind,
        live: Option<&Value>,
        object: &mut Value,
    ) -> Result<(), Refusal> {
        if kind.kind == POD.kind && live.is_none() {
            limits::apply(&self.store, object)?;
            pod_defaults::admitted_pod(object);
        }
        let mut causes = validation::causes(kind, object);
        causes.extend(live.iter().flat_map(|live| immutable::causes(kind, live, object)));
        if !causes.is_empty() {
            return Err(Refusal::invalid(kind, object::name(object), &causes));
        }
        let namespace = self.store.get(&NAMESPACE, "", object::namespace(object));
        match namespace.filter(|_| kind.kind == POD.kind && live.is_none()) {
            Some(namespace) => pod_security::enforce(namespace, object),
            None => Ok(()),
        }
    }
}

/// The `Scale` (autoscaling/v1) of a workload.
pub(super) fn scale_of(workload: &Value) -> Value {
    let mut metadata = json!({});
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        metadata[field] = workload["metadata"][field].clone();
    }
    json!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": metadata,
        "spec": { "replicas": workload["spec"]["replicas"] },
        "status": {
            "replicas": object::number(workload, "/status/replicas"),
            "selector": tables::pairs(workload, "/spec/selector/matchLabels"),
        },
    })
}

fn check_names(call: &Call<'_>, object: &Value) -> Result<(), Refusal> {
    let (kind, version) = (object::text(object, "/kind"), object::text(object, "/apiVersion"));
    if kind != call.kind.kind || version != call.kind.api_version() {
        let why = format!(
            "the object provided is a {version} {kind}, not a {} {}",
            call.kind.api_version(),
            call.kind.kind
        );
        return Err(Refusal::bad_request(why));
    }
    let (name, namespace) = (object::name(object), object::namespace(object));
    if !namespace.is_empty() && namespace != call.namespace {
        let why = "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Refusal::bad_request(why));
    }
    if !call.name.is_empty() && name != call.name {
        let why =
            format!("the name of the object ({name}) does not match the name on the URL ({})", call.name);
        return Err(Refusal::bad_request(why));
    }
    if call.verb == Verb::Apply && object.pointer("/metadata/managedFields").is_some() {
        return Err(Refusal::bad_request("metadata.managedFields must be nil"));
    }
    Ok(())
}

/// The object without what its published schema does not declare, which is refused where the caller asks for that.
fn known_fields(call: &Call<'_>, mut object: Value) -> Result<Value, Refusal> {
    let refused = |why: &str| {
        let (kind, version) = (call.kind.kind, call.kind.version);
        Refusal::bad_request(format!("{kind} in version {version:?} cannot be handled as a {kind}: {why}"))
    };
    let unknown = call.kind.unknown_fields(&object).map_err(|why| refused(&why))?;
    let named: Vec<String> =
        unknown.iter().map(|field| format!("unknown field {:?}", &dotted(field)[1..])).collect();
    if call.is_strict() && !named.is_empty() {
        return Err(refused(&format!("strict decoding error: {}", named.join(", "))));
    }
    unknown.iter().for_each(|field| drop(object::remove(&mut object, field)));
    Ok(object)
}

/// Whether what is applied is in the published schema.
fn check_schema(call: &Call<'_>, object: &Value) -> Result<(), Refusal> {
    let undeclared =
        |field: &String| format!("{}: field not declared in schema", keyed(call.kind, object, field));
    let mut faults = match call.kind.unknown_fields(object) {
        Ok(unknown) => unknown.iter().map(undeclared).collect(),
        Err(why) => vec![why],
    };
    duplicates(object, &Place::root(call.kind), &mut Vec::new(), &mut faults);
    let why = match faults.as_slice() {
        [] => return Ok(()),
        [why] => why.clone(),
        several => format!("errors:\n  {}", several.join("\n  ")),
    };
    let place = format!("{}/{}; {}", call.namespace, call.name, call.kind.api_version());
    let kind = call.kind.kind;
    Err(Refusal::untyped(format!("failed to create typed patch object ({place}, Kind={kind}): {why}")))
}

/// A pointer as an apply shows it, with the keys of items: `.spec.containers[name="main"].image`.
fn keyed(kind: &Kind, object: &Value, pointer: &str) -> String {
    let (mut place, mut value, mut path) = (Place::root(kind), object, Vec::new());
    for step in pointer.split('/').skip(1) {
        let item = step.parse::<usize>().ok().and_then(|at| value.get(at));
        path.push(item.map_or_else(|| format!("f:{step}"), |item| place.segment(item)));
        place = if item.is_some() { place.item() } else { place.field(step) };
        value = item.unwrap_or(&value[step]);
    }
    shown(&path)
}

/// A pointer as messages show it: `.spec.containers[0].image`.
fn dotted(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1);
    steps
        .map(|step| if step.parse::<usize>().is_ok() { format!("[{step}]") } else { format!(".{step}") })
        .collect()
}

fn check_version(call: &Call<'_>, live: Option<&Value>, object: &Value) -> Result<(), Refusal> {
    let pointer = "/metadata/resourceVersion";
    let expected = object::text(object, pointer);
    let stale = !expected.is_empty() && live.is_some_and(|live| object::text(live, pointer) != expected);
    let why = "the object has been modified; please apply your changes to the latest version and try again";
    if stale { Err(Refusal::conflict(call.kind, call.name, why)) } else { Ok(()) }
}

/// An apply with a uid never creates.
fn check_not_expected(call: &Call<'_>, object: &Value) -> Result<(), Refusal> {
    let uid = object::uid(object);
    let why =
        format!("uid mismatch: the provided object specified uid {uid}, and no existing object was found");
    if uid.is_empty() { Ok(()) } else { Err(Refusal::conflict(call.kind, call.name, &why)) }
}

/// RFC 7396.
fn patched(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in patch {
        if value.is_null() {
            target.as_object_mut().map(|map| map.remove(name));
        } else {
            patched(&mut target[name.as_str()], value);
        }
    }
}
