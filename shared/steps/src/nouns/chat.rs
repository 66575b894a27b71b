//! Chat: where teams type commands, and read what becomes of them.

use super::CallError;
use roadstead_domain::command::ReplyAddress;

/// A chat platform. Texts may hold `code` and line ends; nothing in them mentions anybody.
#[async_trait::async_trait]
pub trait Chat: Send + Sync {
    /// Answers a command where it was typed, in the place of what was answered before. What was sent cannot be looked up, so
    /// a call whose answer is lost is not made again.
    ///
    /// # Errors
    /// [`CallError::Missing`] when the address takes nothing any more.
    async fn reply(&self, address: &ReplyAddress, text: &str) -> Result<(), CallError>;

    /// The platform's id of our newest message in a channel that carries a marker.
    ///
    /// # Errors
    /// [`CallError::Missing`] when there is no such channel, or we are not in it.
    async fn find(&self, channel: &str, marker: &str) -> Result<Option<String>, CallError>;

    /// Says something in a channel with a marker that people do not see; answers the platform's id of the message.
    ///
    /// # Errors
    /// As [`find`](Chat::find).
    async fn post(&self, channel: &str, marker: &str, text: &str) -> Result<String, CallError>;

    /// Says something below a message of ours in such a way that who reads the channel notices; it is found by its marker, too.
    ///
    /// # Errors
    /// As [`find`](Chat::find).
    async fn post_below(
        &self,
        channel: &str,
        message: &str,
        marker: &str,
        text: &str,
    ) -> Result<(), CallError>;

    /// Changes a message of ours. Its marker stays.
    ///
    /// # Errors
    /// [`CallError::Missing`] when somebody deleted it.
    async fn update(&self, channel: &str, message: &str, marker: &str, text: &str) -> Result<(), CallError>;
}
