//! The queues of this stack: modelled on SQS, kept on disk, and awake at once when a message comes.

mod standard;
pub mod workers;

pub use standard::{DUPLICATE_ONE_IN, RECEIVES_LIMIT, Received, StandardQueues, VISIBILITY};

use super::store::Kept;
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::message::{Destination, Message};
use roadstead_steps::nouns::{CallError, Queue, Time};
use std::{sync::Arc, time::Duration};

/// One queue for each function.
pub struct Queues {
    kept: Arc<Kept<StandardQueues>>,
    time: Arc<dyn Time>,
}

impl Queues {
    /// Queues over what is kept of them.
    pub fn new(kept: Arc<Kept<StandardQueues>>, time: Arc<dyn Time>) -> Self {
        Self { kept, time }
    }

    /// Waits for a message of one queue.
    pub async fn receive(&self, queue: Destination) -> Received {
        let mut changes = self.kept.changes();
        loop {
            changes.mark_unchanged();
            match self.take(queue) {
                Taken::One(received) => return received,
                Taken::None { until: Some(until) } => {
                    let pause = Duration::try_from(until.duration_since(self.time.now())).unwrap_or_default();
                    let _ = tokio::time::timeout(pause, changes.changed()).await;
                }
                Taken::None { until: None } => drop(changes.changed().await),
            }
        }
    }

    /// Takes a message away that was carried out.
    pub fn delete(&self, received: &Received) {
        self.kept.change(|queues| queues.delete(received));
    }

    fn take(&self, queue: Destination) -> Taken {
        let now = self.time.now();
        let until = self.kept.read(|queues| queues.next_at(queue));
        if until.is_none_or(|until| until > now) {
            return Taken::None { until };
        }
        match self.kept.change(|queues| queues.receive(queue, now)) {
            Some(Ok(received)) => Taken::One(received),
            Some(Err(message)) => {
                tracing::error!(?message, "a message was received {RECEIVES_LIMIT} times and is set aside");
                self.take(queue)
            }
            None => Taken::None { until: None },
        }
    }
}

enum Taken {
    One(Received),
    None { until: Option<Timestamp> },
}

#[async_trait::async_trait]
impl Queue for Queues {
    async fn send(&self, message: &Message, delay: SignedDuration) -> Result<(), CallError> {
        let now = self.time.now();
        self.kept.change(|queues| queues.send(message.clone(), delay, now));
        Ok(())
    }
}
