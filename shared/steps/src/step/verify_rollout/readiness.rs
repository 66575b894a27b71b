//! When an object is ready: a rule for each kind, from the conditions that its own controller writes.

use roadstead_domain::{name::ClusterName, sentence};
use serde_json::Value;

/// How far an object has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Readiness {
    /// It is ready.
    Ready,
    /// It is on its way, and this is what is missing.
    Waits(String),
    /// It is on its way, and nothing that the user wrote holds it.
    Arrives(String),
    /// It is not there as it was applied: somebody deleted it, or an older write came late. Applying again mends it.
    Lost(String),
    /// It will not become ready, and this is why.
    Failed(String),
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
            Readiness::Lost(why) => Readiness::Lost(told(why)),
            Readiness::Failed(why) => Readiness::Failed(told(why)),
        }
    }

    fn badness(&self) -> u8 {
        match self {
            Readiness::Ready => 0,
            Readiness::Arrives(_) => 1,
            Readiness::Waits(_) => 2,
            Readiness::Lost(_) => 3,
            Readiness::Failed(_) => 4,
        }
    }
}

/// How far an object has come. A volume claim, a Service or an Ingress is ready once it is there: a claim may be bound
/// only when its first pod is, and the pods are awaited.
pub(super) fn of(object: &Value) -> Readiness {
    match object["kind"].as_str() {
        Some("Deployment") => deployment(object),
        _ => Readiness::Ready,
    }
}

/// As `kubectl rollout status` decides (Deployment status, Kubernetes API reference `apps/v1`).
fn deployment(object: &Value) -> Readiness {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let status = &object["status"];
    let count = |field: &str| status[field].as_u64().unwrap_or(0);
    let replicas = object["spec"]["replicas"].as_u64().unwrap_or(1);
    if object["metadata"]["generation"].as_u64() > status["observedGeneration"].as_u64() {
        return Readiness::Waits(sentence::rollout_unseen(name));
    }
    if let Some(message) = condition(status, "Progressing", "False") {
        return Readiness::Failed(sentence::rollout_failed(name, message));
    }
    let done = count("updatedReplicas") >= replicas
        && count("replicas") == count("updatedReplicas")
        && count("availableReplicas") >= replicas;
    match done {
        true => Readiness::Ready,
        false => Readiness::Waits(sentence::rollout_counts(name, count("availableReplicas"), replicas)),
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
        assert_eq!(of(&rollout(2, 2, 2, 2)), Readiness::Ready);
        for not_yet in [rollout(1, 2, 2, 2), rollout(2, 1, 2, 2), rollout(2, 2, 3, 2), rollout(2, 2, 2, 1)] {
            assert!(matches!(of(&not_yet), Readiness::Waits(_)), "{not_yet}");
        }
    }

    #[test]
    fn a_deployment_past_its_deadline_has_failed() {
        let mut object = rollout(2, 1, 2, 1);
        object["status"]["conditions"] = json!([{ "type": "Progressing", "status": "False", "message": "timed out", "reason": "ProgressDeadlineExceeded" }]);
        assert!(matches!(of(&object), Readiness::Failed(why) if why.contains("timed out")));
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
