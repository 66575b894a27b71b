use super::*;
use jiff::Timestamp;
use serde_json::json;

/// So long after the stage began.
fn after(age: SignedDuration) -> Moment {
    Moment { since: Timestamp::from_second(1_790_000_000).unwrap(), age }
}

const LONG: SignedDuration = SignedDuration::from_mins(2);

fn controlled_by(uid: &str) -> Value {
    json!([{ "uid": uid, "controller": true }])
}

/// A Deployment whose pods run with so much memory.
fn deployment(memory: &str) -> Value {
    let container = json!({ "name": "web", "resources": { "limits": { "memory": memory } } });
    let template =
        json!({ "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [container] } });
    json!({ "metadata": { "uid": "d" }, "spec": { "template": template } })
}

/// Its ReplicaSet of that time.
fn set(uid: &str, deployment: &Value) -> Value {
    let mut template = deployment["spec"]["template"].clone();
    template["metadata"]["labels"][HASH_LABEL] = json!(uid);
    json!({ "metadata": { "uid": uid, "ownerReferences": controlled_by("d") }, "spec": { "template": template } })
}

fn pod(set: &str, status: Value) -> Value {
    json!({ "metadata": { "name": format!("web-{set}"), "ownerReferences": controlled_by(set) }, "status": status })
}

/// A container that crashed often, the last time so long after the stage began.
fn crashing(name: &str, after: SignedDuration) -> Value {
    let finished = self::after(after).since + after;
    json!({
        "name": name, "image": "web@sha256:1", "restartCount": 7, "ready": false,
        "state": { "waiting": { "reason": "CrashLoopBackOff", "message": "back-off 5m0s" } },
        "lastState": { "terminated": { "exitCode": 137, "reason": "OOMKilled", "finishedAt": finished.to_string() } },
    })
}

fn is(told: &Option<Readiness>, finding: Finding, why: &str) -> bool {
    told.as_ref().is_some_and(|told| told.finding == finding && told.why.contains(why))
}

fn seen(manifest: &Value, sets: &[Value], pods: &[Value], moment: Moment) -> Option<Readiness> {
    judge(&[Applied { manifest, object: manifest.clone() }], sets, pods, moment)
}

/// What is told of one pod of the newest ReplicaSet.
fn told(status: Value, moment: Moment) -> Option<Readiness> {
    let deployment = deployment("1Gi");
    seen(&deployment, &[set("new", &deployment)], &[pod("new", status)], moment)
}

#[test]
fn only_pods_of_the_newest_template_are_judged() {
    let (before, now) = (deployment("128Mi"), deployment("256Mi"));
    let sets = [set("old", &before), set("new", &now)];
    let crash = |set: &str| pod(set, json!({ "containerStatuses": [crashing("web", LONG)] }));
    assert_eq!(seen(&now, &sets, &[crash("old")], after(LONG)), None);
    assert_eq!(
        seen(&now, &sets[..1], &[crash("old")], after(LONG)),
        None,
        "the controller has not looked yet"
    );
    let failed = seen(&now, &sets, &[crash("old"), crash("new")], after(LONG));
    assert!(is(&failed, Finding::Failed, "web-new"), "{failed:?}");
    let mut foreign = sets;
    foreign[1]["metadata"]["ownerReferences"] = controlled_by("somebody");
    assert_eq!(seen(&now, &foreign, &[crash("new")], after(LONG)), None);
    let mut ending = crash("new");
    ending["metadata"]["deletionTimestamp"] = json!("2026-11-21T08:00:00Z");
    assert_eq!(seen(&now, &[set("new", &now)], &[ending], after(LONG)), None);
}

#[test]
fn a_crash_counts_from_the_moment_on_at_which_the_stage_began() {
    let crash = |after| json!({ "containerStatuses": [crashing("web", after)] });
    let before = told(crash(SignedDuration::from_millis(-1)), after(LONG));
    assert!(is(&before, Finding::BlockedByItself, "memory"), "{before:?}");
    let since = told(crash(SignedDuration::ZERO), after(LONG));
    assert!(is(&since, Finding::Failed, ""), "{since:?}");
}

#[test]
fn an_init_container_that_is_done_holds_nothing_up() {
    let init = json!({ "name": "init", "state": { "terminated": { "exitCode": 0, "reason": "Completed" } } });
    assert_eq!(told(json!({ "initContainerStatuses": [init] }), after(LONG)), None);
}

#[test]
fn beside_containers_of_others_those_of_the_plan_are_judged() {
    let proxy = json!({ "name": "proxy", "state": { "running": {} }, "ready": false });
    assert_eq!(told(json!({ "containerStatuses": [proxy] }), after(LONG)), None);
    let both = told(json!({ "containerStatuses": [proxy, crashing("web", LONG)] }), after(LONG));
    assert!(is(&both, Finding::Failed, "`web`"), "{both:?}");
}

#[test]
fn what_containers_of_others_hold_up_is_told_and_no_failure() {
    for field in ["initContainerStatuses", "containerStatuses"] {
        let blocked = told(json!({ field: [crashing("proxy", LONG)] }), after(LONG));
        assert!(is(&blocked, Finding::BlockedByCluster, "`proxy`"), "{blocked:?}");
    }
    for reason in ["PodInitializing", "ContainerCreating"] {
        let proxy = json!({ "name": "proxy", "state": { "waiting": { "reason": reason } } });
        assert_eq!(told(json!({ "containerStatuses": [proxy] }), after(LONG)), None);
    }
}

#[test]
fn a_pod_that_no_machine_takes_is_told_after_some_seconds_and_no_failure() {
    let message = "0/3 nodes are available: 3 Insufficient memory.";
    let condition =
        json!({ "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message });
    let status = json!({ "conditions": [condition] });
    assert_eq!(told(status.clone(), after(UNSCHEDULED_AFTER - SignedDuration::from_millis(1))), None);
    let unscheduled = Finding::BlockedByCluster.because(sentence::unschedulable("web-new", message));
    assert_eq!(told(status, after(UNSCHEDULED_AFTER)), Some(unscheduled));
}
