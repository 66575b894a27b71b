//! What GitHub delivers: an event, a body, and the headers that prove them.

use http::header::{CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{Method, Request};
use jiff::Timestamp;
use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::objects::{Difference, tree_id};
use super::reply::set;
use super::{GitHub, Refusal};

/// The id of the App's hook.
const HOOK: &str = "1";

/// One webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The event: `push`, `pull_request`, …
    pub event: String,
    /// The delivery's own id, a GUID; a redelivery has the same.
    pub delivery: String,
    /// The payload.
    pub body: Value,
    /// Whether it was delivered before.
    #[serde(default)]
    pub redelivery: bool,
    app: u64,
}

impl Delivery {
    /// The payload as it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        self.body.to_string().into_bytes()
    }

    /// The request to a webhook with this secret, to be sent to any URL.
    pub fn signed(&self, secret: &[u8]) -> Request<Vec<u8>> {
        let body = self.bytes();
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), &body);
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        let headers = request.headers_mut();
        set(headers, CONTENT_TYPE, "application/json");
        set(headers, USER_AGENT, "GitHub-Hookshot/0000000");
        for (name, value) in [
            ("x-github-event", self.event.clone()),
            ("x-github-delivery", self.delivery.clone()),
            ("x-github-hook-id", HOOK.to_owned()),
            ("x-github-hook-installation-target-id", self.app.to_string()),
            ("x-github-hook-installation-target-type", "integration".to_owned()),
            ("x-hub-signature-256", format!("sha256={}", hex::encode(signature))),
        ] {
            set(headers, HeaderName::from_static(name), &value);
        }
        request
    }
}

/// A push as its event tells it.
pub(super) struct PushedRef<'a> {
    pub(super) branch: &'a str,
    pub(super) before: Option<&'a str>,
    pub(super) after: Option<&'a str>,
    pub(super) pusher: &'a str,
}

/// What stands for a branch that does not exist.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

impl GitHub {
    /// An event in a repository: delivered if the App is installed there.
    pub(super) fn delivery(
        &mut self,
        event: &str,
        repository: u64,
        sender: &str,
        mut body: Value,
    ) -> Result<Vec<Delivery>, Refusal> {
        let Some(installation) = self.installation_for(repository) else { return Ok(Vec::new()) };
        let shown = self.repository(repository)?;
        let owner = self.user_json(&shown.owner);
        if body.get("repository").is_none() {
            body["repository"] = self.repository_json(shown);
        }
        if owner["type"] == "Organization" {
            body["organization"] = json!({ "login": owner["login"], "id": owner["id"] });
        }
        body["sender"] = self.user_json(sender);
        body["installation"] = json!({ "id": installation, "node_id": format!("I_{installation}") });
        Ok(vec![self.numbered(event, body)])
    }

    /// An event about the App itself, by the owner of an account.
    pub(super) fn app_delivery(
        &mut self,
        event: &str,
        installation: u64,
        account: &str,
        mut body: Value,
        now: Timestamp,
    ) -> Delivery {
        body["installation"] = json!({
            "id": installation,
            "account": self.user_json(account),
            "app_id": self.app.id,
            "app_slug": self.app.slug,
            "repository_selection": "selected",
            "permissions": self.installations.get(&installation).map(|it| &it.permissions),
            "created_at": format!("{now:.0}"),
        });
        body["sender"] = self.user_json(account);
        self.numbered(event, body)
    }

    fn numbered(&mut self, event: &str, body: Value) -> Delivery {
        let number = self.next_id();
        let digits = hex::encode(Sha256::digest(format!("delivery {number}")));
        let delivery =
            format!("{}-{}-11f0-8{}-{}", &digits[..8], &digits[8..12], &digits[12..15], &digits[15..27]);
        Delivery { event: event.to_owned(), delivery, body, redelivery: false, app: self.app.id }
    }

    /// A `pull_request` event.
    pub(super) fn pull_event(
        &mut self,
        repository: u64,
        number: u64,
        action: &str,
        sender: &str,
        further: &[(&str, &str)],
    ) -> Result<Vec<Delivery>, Refusal> {
        let pull = self.pull_json(repository, number)?;
        let mut body = json!({ "action": action, "number": number, "pull_request": pull });
        for (name, value) in further {
            body[*name] = (*value).into();
        }
        self.delivery("pull_request", repository, sender, body)
    }

    /// A `push` event; only here the repository's times are numbers and its owner has a name.
    pub(super) fn push_event(
        &mut self,
        repository: u64,
        push: &PushedRef<'_>,
    ) -> Result<Vec<Delivery>, Refusal> {
        let objects = self.objects_of(repository)?;
        let found = self.repository(repository)?;
        let mut shown = self.repository_json(found);
        shown["created_at"] = found.created_at.as_second().into();
        shown["pushed_at"] = found.pushed_at.as_second().into();
        shown["owner"]["name"] = found.owner.clone().into();
        let forced = match (push.before, push.after) {
            (Some(before), Some(after)) => !objects.contains(after, before),
            _ => false,
        };
        let head = push.after.and_then(|id| self.pushed_commit_json(repository, id));
        let email = format!("{}@users.noreply.github.com", push.pusher);
        let body = json!({
            "ref": format!("refs/heads/{}", push.branch),
            "before": push.before.unwrap_or(NO_COMMIT),
            "after": push.after.unwrap_or(NO_COMMIT),
            "created": push.before.is_none(),
            "deleted": push.after.is_none(),
            "forced": forced,
            "base_ref": null,
            "commits": head.iter().collect::<Vec<_>>(),
            "head_commit": head,
            "repository": shown,
            "pusher": { "name": push.pusher, "email": email },
        });
        self.delivery("push", repository, push.pusher, body)
    }

    fn pushed_commit_json(&self, repository: u64, id: &str) -> Option<Value> {
        let objects = self.objects_of(repository).ok()?;
        let commit = objects.commits.get(id)?;
        let differences = objects.differences(id);
        let paths = |wanted: Difference| -> Vec<&str> {
            differences.iter().filter(|(_, how)| *how == wanted).map(|(path, _)| *path).collect()
        };
        let email = format!("{}@users.noreply.github.com", commit.author);
        let author = json!({ "name": commit.author, "email": email, "username": commit.author });
        Some(json!({
            "id": id,
            "tree_id": tree_id(&commit.tree),
            "distinct": true,
            "message": commit.message,
            "timestamp": format!("{:.0}", commit.date),
            "author": author,
            "committer": author,
            "added": paths(Difference::Added),
            "modified": paths(Difference::Modified),
            "removed": paths(Difference::Removed),
        }))
    }
}
