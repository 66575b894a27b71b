//! What a cluster or a zone does not do for us: what is wrong and who must act, first; its own words, second.

use crate::name::ClusterName;
use jiff::Timestamp;

/// The quota of the namespace is used up.
pub fn over_quota(words: &str) -> String {
    let wrong = "The environment's quota is used up: ask for less in the Score files, or have the quota of its type raised.";
    with_words(wrong, words)
}

/// One container asks for more than one may have.
pub fn over_limits(words: &str) -> String {
    with_words("A container asks for more than one may have here: ask for less in its Score file.", words)
}

/// A policy of the cluster forbids it.
pub fn against_policy(words: &str) -> String {
    let wrong = "A policy of the cluster does not allow this: change what it names, or ask a platform engineer about it.";
    with_words(wrong, words)
}

/// The cluster does not give us a right.
pub fn right_missing(words: &str) -> String {
    let wrong = "The cluster does not let Roadstead do this: a platform engineer must apply `infra/cluster` there again.";
    with_words(wrong, words)
}

/// The cluster does not accept our credentials.
pub fn cluster_unauthorized(cluster: &ClusterName, words: &str) -> String {
    let wrong = format!(
        "The cluster `{cluster}` does not know Roadstead: a platform engineer must renew its credentials there."
    );
    with_words(&wrong, words)
}

/// The cluster does not answer.
pub fn cluster_silent(cluster: &ClusterName, words: &str) -> String {
    with_words(&format!("The cluster `{cluster}` does not answer."), words)
}

/// The zone takes no more requests.
pub fn zone_throttled(zone: &str) -> String {
    format!("The DNS zone `{zone}` is throttled: it takes no more requests just now.")
}

/// The zone does not do what it was asked.
pub fn zone_silent(zone: &str, words: &str) -> String {
    with_words(&format!("The DNS zone `{zone}` cannot be changed just now."), words)
}

/// The zone that the platform configuration names does not exist.
pub fn zone_missing(zone: &str, words: &str) -> String {
    let wrong = format!(
        "There is no DNS zone `{zone}`: a platform engineer must correct `entrance.zone` of the cluster in the platform file."
    );
    with_words(&wrong, words)
}

/// The zone may not be read or changed by us.
pub fn zone_forbidden(zone: &str, words: &str) -> String {
    let wrong = format!(
        "Roadstead may not use the DNS zone `{zone}`: a platform engineer must add it to the zones that the stack was deployed with."
    );
    with_words(&wrong, words)
}

/// What is waited for, and until when.
pub fn tried_until(deadline: Timestamp) -> String {
    format!("It is tried again by itself until {}.", deadline.strftime("%H:%M UTC"))
}

/// What was waited for did not pass before the deadline.
pub fn gave_up(wrong: &str) -> String {
    format!(
        "{wrong}\nIt was tried again until the deadline. Try it once more later with `/env retry`, or push."
    )
}

fn with_words(wrong: &str, words: &str) -> String {
    format!("{wrong}\nThe answer was: {words}")
}
