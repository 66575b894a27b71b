//! Addresses for answers to commands: each takes five answers within half an hour.

use super::{Refusal, Slack, TEXT_LIMIT};
use http::{Method, Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How many answers an address takes.
pub const REPLY_USES: u32 = 5;
/// For how long it takes them.
pub const REPLY_LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// An address for answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ReplyPlace {
    pub(super) made_at: Timestamp,
    pub(super) uses: u32,
    pub(super) command: String,
    pub(super) user: String,
    pub(super) channel: String,
    /// What is shown now, oldest first.
    pub(super) answers: Vec<Answer>,
}

/// An answer to a command, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What it says.
    pub text: String,
    /// Whether only who typed the command sees it.
    pub ephemeral: bool,
}

/// What is sent to an address, or answered to the command itself.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    text: String,
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    replace_original: bool,
}

impl ReplyPlace {
    fn show(&mut self, said: Said) {
        if said.replace_original {
            self.answers.pop();
        }
        self.answers.push(Answer { text: said.text, ephemeral: said.response_type != "in_channel" });
    }
}

/// Takes an answer at an address.
pub(super) fn take(
    world: &mut Slack,
    path: &str,
    request: &Request<Vec<u8>>,
    now: Timestamp,
) -> Result<Response<Vec<u8>>, Refusal> {
    let place = world.replies.get_mut(path).ok_or(Refusal::NO_SERVICE)?;
    if now.duration_since(place.made_at) > REPLY_LIFETIME {
        return Err(Refusal::EXPIRED_URL);
    }
    if place.uses >= REPLY_USES {
        return Err(Refusal::USED_URL);
    }
    let said: Said = match *request.method() {
        Method::POST => serde_json::from_slice(request.body()).map_err(|_| Refusal::INVALID_JSON)?,
        _ => return Err(Refusal::INVALID_POST_TYPE),
    };
    match said.text.chars().count() {
        0 => return Err(Refusal::NO_TEXT),
        1..=TEXT_LIMIT => {}
        _ => return Err(Refusal::TOO_LONG),
    }
    place.uses += 1;
    place.show(said);
    Ok(Response::new(b"ok".to_vec()))
}

impl Slack {
    /// Shows what a command was answered at once, as the body of the response to its request says.
    pub fn answered(&mut self, path: &str, body: &[u8]) {
        if let (Some(place), Ok(said)) = (self.replies.get_mut(path), serde_json::from_slice::<Said>(body))
            && !said.text.is_empty()
        {
            place.show(said);
        }
    }
}
