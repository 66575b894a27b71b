//! What may not change once an object exists.

use serde_json::Value;

use super::kinds::Kind;
use super::object;
use super::quantity;
use super::refusal::Cause;

/// What `new` changes of `old` that may not change.
pub(super) fn causes(kind: &Kind, old: &Value, new: &Value) -> Vec<Cause> {
    let mut causes: Vec<Cause> = changed(old, new, "/metadata/uid").into_iter().collect();
    match kind.kind {
        "Deployment" | "ReplicaSet" => causes.extend(changed(old, new, "/spec/selector")),
        "Service" => causes.extend(address(old, new)),
        "PersistentVolumeClaim" => causes.extend(claim(old, new)),
        "RoleBinding" => causes.extend(role_reference(old, new)),
        _ => {}
    }
    causes
}

fn changed(old: &Value, new: &Value, pointer: &str) -> Option<Cause> {
    let (before, after) = (old.pointer(pointer), new.pointer(pointer));
    let field = pointer.trim_start_matches('/').replace('/', ".");
    let shown = after.cloned().unwrap_or_default();
    (before != after).then(|| Cause::invalid(field, format!("Invalid value: {shown}: field is immutable")))
}

fn address(old: &Value, new: &Value) -> Option<Cause> {
    let (before, after) = (object::text(old, "/spec/clusterIP"), object::text(new, "/spec/clusterIP"));
    let why = format!("Invalid value: [{after:?}]: may not change once set");
    (!before.is_empty() && before != after && !after.is_empty())
        .then(|| Cause::invalid("spec.clusterIPs[0]", why))
}

/// A bound claim may grow; an unbound one may not change at all.
fn claim(old: &Value, new: &Value) -> Option<Cause> {
    let without_requests = |claim: &Value| {
        let mut spec = claim["spec"].clone();
        object::remove(&mut spec, "/resources");
        spec
    };
    let is_bound = object::text(old, "/status/phase") == "Bound";
    let same =
        if is_bound { without_requests(old) == without_requests(new) } else { old["spec"] == new["spec"] };
    if !same {
        let why = "Forbidden: spec is immutable after creation except resources.requests and \
                   volumeAttributesClassName for bound claims";
        return Some(Cause::forbidden("spec", why));
    }
    let size = |claim: &Value| quantity::parse(object::text(claim, "/spec/resources/requests/storage"));
    let why = "Forbidden: field can not be less than status.capacity";
    (size(new) < size(old)).then(|| Cause::forbidden("spec.resources.requests.storage", why))
}

fn role_reference(old: &Value, new: &Value) -> Option<Cause> {
    let shown = &new["roleRef"];
    let why = format!("Invalid value: {shown}: cannot change roleRef");
    (old["roleRef"] != *shown).then(|| Cause::invalid("roleRef", why))
}
