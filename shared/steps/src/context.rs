//! What every function has: state, queue, time and the platform files in force; and who runs it, until when.

use crate::{
    configuration::Platforms,
    nouns::{Queue, State, Time},
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{message::Message, refusal::Refusal};
use std::sync::Arc;

/// How much longer than an invocation's hard deadline its claims last.
pub const CLAIM_MARGIN: SignedDuration = SignedDuration::from_secs(5);

/// The nouns that every function has, and the configurations that it read.
#[derive(Clone)]
pub struct Context {
    /// The table.
    pub state: Arc<dyn State>,
    /// The queues.
    pub queue: Arc<dyn Queue>,
    /// The clock.
    pub time: Arc<dyn Time>,
    /// The platform configurations.
    pub platforms: Arc<Platforms>,
}

impl Context {
    /// A context that has read no configuration yet.
    pub fn new(state: Arc<dyn State>, queue: Arc<dyn Queue>, time: Arc<dyn Time>) -> Self {
        Self { platforms: Arc::new(Platforms::new(state.clone())), state, queue, time }
    }

    /// The present moment, in whole milliseconds as rows hold it.
    pub fn now(&self) -> Timestamp {
        let now = self.time.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Sends a message as a courtesy: what it tells is already due in a row, so that losing it costs only time.
    pub async fn send(&self, message: &Message, delay: SignedDuration) {
        if let Err(error) = self.queue.send(message, delay).await {
            tracing::warn!(%error, "a message was not sent; its row is due");
        }
    }
}

/// One invocation of a function.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Unique for each invocation: the token of its claims.
    pub token: String,
    /// When it is ended by force.
    pub deadline: Timestamp,
}

impl Invocation {
    /// Until when claims of this invocation last.
    pub fn until(&self) -> Timestamp {
        let until = self.deadline + CLAIM_MARGIN;
        Timestamp::from_millisecond(until.as_millisecond()).unwrap_or(until)
    }
}

/// What a function tells the queue about a message that it could not finish: it is redelivered.
pub type Handled = Result<(), Refusal>;
