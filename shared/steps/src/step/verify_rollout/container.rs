//! What the state of one container means (`ContainerStatus`, Kubernetes API reference `v1`), in the kubelet's own reasons.

use super::readiness::{GRACE, Readiness, after_a_while};
use jiff::SignedDuration;
use roadstead_domain::sentence::{self, Container};
use serde_json::Value;

/// How often a container may end before that is a failure.
const RESTARTS: u64 = 3;

/// What a container's state means; none where nothing holds it up.
pub(super) fn judge(pod: &Value, status: &Value, age: SignedDuration) -> Option<Readiness> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (pod, name) = (text(&pod["metadata"]["name"]), text(&status["name"]));
    let image = text(&status["image"]);
    let container = Container { pod: &pod, name: &name, image: &image };
    let waiting = &status["state"]["waiting"];
    match waiting["reason"].as_str() {
        Some("ErrImagePull" | "ImagePullBackOff") => Some(pulled(container, &text(&waiting["message"]), age)),
        Some("CrashLoopBackOff") => Some(crashed(container, status, age)),
        Some(reason @ ("InvalidImageName" | "CreateContainerConfigError" | "ErrImageNeverPull")) => {
            Some(Readiness::Failed(sentence::container_waits(container, reason, &text(&waiting["message"]))))
        }
        Some(reason @ ("CreateContainerError" | "RunContainerError")) => {
            Some(started(container, reason, &text(&waiting["message"]), age))
        }
        Some(_) => None,
        None if status["state"]["terminated"].is_object() => Some(crashed(container, status, age)),
        None => unready(container, status, age),
    }
}

/// Its image did not come. What a registry says is passed on by the container runtime, in the words of the registry.
fn pulled(container: Container<'_>, message: &str, age: SignedDuration) -> Readiness {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["no match for platform in manifest", "no matching manifest for"]) {
        return Readiness::Failed(sentence::image_of_another_platform(container, message));
    }
    if says(&["401 Unauthorized", "403 Forbidden", "denied", "no basic auth credentials"]) {
        let why = sentence::image_forbidden(container, message);
        return if age > GRACE { Readiness::Broken(why) } else { Readiness::Held(why) };
    }
    let why = match says(&["not found", "manifest unknown", "NotFound"]) {
        true => sentence::image_not_found(container, message),
        false => sentence::container_waits(container, "its image cannot be pulled", message),
    };
    after_a_while(why, age)
}

/// It could not be started at all.
fn started(container: Container<'_>, reason: &str, message: &str, age: SignedDuration) -> Readiness {
    match message.contains("exec format error") {
        true => Readiness::Failed(sentence::image_of_another_platform(container, message)),
        false => after_a_while(sentence::container_waits(container, reason, message), age),
    }
}

/// It ended, by what it left when it did so last.
fn crashed(container: Container<'_>, status: &Value, age: SignedDuration) -> Readiness {
    let last = [&status["state"]["terminated"], &status["lastState"]["terminated"]];
    let last = last.into_iter().find(|last| last.is_object()).unwrap_or(&Value::Null);
    let (reason, message) =
        (last["reason"].as_str().unwrap_or("unknown"), last["message"].as_str().unwrap_or_default());
    if message.contains("exec format error") {
        return Readiness::Failed(sentence::image_of_another_platform(container, message));
    }
    let why = match reason {
        "OOMKilled" => sentence::out_of_memory(container),
        _ => {
            let exit_code = last["exitCode"].as_i64().unwrap_or_default();
            sentence::container_crashes(container, exit_code, reason, message)
        }
    };
    match status["restartCount"].as_u64().unwrap_or(0) >= RESTARTS {
        true => Readiness::Failed(why),
        false => after_a_while(why, age),
    }
}

/// It runs and is not ready: its probe may succeed until the deadline.
fn unready(container: Container<'_>, status: &Value, age: SignedDuration) -> Option<Readiness> {
    let runs = status["state"]["running"].is_object() && status["ready"] == false;
    (runs && age > GRACE).then(|| Readiness::Held(sentence::probe_fails(container)))
}
