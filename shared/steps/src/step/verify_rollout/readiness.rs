//! When an object is ready: a rule for each kind, from the conditions that its own controller writes.

use crate::nouns::denial::Denial;
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    name::ClusterName,
    refusal::{Class, Refusal},
    sentence,
};
use serde_json::Value;

/// How long a reason that may pass by itself is waited for.
pub(super) const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// When something is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// Since when it is waited for.
    pub(super) since: Timestamp,
    /// How long that is.
    pub(super) age: SignedDuration,
}

/// What is found of an object, the best first: of several findings the last one here counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Finding {
    /// It is ready.
    Ready,
    /// Its name is not known everywhere yet. Nothing that the user wrote blocks that.
    AwaitsDns,
    /// It is being rolled out, and nothing is seen that blocks it.
    RollsOut,
    /// What is rolled out blocks itself. It may pass; until then people are told.
    BlockedByItself,
    /// Something else in the cluster blocks it. It may pass; until then people are told, and it is nobody's failure here.
    BlockedByCluster,
    /// It is not there as it was applied: somebody deleted it, or an older write came late. Applying again mends it.
    Missing,
    /// Its controller has given it up. A pod may tell better why.
    GivenUp,
    /// It will not become ready: the user must act.
    Failed,
    /// It will not become ready: whoever operates the cluster must act.
    Broken,
}

impl Finding {
    /// What is found, with its reason.
    pub(super) fn because(self, why: String) -> Readiness {
        Readiness { finding: self, why }
    }

    /// Whether people are told what blocks it while it may pass.
    pub(super) fn is_blocked(self) -> bool {
        matches!(self, Finding::BlockedByItself | Finding::BlockedByCluster)
    }
}

/// How far an object has come, and why not further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Readiness {
    /// What is found of it.
    pub(super) finding: Finding,
    /// Why; nothing where it is ready.
    pub(super) why: String,
}

impl Readiness {
    /// It is ready.
    pub(super) fn ready() -> Self {
        Finding::Ready.because(String::new())
    }

    /// The worse of two; of equally bad ones the first.
    pub(super) fn worse(self, other: Readiness) -> Readiness {
        if other.finding > self.finding { other } else { self }
    }

    /// The same, told of one cluster among several.
    pub(super) fn in_cluster(self, cluster: &ClusterName) -> Readiness {
        Readiness { why: sentence::in_cluster(cluster, &self.why), ..self }
    }
}

/// How far an object has come. A volume claim, a Service or an Ingress is ready once it is there: a claim may be bound
/// only when its first pod is, and the pods are awaited.
pub(super) fn of(object: &Value, age: SignedDuration) -> Readiness {
    match object["kind"].as_str() {
        Some("Deployment") => deployment(object, age),
        _ => Readiness::ready(),
    }
}

/// As `kubectl rollout status` decides (Deployment status, Kubernetes API reference `apps/v1`).
fn deployment(object: &Value, age: SignedDuration) -> Readiness {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let status = &object["status"];
    let count = |field: &str| status[field].as_u64().unwrap_or(0);
    let replicas = object["spec"]["replicas"].as_u64().unwrap_or(1);
    if object["metadata"]["generation"].as_u64() > status["observedGeneration"].as_u64() {
        return Finding::RollsOut.because(sentence::rollout_unseen(name));
    }
    if let Some(message) = condition(status, "ReplicaFailure", "True") {
        return no_pod(name, message, age);
    }
    if let Some(message) = condition(status, "Progressing", "False") {
        return Finding::GivenUp.because(sentence::rollout_failed(name, message));
    }
    let done = count("updatedReplicas") >= replicas
        && count("replicas") == count("updatedReplicas")
        && count("availableReplicas") >= replicas;
    if done {
        Readiness::ready()
    } else {
        Finding::RollsOut.because(sentence::rollout_counts(name, count("availableReplicas"), replicas))
    }
}

