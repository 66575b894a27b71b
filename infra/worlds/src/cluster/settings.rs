//! What a sandbox cluster is started with: who may speak to it, and how its machines behave.

use std::collections::{BTreeMap, BTreeSet};

use http::HeaderMap;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{object, refusal::Refusal};

/// Somebody who speaks to the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name that rights and refusals use.
    pub name: String,
    /// The groups that it belongs to, beside `system:authenticated`.
    pub groups: Vec<String>,
    /// What it may do before any RoleBinding names it.
    pub role: Role,
}

/// What a user may do before any RoleBinding names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Everything.
    Admin,
    /// What Roadstead's own user may: namespaces, bindings to `roadstead-environment`; subject to its fence.
    Fenced,
    /// Nothing.
    Nobody,
}

/// The settings of one cluster. Tokens are kept as digests only.
#[derive(Clone, Serialize, Deserialize)]
pub struct Settings {
    /// Makes uids and names repeat: the same seed and the same requests give the same answers.
    pub seed: u64,
    /// How long a Pod takes from being seen by its node to Ready.
    pub ready_after: SignedDuration,
    /// How long controllers take to look after a write.
    pub controllers_after: SignedDuration,
    /// How long a terminating namespace is left before it is swept (five seconds on a real cluster).
    pub namespace_swept_after: SignedDuration,
    /// How long a Pod takes from its deletion to being gone.
    pub stopped_after: SignedDuration,
    /// The host name that Ingresses get as their address, if any.
    pub entrance: Option<String>,
    pub(super) images: Option<BTreeSet<String>>,
    pub(super) missing_images: BTreeSet<String>,
    #[serde(default)]
    pub(super) states: BTreeMap<String, Value>,
    users: BTreeMap<String, User>,
}

/// The field manager and the name of the controllers of a real cluster.
pub(super) const CONTROLLERS: &str = "kube-controller-manager";

const ANONYMOUS: &str = "system:anonymous";

impl Settings {
    /// A cluster that nobody may speak to yet, whose Pods are ready at once and whose images can all be pulled.
    pub fn new(seed: u64) -> Settings {
        Settings {
            seed,
            ready_after: SignedDuration::ZERO,
            controllers_after: SignedDuration::ZERO,
            namespace_swept_after: SignedDuration::from_secs(5),
            stopped_after: SignedDuration::ZERO,
            entrance: Some("entrance.sandbox.test".to_owned()),
            images: None,
            missing_images: BTreeSet::new(),
            states: BTreeMap::new(),
            users: BTreeMap::new(),
        }
    }

    /// Lets the bearer of `token` speak as `user`.
    pub fn with_user(mut self, token: &str, user: User) -> Settings {
        self.users.insert(digest(token), user);
        self
    }

    /// Who a request comes from; without credentials it is `system:anonymous`.
    pub(super) fn authenticate(&self, headers: &HeaderMap) -> Result<User, Refusal> {
        let Some(value) = headers.get(http::header::AUTHORIZATION) else {
            return Ok(User { name: ANONYMOUS.to_owned(), groups: Vec::new(), role: Role::Nobody });
        };
        let token = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
        // Looked up by digest, so that the time it takes tells nothing about a token.
        let user = token.and_then(|token| self.users.get(&digest(token.trim())));
        user.cloned().ok_or_else(Refusal::unauthorized)
    }

    /// How a container stands, instead of running.
    pub(super) fn stands(&self, container: &Value) -> Option<Value> {
        let (text, reference) = (container.to_string(), object::text(container, "/image"));
        if let Some((_, state)) = self.states.iter().find(|(part, _)| text.contains(part.as_str())) {
            return Some(state.clone());
        }
        let state = json!({ "state": { "waiting": { "reason": "ImagePullBackOff", "message": "manifest unknown" } } });
        (!self.can_pull(reference)).then_some(state)
    }

    /// Whether a node can pull this image.
    fn can_pull(&self, reference: &str) -> bool {
        !self.missing_images.iter().any(|missing| reference.contains(missing.as_str()))
            && self.images.as_ref().is_none_or(|images| images.contains(&without_tag(reference)))
    }
}

fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// `repository:tag@digest` as `repository@digest`.
fn without_tag(reference: &str) -> String {
    let Some((repository, digest)) = reference.split_once('@') else { return reference.to_owned() };
    let last = repository.rfind('/').map_or(0, |slash| slash + 1);
    let end = repository[last..].find(':').map_or(repository.len(), |colon| last + colon);
    format!("{}@{digest}", &repository[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_set_of_images_is_matched_without_the_tag() {
        let mut settings = Settings::new(0);
        settings.images = Some(BTreeSet::from(["host:5000/shop/web@sha256:1".to_owned()]));
        let stands = |image: &str| settings.stands(&json!({ "name": "web", "image": image }));
        assert_eq!(stands("host:5000/shop/web@sha256:1"), None);
        assert_eq!(stands("host:5000/shop/web:main@sha256:1"), None);
        assert!(stands("host:5000/shop/web:main").is_some());
        assert!(stands("host:5000/shop/web@sha256:2").is_some());
    }

    #[test]
    fn settings_that_are_stored_hold_no_token() {
        let user = User { name: "ada".to_owned(), groups: Vec::new(), role: Role::Admin };
        let settings = Settings::new(0).with_user("s3cret", user);
        assert!(!serde_json::to_string(&settings).unwrap().contains("s3cret"));
    }
}
