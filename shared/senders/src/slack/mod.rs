//! Slack: slash commands of one App in one workspace.
//!
//! The format is Slack's own ("Verifying requests from Slack", "Implementing slash commands"): a form, signed with its time.
//! Slack asks two more things at the same address: whether its certificate holds (`ssl_check`), and, where somebody set the
//! address up for events, whether it is ours (`url_verification`).

mod command;
mod form;
mod reply;
mod signature;
#[cfg(test)]
mod tests;

pub use command::NAME_LIMIT;
pub use form::FIELDS_LIMIT;
pub use reply::RESPONSE_URL_LIMIT;
pub use signature::{SIGNATURE, TIMESTAMP, WINDOW};

use crate::{DoorError, Secret, body::parse, header, limit};
use form::Form;
use http::HeaderMap;
use jiff::Timestamp;
use roadstead_domain::{command::Misunderstood, trigger::Trigger};
use serde::Deserialize;
use signature::Tag;
use std::borrow::Cow;

/// The longest challenge that is echoed, in bytes.
pub const CHALLENGE_LIMIT: usize = 256;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// The App in its workspace, as we were told of them.
pub struct Workspace {
    /// What Slack signs with.
    pub signing_secret: Secret,
    /// The id of the workspace: `T…`.
    pub team: String,
    /// The id of our App: `A…`.
    pub app: String,
}

/// What a request turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Somebody wants something.
    Command(Box<Trigger>),
    /// Somebody wants to know what can be typed.
    Help,
    /// Somebody typed what is no command: nothing is to be done.
    Misunderstood(Misunderstood),
    /// Slack asks whether this address is ours; it wants this text back.
    Challenge(String),
    /// Genuine, and of no concern to us.
    NoEffect {
        /// Why.
        reason: &'static str,
    },
}

/// Verifies, parses and normalises one request.
///
/// A trigger's key is the signature that was verified: a replay has the same, and Slack gives each command an id in its body.
///
/// Slack's own libraries answer the check of the certificate before they look for a signature, because it may have none. It
/// is answered with nothing, and nothing that comes with it is read.
///
/// # Errors
/// Any [`DoorError`]; nothing but sizes and the signature is looked at before the signature holds.
pub fn receive(
    workspace: &Workspace,
    headers: &HeaderMap,
    body: &[u8],
    received_at: Timestamp,
) -> Result<Heard, DoorError> {
    limit::check(headers, body)?;
    if form::is_certificate_check(body) {
        return Ok(Heard::NoEffect { reason: "this only checks the certificate" });
    }
    let tag = signature::verify(&workspace.signing_secret, headers, body, received_at)?;
    if header::is_media_type(headers, FORM) {
        of_form(workspace, &Form::read(body)?, &tag, received_at)
    } else if header::is_media_type(headers, JSON) {
        of_event(body)
    } else {
        Err(DoorError::Unsupported { reason: "send the body as application/x-www-form-urlencoded" })
    }
}

fn of_form(
    workspace: &Workspace,
    form: &Form,
    tag: &Tag,
    received_at: Timestamp,
) -> Result<Heard, DoorError> {
    if form.get("payload").is_some() {
        return Ok(Heard::NoEffect { reason: "only commands are understood here, not buttons and menus" });
    }
    if form.need("team_id")? != workspace.team || form.need("api_app_id")? != workspace.app {
        let reason = "this door is for another workspace or another App";
        return Err(DoorError::Forbidden { reason });
    }
    command::heard(form, tag, received_at)
}

/// What the Events API sends.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    challenge: Option<Cow<'a, str>>,
}

fn of_event(body: &[u8]) -> Result<Heard, DoorError> {
    let event: Event = parse(body)?;
    match event.challenge {
        Some(challenge) if event.kind == "url_verification" => echo(challenge.into_owned()),
        _ => Ok(Heard::NoEffect { reason: "events are not followed, only commands" }),
    }
}

fn echo(challenge: String) -> Result<Heard, DoorError> {
    let fits = challenge.len() <= CHALLENGE_LIMIT && challenge.bytes().all(|byte| byte.is_ascii_graphic());
    let problem = "visible ASCII, at most 256 bytes";
    if fits { Ok(Heard::Challenge(challenge)) } else { Err(DoorError::malformed("challenge", problem)) }
}
