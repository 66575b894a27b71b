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

/// How far an object has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Readiness {
    /// It is ready.
    Ready,
    /// It is on its way, and this is what is missing.
    Waits(String),
    /// It is on its way, and this holds it up, so that people should know while it may pass by itself.
    Held(String),
    /// It is on its way, and this holds it up, which is none of what is rolled out and may pass by itself.
    Hindered(String),
    /// It is on its way, and nothing that the user wrote holds it.
    Arrives(String),
    /// It is not there as it was applied: somebody deleted it, or an older write came late. Applying again mends it.
    Lost(String),
    /// Its controller has given it up; a pod may tell better why.
    Late(String),
    /// It will not become ready, and this is why.
    Failed(String),
    /// It will not become ready before whoever operates the cluster acts, and this is why.
    Broken(String),
}

impl Readiness {
    /// The worse of two; of equally bad ones the first.
    pub(super) fn worse(self, other: Readiness) -> Readiness {
        if other.badness() > self.badness() { other } else { self }
    }

    /// The same, told of one cluster among several.
    pub(super) fn in_cluster(self, cluster: &ClusterName) -> Readiness {
        let told = |why: String| sentence::in_cluster(cluster, &why);
        match self {
            Readiness::Ready => Readiness::Ready,
            Readiness::Waits(why) => Readiness::Waits(told(why)),
            Readiness::Arrives(why) => Readiness::Arrives(told(why)),
            Readiness::Held(why) => Readiness::Held(told(why)),
            Readiness::Hindered(why) => Readiness::Hindered(told(why)),
            Readiness::Lost(why) => Readiness::Lost(told(why)),
            Readiness::Late(why) => Readiness::Late(told(why)),
            Readiness::Failed(why) => Readiness::Failed(told(why)),
            Readiness::Broken(why) => Readiness::Broken(told(why)),
        }
    }

    fn badness(&self) -> u8 {
        match self {
            Readiness::Ready => 0,
            Readiness::Arrives(_) => 1,
            Readiness::Waits(_) => 2,
            Readiness::Held(_) => 3,
            Readiness::Hindered(_) => 4,
            Readiness::Lost(_) => 5,
            Readiness::Late(_) => 6,
            Readiness::Failed(_) => 7,
            Readiness::Broken(_) => 8,
        }
    }
}

/// How far an object has come. A volume claim, a Service or an Ingress is ready once it is there: a claim may be bound
/// only when its first pod is, and the pods are awaited.
pub(super) fn of(object: &Value, age: SignedDuration) -> Readiness {
    match object["kind"].as_str() {
        Some("Deployment") => deployment(object, age),
        _ => Readiness::Ready,
    }
}

/// As `kubectl rollout status` decides (Deployment status, Kubernetes API reference `apps/v1`).
fn deployment(object: &Value, age: SignedDuration) -> Readiness {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let status = &object["status"];
    let count = |field: &str| status[field].as_u64().unwrap_or(0);
    let replicas = object["spec"]["replicas"].as_u64().unwrap_or(1);
    if object["metadata"]["generation"].as_u64() > status["observedGeneration"].as_u64() {
        return Readiness::Waits(sentence::rollout_unseen(name));
    }
    if let Some(message) = condition(status, "ReplicaFailure", "True") {
        return no_pod(name, message, age);
    }
    if let Some(message) = condition(status, "Progressing", "False") {
        return Readiness::Late(sentence::rollout_failed(name, message));
    }
    let done = count("updatedReplicas") >= replicas
        && count("replicas") == count("updatedReplicas")
        && count("availableReplicas") >= replicas;
    if done {
        Readiness::Ready
    } else {
        Readiness::Waits(sentence::rollout_counts(name, count("availableReplicas"), replicas))
    }
}

/// What may pass is told, and fails after a while.
pub(super) fn after_a_while(why: String, age: SignedDuration) -> Readiness {
    if age > GRACE { Readiness::Failed(why) } else { Readiness::Held(why) }
}

/// A pod cannot even be made: by what the cluster says, the user must act, unless pods that end make room.
fn no_pod(name: &str, message: &str, age: SignedDuration) -> Readiness {
    match Denial::of(message).map(|denial| denial.refusal(message)) {
        Some(Refusal { class: Class::Rejected, text, .. }) => after_a_while(text, age),
        Some(Refusal { class: Class::Broken, text, .. }) => Readiness::Broken(text),
        Some(Refusal { class: Class::Unavailable, .. }) | None => {
            Readiness::Waits(sentence::rollout_failed(name, message))
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
        assert_eq!(of(&rollout(2, 2, 2, 2), GRACE), Readiness::Ready);
        for not_yet in [rollout(1, 2, 2, 2), rollout(2, 1, 2, 2), rollout(2, 2, 3, 2), rollout(2, 2, 2, 1)] {
            assert!(matches!(of(&not_yet, GRACE), Readiness::Waits(_)), "{not_yet}");
        }
    }

    #[test]
    fn a_deployment_past_its_deadline_has_failed() {
        let mut object = rollout(2, 1, 2, 1);
        object["status"]["conditions"] = json!([{ "type": "Progressing", "status": "False", "message": "timed out", "reason": "ProgressDeadlineExceeded" }]);
        assert!(matches!(of(&object, GRACE), Readiness::Late(why) if why.contains("timed out")));
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
        assert!(matches!(of(&quota, GRACE), Readiness::Held(why) if why.contains("quota is used up")));
        let late = GRACE + SignedDuration::from_millis(1);
        assert!(matches!(of(&quota, late), Readiness::Failed(_)));
        let right = denied("User \"roadstead\" cannot create resource");
        assert!(matches!(of(&right, GRACE), Readiness::Broken(_)));
        assert!(matches!(of(&denied("for another reason"), late), Readiness::Waits(_)));
    }

    #[test]
    fn the_worst_counts() {
        let waits = || Readiness::Waits("w".to_owned());
        let failed = || Readiness::Failed("f".to_owned());
        assert_eq!(waits().worse(failed()), failed());
        assert_eq!(failed().worse(waits()), failed());
        assert_eq!(Readiness::Ready.worse(waits()), waits());
        assert_eq!(waits().worse(Readiness::Ready), waits());
    }
}
