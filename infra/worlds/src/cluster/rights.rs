//! What a caller may do: everything, what the bindings of a namespace give it, or what it is given before any.

use serde_json::Value;

use super::kinds::{CLUSTER_ROLE, Kind, ROLE_BINDING};
use super::object;
use super::refusal::Refusal;
use super::request::Call;
use super::settings::{Role, User};
use super::store::Store;
use crate::given::rights::{self, Asked};

/// Whether the caller may do what it asks.
pub(super) fn check(store: &Store, call: &Call<'_>) -> Result<(), Refusal> {
    let resource = match call.subresource {
        "" => call.kind.plural.to_owned(),
        subresource => format!("{}/{subresource}", call.kind.plural),
    };
    let (verb, group) = (call.verb.name(), call.kind.group);
    let asked = Asked { verb, group, resource: &resource, name: call.name };
    let is_allowed = match call.user.role {
        Role::Admin => true,
        Role::Fenced if rights::is_given_everywhere(&asked) => true,
        _ => is_bound(store, call, &asked),
    };
    if is_allowed {
        return Ok(());
    }
    let place = match call.namespace {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace \"{namespace}\""),
    };
    let user = &call.user.name;
    let why = format!("User {user:?} cannot {verb} resource {resource:?} in API group {group:?} {place}");
    Err(Refusal::forbidden(call.kind, call.name, &why))
}

/// Whether a binding of the namespace refers to a role that allows it; one that does not exist allows nothing.
fn is_bound(store: &Store, call: &Call<'_>, asked: &Asked<'_>) -> bool {
    if call.namespace.is_empty() {
        return false;
    }
    let mut bindings = store.list(&ROLE_BINDING, Some(call.namespace));
    bindings.any(|binding| {
        let role = store.get(&CLUSTER_ROLE, "", object::text(binding, "/roleRef/name"));
        binding["roleRef"]["kind"] == "ClusterRole"
            && rights::names(binding, &call.user.name, &call.user.groups)
            && role.is_some_and(|role| rights::allows(role, asked))
    })
}

/// Whether the caller may hand out the role that this binding refers to.
pub(super) fn check_bind(user: &User, kind: &Kind, binding: &Value) -> Result<(), Refusal> {
    if kind.kind != ROLE_BINDING.kind || user.role == Role::Admin || rights::may_bind(binding) {
        return Ok(());
    }
    let why = format!(
        "user {:?} (groups={:?}) is attempting to grant RBAC permissions not currently held",
        user.name, user.groups
    );
    Err(Refusal::forbidden(kind, object::name(binding), &why))
}
