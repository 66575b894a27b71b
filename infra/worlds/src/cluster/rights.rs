//! Who may do what: role-based access control by the bindings of a namespace, and what Roadstead's user is given first.

use serde_json::Value;

use super::kinds::{CLUSTER_ROLE, Kind, ROLE_BINDING};
use super::object;
use super::refusal::Refusal;
use super::request::{Call, Verb};
use super::settings::{Role, User};
use super::store::Store;

/// The only ClusterRole that Roadstead's user may bind.
pub(super) const ENVIRONMENT_ROLE: &str = "roadstead-environment";

/// Whether the caller may do what it asks.
pub(super) fn check(store: &Store, call: &Call<'_>) -> Result<(), Refusal> {
    let is_allowed = match call.user.role {
        Role::Admin => true,
        Role::Fenced if is_given_everywhere(call) => true,
        _ => is_bound(store, call),
    };
    if is_allowed {
        return Ok(());
    }
    let place = match call.namespace {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace \"{namespace}\""),
    };
    let why = format!(
        "User {:?} cannot {} resource {:?} in API group {:?} {place}",
        call.user.name,
        call.verb.name(),
        resource(call),
        call.kind.group,
    );
    Err(Refusal::forbidden(call.kind, call.name, &why))
}

fn resource(call: &Call<'_>) -> String {
    match call.subresource {
        "" => call.kind.plural.to_owned(),
        subresource => format!("{}/{subresource}", call.kind.plural),
    }
}

/// Namespaces and bindings, which come before any binding can: the ClusterRole `roadstead` of `infra/cluster`.
fn is_given_everywhere(call: &Call<'_>) -> bool {
    let is_watch_of_bindings = call.verb == Verb::Watch && call.kind.kind == ROLE_BINDING.kind;
    ["Namespace", "RoleBinding"].contains(&call.kind.kind)
        && !is_watch_of_bindings
        && !matches!(call.verb, Verb::Update | Verb::DeleteCollection)
}

fn is_bound(store: &Store, call: &Call<'_>) -> bool {
    if call.namespace.is_empty() || !call.kind.namespaced {
        return false;
    }
    let bindings = store.list(&ROLE_BINDING, Some(call.namespace));
    bindings.filter(|binding| names(binding, &call.user)).any(|binding| grants(store, binding, call))
}

fn names(binding: &Value, user: &User) -> bool {
    object::items(binding, "/subjects").iter().any(|subject| match object::text(subject, "/kind") {
        "User" => subject["name"] == user.name,
        "Group" => user.groups.iter().any(|group| subject["name"] == *group),
        _ => false,
    })
}

/// Whether the role that a binding refers to allows a call; one that does not exist allows nothing.
fn grants(store: &Store, binding: &Value, call: &Call<'_>) -> bool {
    let name = object::text(binding, "/roleRef/name");
    let role = store.get(&CLUSTER_ROLE, "", name);
    let is_known = object::text(binding, "/roleRef/kind") == "ClusterRole";
    is_known && role.is_some_and(|role| object::items(role, "/rules").iter().any(|rule| allows(rule, call)))
}

fn allows(rule: &Value, call: &Call<'_>) -> bool {
    let lists = |field: &str, wanted: &str| {
        let listed = object::items(rule, field).iter();
        listed.into_iter().any(|listed| listed == wanted || listed == "*")
    };
    let named = object::items(rule, "/resourceNames");
    lists("/apiGroups", call.kind.group)
        && lists("/resources", &resource(call))
        && lists("/verbs", call.verb.name())
        && (named.is_empty() || named.iter().any(|name| name == call.name))
}

/// Whether the caller may hand out the role that this binding refers to.
pub(super) fn check_bind(user: &User, kind: &Kind, binding: &Value) -> Result<(), Refusal> {
    let may_bind = object::text(binding, "/roleRef/kind") == "ClusterRole"
        && object::text(binding, "/roleRef/name") == ENVIRONMENT_ROLE;
    if kind.kind != ROLE_BINDING.kind || user.role == Role::Admin || may_bind {
        return Ok(());
    }
    let why = format!(
        "user {:?} (groups={:?}) is attempting to grant RBAC permissions not currently held",
        user.name, user.groups
    );
    Err(Refusal::forbidden(kind, object::name(binding), &why))
}
