//! The fence: the expressions of `infra/cluster/fence.yaml`, which refuse what is late or not ours, in Rust.
//!
//! Which of its rules refuses decides on the reason and the message, which the policy object itself holds, in the same order.

use serde_json::Value;

use super::rights::{ENVIRONMENT_ROLE, may_bind};

/// Whom both concern.
const USER: &str = "roadstead";
/// The policy for what is in a namespace.
const OBJECTS: &str = "roadstead-fence";
/// The policy for namespaces themselves.
const NAMESPACES: &str = "roadstead-fence-namespaces";

/// A write, as a policy sees it: an object is missing before its creation and after its deletion.
#[derive(Clone, Copy)]
pub(crate) struct Write<'a> {
    /// Who writes.
    pub(crate) user: &'a str,
    /// The kind of the object.
    pub(crate) kind: &'a str,
    /// The namespace that it is in; missing for kinds that are in none.
    pub(crate) namespace: Option<&'a Value>,
    /// The object as it is.
    pub(crate) old: Option<&'a Value>,
    /// The object as it will be.
    pub(crate) new: Option<&'a Value>,
}

/// The first of its validations by which a policy refuses a write. A policy that is not ours refuses nothing.
pub(crate) fn refuses(policy: &str, write: Write<'_>) -> Option<usize> {
    let holds = match (policy, write.namespace) {
        _ if write.user != USER => return None,
        (OBJECTS, Some(namespace)) => object_rules(write, namespace),
        (NAMESPACES, None) if write.kind == "Namespace" => namespace_rules(write),
        _ => return None,
    };
    holds.iter().position(|holds| !holds)
}

fn object_rules(write: Write<'_>, namespace: &Value) -> Vec<bool> {
    let (raised, owner) = (generation(Some(namespace)), mark(Some(namespace)));
    let (creates, deletes) = (write.old.is_none(), write.new.is_none());
    let updates = !creates && !deletes;
    let adopts = updates
        && mark(write.old).is_empty()
        && adopter(write.old) == owner
        && adopter(Some(namespace)) == owner;
    let releases = updates && is_wiped(write.new) && mark(write.old) == owner && adopter(write.old) == owner;
    vec![
        raised >= 0 && (deletes || releases || generation(write.new) >= raised),
        !owner.is_empty()
            && (deletes || releases || mark(write.new) == owner)
            && (creates || adopts || mark(write.old) == owner),
        write.kind != "RoleBinding" || write.new.is_none_or(|binding| binds_itself(binding, write.user)),
    ]
}

fn namespace_rules(write: Write<'_>) -> Vec<bool> {
    let (creates, deletes) = (write.old.is_none(), write.new.is_none());
    let updates = !creates && !deletes;
    let (old, new) = (mark(write.old), mark(write.new));
    let adopts = updates && old.is_empty() && !new.is_empty() && adopter(write.old) == new;
    let releases = updates && is_wiped(write.new) && !old.is_empty() && adopter(write.old) == old;
    let marked = !new.is_empty() && generation(write.new) >= 0;
    vec![
        creates || adopts || !old.is_empty(),
        deletes || releases || marked && (creates || adopts || new == old),
        !updates || releases || generation(write.new) >= generation(write.old),
        !deletes || adopter(write.old) != old,
    ]
}

/// Whether an object carries nothing of ours.
fn is_wiped(object: Option<&Value>) -> bool {
    mark(object).is_empty() && generation(object) == -1
}

fn binds_itself(binding: &Value, user: &str) -> bool {
    let subjects = binding["subjects"].as_array().map_or(&[][..], Vec::as_slice);
    binding["metadata"]["name"] == ENVIRONMENT_ROLE
        && may_bind(binding)
        && !subjects.is_empty()
        && subjects.iter().all(|subject| subject["kind"] == "User" && subject["name"] == user)
}

fn annotation<'a>(object: Option<&'a Value>, name: &str) -> Option<&'a str> {
    object?["metadata"]["annotations"][name].as_str()
}

/// The generation that an object carries; one without is older than any.
fn generation(object: Option<&Value>) -> i64 {
    annotation(object, "roadstead.dev/generation").and_then(|text| text.parse().ok()).unwrap_or(-1)
}

fn mark(object: Option<&Value>) -> &str {
    annotation(object, "roadstead.dev/mark").unwrap_or_default()
}

/// Whom a person lets take an object over.
fn adopter(object: Option<&Value>) -> &str {
    annotation(object, "roadstead.dev/adopt").unwrap_or_default()
}
