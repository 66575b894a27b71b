//! GitHub: webhooks of a repository, an organization or an App.

mod checks;
mod payload;
#[cfg(test)]
mod tests;

use crate::{DoorError, Received, Secret, body::parse, grammar, header, limit};
use http::HeaderMap;
use jiff::Timestamp;
use payload::{Account, Envelope, PullRequestEvent, PushEvent};
use roadstead_domain::{
    actor::Actor,
    repository::{Commit, Host, Repository},
    trigger::Sighting,
};
use std::collections::BTreeSet;

/// `sha256=` and the HMAC-SHA256 of the raw body in hexadecimal digits. The older SHA-1 header is never read.
pub const SIGNATURE: &str = "x-hub-signature-256";
/// The kind of event.
pub const EVENT: &str = "x-github-event";
/// The id of the delivery: a GUID that a redelivery keeps.
pub const DELIVERY: &str = "x-github-delivery";

/// An HMAC-SHA256.
type Tag = [u8; 32];

/// A webhook that we were told of. Its name is in the address, so that the key is never chosen by the body.
pub struct Hook {
    /// The secret that GitHub signs with.
    pub secret: Secret,
    /// What it may speak of.
    pub bound_to: Binding,
    /// The numeric id of our own App's account; what it does is not heard.
    pub own_account: Option<u64>,
    /// The numeric id of our own App; only its checks are heard.
    pub own_app: Option<u64>,
}

/// What a webhook may speak of.
pub enum Binding {
    /// These repositories, by numeric id.
    Repositories(BTreeSet<u64>),
    /// Every repository of one installation of the App, by its numeric id.
    Installation(u64),
}

impl Binding {
    fn holds(&self, repository: Option<u64>, installation: Option<u64>) -> bool {
        match self {
            Binding::Repositories(known) => repository.is_none_or(|id| known.contains(&id)),
            Binding::Installation(known) => installation == Some(*known),
        }
    }

    fn check(&self, repository: Option<u64>, installation: Option<u64>) -> Result<(), DoorError> {
        let reason = "this webhook's secret is not for this repository or installation";
        if self.holds(repository, installation) { Ok(()) } else { Err(DoorError::Forbidden { reason }) }
    }
}

/// Verifies, parses and normalises one delivery.
///
/// A trigger's key is the signature that was verified: a digest of the raw body, which needs no second pass over it. GitHub
/// redelivers the same bytes, and a replay under a new delivery id has the same bytes too, because the signature covers
/// nothing else; so one key covers both. True events differ in their times; where two share a second and all else
/// (closed, opened and closed again), looking at the repository finds what the second said.
///
/// # Errors
/// Any [`DoorError`]; nothing but sizes and the signature is looked at before the signature holds.
pub fn receive(
    hook: &Hook,
    headers: &HeaderMap,
    body: &[u8],
    received_at: Timestamp,
) -> Result<Received, DoorError> {
    limit::check(headers, body)?;
    let tag = verify(&hook.secret, headers, body)?;
    header::expect_json(headers)?;
    let event = identifier(headers, EVENT)?;
    identifier(headers, DELIVERY)?;
    let seen = match event {
        "pull_request" => pull_request(hook, body)?,
        "push" => push(hook, body)?,
        "check_run" => checks::run(hook, body)?,
        "check_suite" => checks::suite(hook, body)?,
        _ => other(hook, body)?,
    };
    Ok(match seen {
        Seen::Nothing(reason) => Received::NoEffect { reason },
        Seen::Something(actor, sighting) => Received::trigger(key(&tag), actor, received_at, sighting),
    })
}

