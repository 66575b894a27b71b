//! Who may do what: role-based access control by bindings and roles, and what Roadstead's user has before any of them.

use serde_json::Value;

/// The only ClusterRole that Roadstead's user may bind.
pub(super) const ENVIRONMENT_ROLE: &str = "roadstead-environment";

/// A request, in the words of rules.
pub(crate) struct Asked<'a> {
    /// Such as `patch`.
    pub(crate) verb: &'a str,
    /// The API group of the resource.
    pub(crate) group: &'a str,
    /// With its subresource: `deployments/scale`.
    pub(crate) resource: &'a str,
    /// Empty where it is about many.
    pub(crate) name: &'a str,
}

/// What the ClusterRole `roadstead` of `infra/cluster` gives: namespaces and bindings, which come before any binding can.
pub(crate) fn is_given_everywhere(asked: &Asked<'_>) -> bool {
    ["namespaces", "rolebindings"].contains(&asked.resource)
        && ["get", "list", "create", "patch", "delete"].contains(&asked.verb)
}

/// Whether a binding names a user, itself or by one of its groups.
pub(crate) fn names(binding: &Value, user: &str, groups: &[String]) -> bool {
    list(&binding["subjects"]).iter().any(|subject| match subject["kind"].as_str() {
        Some("User") => subject["name"] == user,
        Some("Group") => groups.iter().any(|group| subject["name"] == *group),
        _ => false,
    })
}

/// Whether a role allows what is asked.
pub(crate) fn allows(role: &Value, asked: &Asked<'_>) -> bool {
    list(&role["rules"]).iter().any(|rule| {
        let lists = |field: &str, wanted: &str| {
            list(&rule[field]).iter().any(|listed| listed == wanted || listed == "*")
        };
        let named = list(&rule["resourceNames"]);
        lists("apiGroups", asked.group)
            && lists("resources", asked.resource)
            && lists("verbs", asked.verb)
            && (named.is_empty() || named.iter().any(|name| name == asked.name))
    })
}

/// Whether Roadstead's user may hand out the role that a binding refers to.
pub(crate) fn may_bind(binding: &Value) -> bool {
    binding["roleRef"]["kind"] == "ClusterRole" && binding["roleRef"]["name"] == ENVIRONMENT_ROLE
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