/// What may pass is told, and fails after a while.
pub(super) fn after_a_while(why: String, age: SignedDuration) -> Readiness {
    if age > GRACE { Finding::Failed.because(why) } else { Finding::BlockedByItself.because(why) }
}

/// A pod cannot even be made: by what the cluster says, the user must act, unless pods that end make room.
fn no_pod(name: &str, message: &str, age: SignedDuration) -> Readiness {
    match Denial::of(message).map(|denial| denial.refusal(message)) {
        Some(Refusal { class: Class::Rejected, text, .. }) => after_a_while(text, age),
        Some(Refusal { class: Class::Broken, text, .. }) => Finding::Broken.because(text),
        Some(Refusal { class: Class::Unavailable, .. }) | None => {
            Finding::RollsOut.because(sentence::rollout_failed(name, message))
        }
    }
}

/// The message of a condition that stands so.
fn condition<'a>(status: &'a Value, kind: &str, stands: &str) -> Option<&'a str> {
    let conditions = status["conditions"].as_array()?;
    let found =
        conditions.iter().find(|condition| condition["type"] == kind && condition["status"] == stands)?;
    found["message"].as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rollout(observed: u64, updated: u64, total: u64, available: u64) -> Value {
        json!({
            "kind": "Deployment", "metadata": { "name": "web", "generation": 2 }, "spec": { "replicas": 2 },
            "status": {
                "observedGeneration": observed, "updatedReplicas": updated, "replicas": total, "availableReplicas": available,
            },
        })
    }

    #[test]
    fn a_deployment_is_ready_when_only_new_replicas_are_left_and_all_are_available() {
        assert_eq!(of(&rollout(2, 2, 2, 2), GRACE), Readiness::ready());
        for not_yet in [rollout(1, 2, 2, 2), rollout(2, 1, 2, 2), rollout(2, 2, 3, 2), rollout(2, 2, 2, 1)] {
            assert_eq!(of(&not_yet, GRACE).finding, Finding::RollsOut, "{not_yet}");
        }
    }

    #[test]
    fn a_deployment_past_its_deadline_has_failed() {
        let mut object = rollout(2, 1, 2, 1);
        object["status"]["conditions"] = json!([{ "type": "Progressing", "status": "False", "message": "timed out", "reason": "ProgressDeadlineExceeded" }]);
        let given_up = of(&object, GRACE);
        assert_eq!(given_up.finding, Finding::GivenUp);
        assert!(given_up.why.contains("timed out"), "{given_up:?}");
    }

    #[test]
    fn a_quota_may_be_freed_for_a_while_and_a_right_that_is_missing_is_not_for_the_user() {
        let denied = |message: &str| {
            let mut object = rollout(2, 1, 2, 1);
            let message = format!("pods \"web-1\" is forbidden: {message}");
            object["status"]["conditions"] = json!([{ "type": "ReplicaFailure", "status": "True", "message": message, "reason": "FailedCreate" }]);
            object
        };
        let quota = denied("exceeded quota: environment, requested: pods=1, used: pods=2, limited: pods=2");
        let blocked = of(&quota, GRACE);
        assert_eq!(blocked.finding, Finding::BlockedByItself);
        assert!(blocked.why.contains("quota is used up"), "{blocked:?}");
        let late = GRACE + SignedDuration::from_millis(1);
        assert_eq!(of(&quota, late).finding, Finding::Failed);
        let right = denied("User \"roadstead\" cannot create resource");
        assert_eq!(of(&right, GRACE).finding, Finding::Broken);
        assert_eq!(of(&denied("for another reason"), late).finding, Finding::RollsOut);
    }

    #[test]
    fn the_worst_counts() {
        let waits = || Finding::RollsOut.because("w".to_owned());
        let failed = || Finding::Failed.because("f".to_owned());
        assert_eq!(waits().worse(failed()), failed());
        assert_eq!(failed().worse(waits()), failed());
        assert_eq!(Readiness::ready().worse(waits()), waits());
        assert_eq!(waits().worse(Readiness::ready()), waits());
    }
}
