//! What was found, in plain words: a person reads it.

use super::journey::Running;
use roadstead_domain::message::Message;
use std::{collections::BTreeMap, fmt::Display};

/// What comes after each other; `none` where there is nothing.
pub(super) fn listed(parts: impl IntoIterator<Item = impl Display>) -> String {
    let parts: Vec<String> = parts.into_iter().map(|part| part.to_string()).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

/// Which image each workload runs.
pub(super) fn images(running: &Running) -> String {
    listed(running.iter().map(|(workload, digest)| format!("{workload} {digest}")))
}

/// How many there are of each kind.
pub(super) fn counted(objects: &BTreeMap<String, usize>) -> String {
    if objects.is_empty() {
        return "nothing".to_owned();
    }
    listed(objects.iter().map(|(kind, count)| format!("{count} {kind}")))
}

/// What a message is about.
pub(super) fn about(message: &Message) -> String {
    match message {
        Message::Trigger { key } => format!("the trigger {key}"),
        Message::Stage { environment, generation, stage } => {
            format!("{stage} of {environment} #{generation}")
        }
        Message::Zone { zone } => format!("the zone {zone}"),
        Message::Announcement { announcement } => format!("the announcement {announcement}"),
        Message::Deliveries { host } => format!("the webhooks of {host}"),
        Message::Repository { key } => format!("the repository {key}"),
    }
}

/// What was written in other places, each line marked.
pub(super) fn quoted(texts: &[String]) -> String {
    if texts.is_empty() {
        return "nothing is said".to_owned();
    }
    let one = |text: &String| text.lines().map(|line| format!("\n  | {line}")).collect::<String>();
    format!("it says{}", texts.iter().map(one).collect::<Vec<_>>().join("\n  and"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_reads_as_a_sentence_does() {
        assert_eq!(listed(["success", "failure"]), "success, failure");
        assert_eq!(listed([""; 0]), "none");
        let digest = format!("sha256:{}", "1".repeat(64));
        let running = Running::from([("web".parse().unwrap(), digest.parse().unwrap())]);
        assert_eq!(images(&running), format!("web {digest}"));
        let objects = BTreeMap::from([("Pod".to_owned(), 2), ("Secret".to_owned(), 1)]);
        assert_eq!(
            (counted(&objects), counted(&BTreeMap::new())),
            ("2 Pod, 1 Secret".into(), "nothing".into())
        );
        let texts = ["ready\nat home".to_owned(), "gone".to_owned()];
        assert_eq!(quoted(&texts), "it says\n  | ready\n  | at home\n  and\n  | gone");
        assert_eq!(quoted(&[]), "nothing is said");
    }
}
