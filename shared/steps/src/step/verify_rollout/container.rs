//! What the state of one container means (`ContainerStatus`, Kubernetes API reference `v1`), in the kubelet's own reasons.

use super::readiness::{Finding, GRACE, Moment, Readiness, after_a_while};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::sentence::{self, Container};
use serde_json::Value;

/// How often a container may end before that is a failure.
const RESTARTS: u64 = 3;

/// Why a container waits that nothing holds up.
const ON_ITS_WAY: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// What the state of a container of the plan means; none where nothing holds it up.
pub(super) fn judge(pod: &Value, status: &Value, moment: Moment) -> Option<Readiness> {
    let (container, waiting, age) = (named(pod, status), &status["state"]["waiting"], moment.age);
    match waiting["reason"].as_str() {
        Some("ErrImagePull" | "ImagePullBackOff") => Some(pulled(container, text(&waiting["message"]), age)),
        Some("CrashLoopBackOff") => Some(crashed(container, status, moment)),
        Some(reason @ ("InvalidImageName" | "CreateContainerConfigError" | "ErrImageNeverPull")) => Some(
            Finding::Failed.because(sentence::container_waits(container, reason, text(&waiting["message"]))),
        ),
        Some(reason @ ("CreateContainerError" | "RunContainerError")) => {
            Some(started(container, reason, text(&waiting["message"]), age))
        }
        Some(_) => None,
        None if status["state"]["terminated"].is_object() => Some(crashed(container, status, moment)),
        None => unready(container, status, age),
    }
}

/// What the state of a container means that others put beside those of the plan: what they must mend is nobody's failure here.
pub(super) fn judge_foreign(pod: &Value, status: &Value) -> Option<Readiness> {
    let waiting = &status["state"]["waiting"];
    let reason = waiting["reason"].as_str().filter(|reason| !ON_ITS_WAY.contains(reason))?;
    let why = sentence::container_waits(named(pod, status), reason, text(&waiting["message"]));
    Some(Finding::BlockedByCluster.because(why))
}

fn named<'a>(pod: &'a Value, status: &'a Value) -> Container<'a> {
    Container {
        pod: text(&pod["metadata"]["name"]),
        name: text(&status["name"]),
        image: text(&status["image"]),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Its image did not come. What a registry says is passed on by the container runtime, in the words of the registry.
fn pulled(container: Container<'_>, message: &str, age: SignedDuration) -> Readiness {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["no match for platform in manifest", "no matching manifest for"]) {
        return Finding::Failed.because(sentence::image_of_another_platform(container, message));
    }
    if says(&["401 Unauthorized", "403 Forbidden", "denied", "no basic auth credentials"]) {
        let why = sentence::image_forbidden(container, message);
        let finding = if age > GRACE { Finding::Broken } else { Finding::BlockedByItself };
        return finding.because(why);
    }
    let why = if says(&["not found", "manifest unknown", "NotFound"]) {
        sentence::image_not_found(container, message)
    } else {
        sentence::container_waits(container, "its image cannot be pulled", message)
    };
    after_a_while(why, age)
}

/// It could not be started at all.
fn started(container: Container<'_>, reason: &str, message: &str, age: SignedDuration) -> Readiness {
    if message.contains("exec format error") {
        Finding::Failed.because(sentence::image_of_another_platform(container, message))
    } else {
        after_a_while(sentence::container_waits(container, reason, message), age)
    }
}

/// It ended, by what it left when it did so last.
fn crashed(container: Container<'_>, status: &Value, moment: Moment) -> Readiness {
    let last = [&status["state"]["terminated"], &status["lastState"]["terminated"]];
    let last = last.into_iter().find(|last| last.is_object()).unwrap_or(&Value::Null);
    let (reason, message) =
        (last["reason"].as_str().unwrap_or("unknown"), last["message"].as_str().unwrap_or_default());
    if message.contains("exec format error") {
        return Finding::Failed.because(sentence::image_of_another_platform(container, message));
    }
    let why = match reason {
        "OOMKilled" => sentence::out_of_memory(container),
        _ => {
            let exit_code = last["exitCode"].as_i64().unwrap_or_default();
            sentence::container_crashes(container, exit_code, reason, message)
        }
    };
    let often = status["restartCount"].as_u64().unwrap_or(0) >= RESTARTS;
    if is_of_before(last, moment) {
        Finding::BlockedByItself.because(why)
    } else if often {
        Finding::Failed.because(why)
    } else {
        after_a_while(why, moment.age)
    }
}

/// Whether it ended before it was waited for: it is tried once more, and what it lacked may be there now.
fn is_of_before(ended: &Value, moment: Moment) -> bool {
    let finished = ended["finishedAt"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    finished.is_some_and(|finished| finished < moment.since)
}

/// It runs and is not ready: its probe may succeed until the deadline.
fn unready(container: Container<'_>, status: &Value, age: SignedDuration) -> Option<Readiness> {
    let runs = status["state"]["running"].is_object() && status["ready"] == false;
    (runs && age > GRACE).then(|| Finding::BlockedByItself.because(sentence::probe_fails(container)))
}
