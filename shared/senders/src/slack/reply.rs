//! Where an answer may be sent: a capability of Slack's, of which only the path is kept.

use crate::DoorError;

/// The longest `response_url`, in bytes.
pub const RESPONSE_URL_LIMIT: usize = 512;

/// The only host, without a port or a user; an address that is written in any other way is not Slack's.
const BASE: &str = "https://hooks.slack.com/";

/// The path below Slack's host for answers.
pub(super) fn path(url: &str) -> Result<&str, DoorError> {
    let problem = "not an address for answers to a command at https://hooks.slack.com";
    let below = url.strip_prefix(BASE).filter(|path| url.len() <= RESPONSE_URL_LIMIT && is_path(path));
    below.ok_or_else(|| DoorError::malformed("response_url", problem))
}

/// `commands/` and plain segments: nothing that is encoded, empty, relative, a query or a fragment.
fn is_path(path: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_segment = |part: &str| !part.is_empty() && part.bytes().all(inner);
    path.strip_prefix("commands/").is_some_and(|rest| rest.split('/').all(is_segment))
}
