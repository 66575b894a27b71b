//! Jobs: Pods that run until enough of them have succeeded.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::pods::{self, count, length};
use super::{after, all, events};
use crate::cluster::deletion::Dependents;
use crate::cluster::kinds::{JOB, POD};
use crate::cluster::settings::CONTROLLERS;
use crate::cluster::{Cluster, object};

const COMPONENT: &str = "job-controller";

pub(super) fn step(cluster: &mut Cluster, namespace: &str) {
    for job in all(cluster, &JOB, namespace) {
        if object::is_ending(&job) {
            continue;
        }
        if is_finished(&job) {
            if clears_at(&job).is_some_and(|at| at <= cluster.now) {
                cluster.end(&JOB, &job, Dependents::Background, None);
            }
        } else {
            carry_on(cluster, &job);
        }
    }
}

/// When a Job of the namespace is over its deadline, or is cleared away.
pub(super) fn next(cluster: &Cluster, namespace: &str) -> Option<Timestamp> {
    let jobs = cluster.store.list(&JOB, Some(namespace));
    let times = jobs.filter_map(|job| if is_finished(job) { clears_at(job) } else { fails_at(job) });
    times.filter(|at| *at > cluster.now).min()
}

fn is_finished(job: &Value) -> bool {
    ["Complete", "Failed"].iter().any(|kind| object::condition(job, kind, "status") == "True")
}

fn fails_at(job: &Value) -> Option<Timestamp> {
    let seconds = job["spec"]["activeDeadlineSeconds"].as_i64()?;
    after(object::text(job, "/status/startTime"), SignedDuration::from_secs(seconds))
}

fn clears_at(job: &Value) -> Option<Timestamp> {
    let seconds = job["spec"]["ttlSecondsAfterFinished"].as_i64()?;
    let finished = ["Complete", "Failed"].map(|kind| object::condition(job, kind, "lastTransitionTime"));
    after(finished.iter().max()?, SignedDuration::from_secs(seconds))
}

fn carry_on(cluster: &mut Cluster, job: &Value) {
    let pods = pods::controlled(cluster, &POD, job);
    let in_phase =
        |phase: &str| pods.iter().filter(|pod| object::text(pod, "/status/phase") == phase).count();
    let succeeded = i64::try_from(in_phase("Succeeded")).unwrap_or(i64::MAX);
    let is_late = fails_at(job).is_some_and(|at| at <= cluster.now);
    let active: Vec<&Arc<Value>> = pods.iter().filter(|pod| pods::is_active(pod)).collect();
    let completions = object::number(job, "/spec/completions");
    let wanted = if is_late || job["spec"]["suspend"] == true {
        0
    } else {
        object::number(job, "/spec/parallelism").min(completions - succeeded)
    };
    for pod in active.iter().skip(usize::try_from(wanted).unwrap_or_default()) {
        cluster.end(&POD, pod, Dependents::Background, None);
    }
    for _ in length(&active)..wanted {
        create(cluster, job);
    }
    let ready = active.iter().filter(|pod| pods::is_ready(pod)).count();
    let mut next = job.clone();
    next["status"] = status(cluster, job, &active, i64::try_from(ready).unwrap_or_default(), succeeded);
    if succeeded >= completions {
        finish(&mut next, ("SuccessCriteriaMet", "Complete", "CompletionsReached"), &cluster.time());
        object::set(&mut next, "/status/completionTime", json!(cluster.time()));
    } else if is_late {
        finish(&mut next, ("FailureTarget", "Failed", "DeadlineExceeded"), &cluster.time());
    }
    cluster.update_by_controller(&JOB, job, next, (CONTROLLERS, "status"));
}

fn create(cluster: &mut Cluster, job: &Value) {
    let (prefix, name) = pods::free_name(cluster, job);
    let mut pod = pods::from_template(job, &name);
    object::set(&mut pod, "/metadata/generateName", json!(prefix));
    if let Err(refusal) = cluster.create_by_controller(&POD, pod) {
        let message = format!("Error creating: {}", refusal.message);
        events::say(cluster, job, ("Warning", "FailedCreate"), &message, COMPONENT);
    }
}

fn status(cluster: &Cluster, job: &Value, active: &[&Arc<Value>], ready: i64, succeeded: i64) -> Value {
    let started = object::text(job, "/status/startTime");
    let started = if started.is_empty() { cluster.time() } else { started.to_owned() };
    let mut status = json!({
        "startTime": started,
        "ready": ready,
        "terminating": 0,
        "uncountedTerminatedPods": {},
    });
    count(&mut status, "active", length(active));
    count(&mut status, "succeeded", succeeded);
    status
}

fn finish(job: &mut Value, (first, then, reason): (&str, &str, &str), time: &str) {
    let condition = |kind: &str| {
        json!({
            "type": kind,
            "status": "True",
            "lastProbeTime": time,
            "lastTransitionTime": time,
            "reason": reason,
            "message": "",
        })
    };
    object::set(job, "/status/conditions", json!([condition(first), condition(then)]));
}
