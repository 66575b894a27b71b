//! Roadstead's own admission policies, which refuse what is late or not ours: `infra/cluster/fence.yaml`, in Rust.
//!
//! They are known by name, and in force once a policy and a binding of it are in the cluster. Which of its rules refuses
//! decides on the reason and the message, which the policy object itself holds, in the same order.

use serde_json::Value;

use crate::cluster::kinds::{Kind, NAMESPACE, POLICY_BINDING, POLICY_OBJECT, ROLE_BINDING};
use crate::cluster::object;
use crate::cluster::refusal::Refusal;
use crate::cluster::rights::ENVIRONMENT_ROLE;
use crate::cluster::settings::{Role, User};
use crate::cluster::store::Store;

/// The policy for what is in a namespace.
const OBJECTS: &str = "roadstead-fence";
/// The policy for namespaces themselves.
const NAMESPACES: &str = "roadstead-fence-namespaces";

/// A write, as a policy sees it: an object is missing before its creation and after its deletion.
#[derive(Clone, Copy)]
struct Write<'a> {
    user: &'a User,
    kind: &'a Kind,
    old: Option<&'a Value>,
    new: Option<&'a Value>,
}

/// Whether a write by `user` of `new` (nothing where it deletes) over `old` is within the fence.
pub(in crate::cluster) fn check(
    store: &Store,
    user: &User,
    kind: &Kind,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Result<(), Refusal> {
    let write = Write { user, kind, old, new };
    let Some(object) = new.or(old).filter(|_| user.role == Role::Fenced) else { return Ok(()) };
    if kind.kind == NAMESPACE.kind {
        return refuse(store, NAMESPACES, write, object, namespace_rules(write));
    }
    if !kind.namespaced {
        return Ok(());
    }
    let namespace = store.get(&NAMESPACE, "", object::namespace(object));
    refuse(store, OBJECTS, write, object, object_rules(write, namespace.map(|found| &**found)))
}

/// In force, a policy refuses by the first of its rules that does not hold.
fn refuse(
    store: &Store,
    name: &str,
    write: Write<'_>,
    object: &Value,
    holds: [bool; 3],
) -> Result<(), Refusal> {
    let Some(policy) = store.get(&POLICY_OBJECT, "", name) else { return Ok(()) };
    let mut bindings = store.list(&POLICY_BINDING, None);
    let Some(binding) = bindings.find(|binding| object::text(binding, "/spec/policyName") == name) else {
        return Ok(());
    };
    let Some(broken) = holds.iter().position(|holds| !holds) else { return Ok(()) };
    let rule = |field: &str| object::text(policy, &format!("/spec/validations/{broken}/{field}"));
    let binding = object::name(binding);
    let why = format!(
        "ValidatingAdmissionPolicy '{name}' with binding '{binding}' denied request: {}",
        rule("message")
    );
    Err(Refusal::by_policy(write.kind, object::name(object), rule("reason"), &why))
}

fn object_rules(write: Write<'_>, namespace: Option<&Value>) -> [bool; 3] {
    let (raised, owner) = (generation(namespace), mark(namespace));
    let deletes = write.new.is_none();
    [
        raised >= 0 && (deletes || generation(write.new) >= raised),
        !owner.is_empty()
            && (deletes || mark(write.new) == owner)
            && (write.old.is_none() || mark(write.old) == owner),
        write.kind.kind != ROLE_BINDING.kind
            || write.new.is_none_or(|binding| binds_itself(binding, write.user)),
    ]
}

fn namespace_rules(write: Write<'_>) -> [bool; 3] {
    let (creates, deletes) = (write.old.is_none(), write.new.is_none());
    let marked = !mark(write.new).is_empty() && generation(write.new) >= 0;
    [
        creates || !mark(write.old).is_empty(),
        deletes || marked && (creates || mark(write.new) == mark(write.old)),
        creates || deletes || generation(write.new) >= generation(write.old),
    ]
}

fn binds_itself(binding: &Value, user: &User) -> bool {
    let subjects = object::items(binding, "/subjects");
    object::name(binding) == ENVIRONMENT_ROLE
        && object::text(binding, "/roleRef/kind") == "ClusterRole"
        && object::text(binding, "/roleRef/name") == ENVIRONMENT_ROLE
        && !subjects.is_empty()
        && subjects.iter().all(|subject| subject["kind"] == "User" && subject["name"] == user.name)
}

/// The generation that an object carries; one without is older than any.
fn generation(object: Option<&Value>) -> i64 {
    let text = object.map(|object| object::text(object, "/metadata/annotations/roadstead.dev~1generation"));
    text.and_then(|text| text.parse().ok()).unwrap_or(-1)
}

fn mark(object: Option<&Value>) -> &str {
    object.map(|object| object::text(object, "/metadata/annotations/roadstead.dev~1mark")).unwrap_or_default()
}
