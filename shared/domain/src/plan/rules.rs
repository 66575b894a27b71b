//! The closed list of kinds that are rendered, and how each of them may change.

/// A kind that is rendered, and where the API has it, so that nothing need be discovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderedKind {
    /// `v1`, `apps/v1`.
    pub api_version: &'static str,
    /// `Deployment`.
    pub kind: &'static str,
    /// The name in paths: `deployments`.
    pub plural: &'static str,
    /// Whether its objects are in a namespace.
    pub namespaced: bool,
}

/// What is done when an object must differ from what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeRule {
    /// It is changed in place.
    InPlace,
    /// It is deleted and created, where the type allows that.
    Recreate,
    /// The change is rejected, with the field.
    Rejected,
}

/// The environment's own namespace; the only kind that is not in one.
pub const NAMESPACE: RenderedKind = rendered("v1", "Namespace", "namespaces", false);
/// Gives Roadstead its rights in the namespace.
pub const ROLE_BINDING: RenderedKind =
    rendered("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true);
/// What the environment may use in total.
pub const RESOURCE_QUOTA: RenderedKind = rendered("v1", "ResourceQuota", "resourcequotas", true);
/// What a container that does not say gets.
pub const LIMIT_RANGE: RenderedKind = rendered("v1", "LimitRange", "limitranges", true);
/// Who may talk to whom.
pub const NETWORK_POLICY: RenderedKind =
    rendered("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true);
/// What the workloads are to the cluster: nobody.
pub const SERVICE_ACCOUNT: RenderedKind = rendered("v1", "ServiceAccount", "serviceaccounts", true);
/// Storage.
pub const CLAIM: RenderedKind = rendered("v1", "PersistentVolumeClaim", "persistentvolumeclaims", true);
/// A workload.
pub const DEPLOYMENT: RenderedKind = rendered("apps/v1", "Deployment", "deployments", true);
/// A workload's ports.
pub const SERVICE: RenderedKind = rendered("v1", "Service", "services", true);
/// A workload's routes.
pub const INGRESS: RenderedKind = rendered("networking.k8s.io/v1", "Ingress", "ingresses", true);

/// Every kind that is rendered, in the order in which it is applied. What is in no line here is never written, and
/// pruning lists these kinds.
pub const KINDS: &[RenderedKind] = &[
    NAMESPACE,
    ROLE_BINDING,
    RESOURCE_QUOTA,
    LIMIT_RANGE,
    NETWORK_POLICY,
    SERVICE_ACCOUNT,
    CLAIM,
    DEPLOYMENT,
    SERVICE,
    INGRESS,
];

/// The kinds of what runs in a namespace. It is pruned, and taken away piece by piece; what guards the namespace stays for as
/// long as that.
pub const MANIFEST_KINDS: &[RenderedKind] = &[CLAIM, DEPLOYMENT, SERVICE, INGRESS];

/// How kinds change: the first line of the kind whose path the field is at or below decides. A kind without a line
/// for a field changes it in place; a kind that is not rendered does not change.
const RULES: [(RenderedKind, &str, ChangeRule); 5] = [
    (ROLE_BINDING, "roleRef", ChangeRule::Recreate),
    // Only ever grows; the API server refuses less.
    (CLAIM, "spec.resources", ChangeRule::InPlace),
    // To delete a claim is to lose what it holds.
    (CLAIM, "spec", ChangeRule::Rejected),
    (DEPLOYMENT, "spec.selector", ChangeRule::Recreate),
    // The API server keeps the defaults of the strategy that was there, and refuses them beside the new one.
    (DEPLOYMENT, "spec.strategy", ChangeRule::Recreate),
];

const fn rendered(
    api_version: &'static str,
    kind: &'static str,
    plural: &'static str,
    namespaced: bool,
) -> RenderedKind {
    RenderedKind { api_version, kind, plural, namespaced }
}

/// The kind that an object says it is, if that is rendered.
pub fn rendered_kind(api_version: &str, kind: &str) -> Option<&'static RenderedKind> {
    KINDS.iter().find(|known| known.api_version == api_version && known.kind == kind)
}

/// What is done when a field of an object must differ; `field` is a path as the API server's causes give it:
/// `spec.selector`, `spec.template.spec.containers[0].image`.
pub fn rule_of(kind: &str, field: &str) -> ChangeRule {
    if !KINDS.iter().any(|known| known.kind == kind) {
        return ChangeRule::Rejected;
    }
    RULES
        .iter()
        .find(|(of, path, _)| of.kind == kind && is_at_or_below(field, path))
        .map_or(ChangeRule::InPlace, |(_, _, rule)| *rule)
}

fn is_at_or_below(field: &str, path: &str) -> bool {
    field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_matching_rule_decides() {
        for (kind, field, rule) in [
            ("Deployment", "spec.selector", ChangeRule::Recreate),
            ("Deployment", "spec.selector.matchLabels", ChangeRule::Recreate),
            ("Deployment", "spec.selectors", ChangeRule::InPlace),
            ("Deployment", "spec.strategy.rollingUpdate", ChangeRule::Recreate),
            ("Deployment", "spec.template.spec.containers[0].image", ChangeRule::InPlace),
            ("PersistentVolumeClaim", "spec.resources.requests", ChangeRule::InPlace),
            ("PersistentVolumeClaim", "spec.accessModes[0]", ChangeRule::Rejected),
            ("PersistentVolumeClaim", "spec", ChangeRule::Rejected),
            ("RoleBinding", "roleRef", ChangeRule::Recreate),
            ("Ingress", "spec.rules[0]", ChangeRule::InPlace),
        ] {
            assert_eq!(rule_of(kind, field), rule, "{kind} {field}");
        }
    }

    #[test]
    fn what_is_not_rendered_is_not_written() {
        let dangerous = [
            ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
            ("rbac.authorization.k8s.io/v1", "ClusterRole"),
            ("rbac.authorization.k8s.io/v1", "Role"),
            ("certificates.k8s.io/v1", "CertificateSigningRequest"),
            ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
            ("apiregistration.k8s.io/v1", "APIService"),
            ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
            ("v1", "PersistentVolume"),
            ("v1", "Node"),
            ("v1", "List"),
            ("v1", "Pod"),
            ("extensions/v1beta1", "Ingress"),
        ];
        for (api_version, kind) in dangerous {
            assert_eq!(rendered_kind(api_version, kind), None, "{kind}");
        }
        assert_eq!(rule_of("ClusterRole", "rules"), ChangeRule::Rejected);
        assert_eq!(KINDS.iter().filter(|kind| !kind.namespaced).count(), 1);
    }
}
