//! What somebody typed, and who and where.

use super::{Heard, form::Form, reply, signature::Tag};
use crate::{DoorError, grammar, received::trigger};
use jiff::Timestamp;
use roadstead_domain::{
    actor::Actor,
    command::{Command, ReplyAddress},
    trigger::{Sighting, Trigger},
};

/// The longest name of a person that is kept, in bytes.
pub const NAME_LIMIT: usize = 80;

/// The command of a form. What needs no looking at is told apart: it becomes no trigger.
pub(super) fn heard(form: &Form, tag: &Tag, received_at: Timestamp) -> Result<Heard, DoorError> {
    let actor = actor(form)?;
    let reply = ReplyAddress::new(reply::path(form.need("response_url")?)?);
    let text = unescaped(form.get("text").unwrap_or_default());
    Ok(match Command::parse(word(form.need("command")?)?, &text) {
        Ok(Command::Help) => Heard::Help,
        Err(misunderstood) => Heard::Misunderstood(misunderstood),
        Ok(command) => {
            let key = format!("slack#{}", hex::encode(tag));
            let sighting = Sighting::Command { command };
            let trigger = trigger(key, actor, received_at, sighting);
            Heard::Command(Box::new(Trigger { reply: Some(reply), ..trigger }))
        }
    })
}

/// Who typed it: an id within a workspace.
fn actor(form: &Form) -> Result<Actor, DoorError> {
    let (team, id) = (id(form, "team_id")?, id(form, "user_id")?);
    let name = form.get("user_name").filter(|name| is_name(name)).unwrap_or(&id).to_owned();
    Ok(Actor::SlackUser { team, id, name })
}

/// An id of Slack's. Names are never ids: people choose them, and change them.
fn id(form: &Form, field: &str) -> Result<String, DoorError> {
    let text = form.need(field)?;
    let problem = "an id of Slack's has letters and digits, at most 32";
    if grammar::is_slack_id(text) { Ok(text.to_owned()) } else { Err(DoorError::malformed(field, problem)) }
}

fn word(text: &str) -> Result<&str, DoorError> {
    let is_word = text.strip_prefix('/').is_some_and(grammar::is_identifier);
    if is_word { Ok(text) } else { Err(DoorError::malformed("command", "not the word of a command")) }
}

/// A text as it was typed: Slack writes three characters as HTML does ("Formatting text for app surfaces").
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn is_name(name: &str) -> bool {
    (1..=NAME_LIMIT).contains(&name.len()) && !name.contains(char::is_control)
}
