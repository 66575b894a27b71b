//! Why an API server does not allow something, told apart by its words: they are all it gives (Kubernetes API server, its
//! admission plugins and its authorizer).

use roadstead_domain::{refusal::Refusal, sentence};

/// What does not allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// The namespace ends (admission plugin `NamespaceLifecycle`): it passes by itself.
    Ending,
    /// Our own fence: something newer has the namespace.
    Fence,
    /// The quota of the namespace (admission plugin `ResourceQuota`).
    Quota,
    /// What one container, pod or claim may have (admission plugin `LimitRanger`).
    Limits,
    /// A policy of the cluster: Pod security, a `ValidatingAdmissionPolicy`, a webhook.
    Policy,
    /// We lack a right (authorizer).
    Right,
}

/// What is found in the words of each, in the order in which they are looked for.
const WORDS: [(Denial, &[&str]); 6] = [
    (Denial::Ending, &["is being terminated"]),
    (Denial::Fence, &["ValidatingAdmissionPolicy 'roadstead-fence"]),
    (Denial::Policy, &["ValidatingAdmissionPolicy '", "violates PodSecurity", "denied the request"]),
    (Denial::Quota, &["exceeded quota: ", "failed quota: ", "insufficient quota"]),
    (Denial::Limits, &[" usage per ", "limit to request ratio"]),
    (Denial::Right, &["User \"", "is attempting to grant RBAC permissions"]),
];

impl Denial {
    /// What the words of a refusal show; none where they show nothing of the kind.
    pub fn of(words: &str) -> Option<Self> {
        let found = |(_, marks): &&(Denial, &[&str])| marks.iter().any(|mark| words.contains(mark));
        WORDS.iter().find(found).map(|(denial, _)| *denial)
    }

    /// The same for people: who must act, and how.
    pub fn refusal(self, words: &str) -> Refusal {
        match self {
            Denial::Ending | Denial::Fence => Refusal::unavailable(words),
            Denial::Quota => Refusal::rejected(sentence::over_quota(words)),
            Denial::Limits => Refusal::rejected(sentence::over_limits(words)),
            Denial::Policy => Refusal::rejected(sentence::against_policy(words)),
            Denial::Right => Refusal::broken(sentence::right_missing(words)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_real_server_are_told_apart() {
        for (words, denial) in [
            (
                r#"pods "a" is forbidden: exceeded quota: environment, requested: pods=1, used: pods=2, limited: pods=2"#,
                Denial::Quota,
            ),
            (r#"pods "a" is forbidden: failed quota: q: must specify limits.cpu for: main"#, Denial::Quota),
            (
                r#"pods "a" is forbidden: maximum cpu usage per Container is 1, but limit is 2"#,
                Denial::Limits,
            ),
            (
                r#"pods "a" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)"#,
                Denial::Policy,
            ),
            (
                r#"deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'no-latest' with binding 'b' denied request: no"#,
                Denial::Policy,
            ),
            (
                r#"ValidatingAdmissionPolicy 'roadstead-fence' with binding 'roadstead-fence' denied request: a newer"#,
                Denial::Fence,
            ),
            (r#"admission webhook "policy.example" denied the request: no"#, Denial::Policy),
            (
                r#"deployments.apps "web" is forbidden: User "roadstead" cannot patch resource "deployments" in API group "apps""#,
                Denial::Right,
            ),
            ("namespace end-1 is being terminated", Denial::Ending),
        ] {
            assert_eq!(Denial::of(words), Some(denial), "{words}");
        }
        assert_eq!(Denial::of("spec.selector: field is immutable"), None);
    }
}