/// The signature, once it holds.
fn verify(secret: &Secret, headers: &HeaderMap, body: &[u8]) -> Result<Tag, DoorError> {
    let value = header::single(headers, SIGNATURE).map_err(|_| DoorError::Unauthenticated)?;
    let digits = value.strip_prefix("sha256=").ok_or(DoorError::Unauthenticated)?;
    let mut tag = Tag::default();
    hex::decode_to_slice(digits, &mut tag).map_err(|_| DoorError::Unauthenticated)?;
    if secret.signed(body, &tag) { Ok(tag) } else { Err(DoorError::Unauthenticated) }
}

fn identifier<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, DoorError> {
    let value = header::single(headers, name).map_err(|unusable| unusable.malformed(name))?;
    let problem = "letters, digits, `-` and `_`, at most 64";
    if grammar::is_identifier(value) { Ok(value) } else { Err(DoorError::malformed(name, problem)) }
}

fn key(tag: &Tag) -> String {
    format!("github#{}", hex::encode(tag))
}

/// What an event says to us.
enum Seen {
    Nothing(&'static str),
    Something(Actor, Sighting),
}

fn pull_request(hook: &Hook, body: &[u8]) -> Result<Seen, DoorError> {
    let event: PullRequestEvent = parse(body)?;
    hook.bound_to.check(Some(event.repository.id), event.installation.map(|installation| installation.id))?;
    if !matches!(
        event.action.as_ref(),
        "opened" | "reopened" | "synchronize" | "closed" | "ready_for_review" | "converted_to_draft"
    ) {
        return Ok(Seen::Nothing("this action changes nothing that is deployed"));
    }
    let head = event.pull_request.head;
    let sighting = Sighting::PullRequest {
        repository: repository(&event.repository)?,
        number: event.number,
        head: commit("pull_request.head.sha", &head.sha)?,
        from_fork: head.repo.is_none_or(|repository| repository.id != event.repository.id),
        closed: event.action == "closed",
    };
    by(hook, &event.sender, sighting)
}

fn push(hook: &Hook, body: &[u8]) -> Result<Seen, DoorError> {
    let event: PushEvent = parse(body)?;
    hook.bound_to.check(Some(event.repository.id), event.installation.map(|installation| installation.id))?;
    let Some(branch) = event.reference.strip_prefix("refs/heads/") else {
        return Ok(Seen::Nothing("only branches are followed"));
    };
    if !grammar::is_branch(branch) {
        return Err(DoorError::malformed("ref", "not the name of a branch"));
    }
    let head = if event.deleted { None } else { Some(commit("after", &event.after)?) };
    let repository = repository(&event.repository)?;
    by(hook, &event.sender, Sighting::Push { repository, branch: branch.to_owned(), head })
}

fn other(hook: &Hook, body: &[u8]) -> Result<Seen, DoorError> {
    let event: Envelope = parse(body)?;
    if event.repository.is_some() || event.installation.is_some() {
        let repository = event.repository.map(|repository| repository.id);
        hook.bound_to.check(repository, event.installation.map(|installation| installation.id))?;
    }
    Ok(Seen::Nothing("this event changes nothing that is deployed"))
}

fn by(hook: &Hook, sender: &Account, sighting: Sighting) -> Result<Seen, DoorError> {
    if hook.own_account == Some(sender.id) {
        return Ok(Seen::Nothing("this is our own doing"));
    }
    if !grammar::is_login(&sender.login) {
        return Err(DoorError::malformed("sender.login", "not the name of an account"));
    }
    let actor = Actor::GithubUser { id: sender.id, login: Some(sender.login.to_string()) };
    Ok(Seen::Something(actor, sighting))
}

fn repository(named: &payload::Repository) -> Result<Repository, DoorError> {
    if !grammar::is_full_name(&named.full_name) {
        return Err(DoorError::malformed("repository.full_name", "not `owner/name`"));
    }
    Ok(Repository { host: Host::Github, id: named.id, full_name: named.full_name.to_string() })
}

fn commit(field: &str, digits: &str) -> Result<Commit, DoorError> {
    digits.parse().map_err(|problem| DoorError::malformed(field, problem))
}
