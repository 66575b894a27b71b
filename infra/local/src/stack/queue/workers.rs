//! What stands in the place of Lambda: it receives messages and lets the functions carry them out.

use super::{Queues, Received};
use crate::stack::{ending::Ending, secrets};
use jiff::SignedDuration;
use roadstead_domain::{
    message::{Destination, Message},
    refusal::{Class, Refusal},
};
use roadstead_steps::{context::Invocation, functions::Functions, nouns::Time};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, broadcast},
    task::JoinSet,
};

/// How long an invocation may last.
pub const INVOCATION_LIMIT: Duration = Duration::from_secs(30);
/// How many messages of one queue are carried out at once.
pub const CONCURRENCY: usize = 4;

/// Carries out the messages of all queues.
pub struct Workers {
    /// Where messages come from.
    pub queues: Arc<Queues>,
    /// What carries them out.
    pub functions: Arc<Functions>,
    /// The clock.
    pub time: Arc<dyn Time>,
    /// Hears of every message that was carried out.
    pub handled: broadcast::Sender<Message>,
}

impl Workers {
    /// Serves one queue until the end, and then lets what was begun come to its end.
    pub async fn serve(self: Arc<Self>, queue: Destination, ending: Ending) {
        let permits = Arc::new(Semaphore::new(CONCURRENCY));
        let mut running = JoinSet::new();
        while let Some((received, permit)) = self.next(queue, &permits, &ending).await {
            running.spawn(self.clone().invoke(received, permit));
            while running.try_join_next().is_some() {}
        }
        while running.join_next().await.is_some() {}
    }

    async fn next(
        &self,
        queue: Destination,
        permits: &Arc<Semaphore>,
        ending: &Ending,
    ) -> Option<(Received, OwnedSemaphorePermit)> {
        let next = async {
            let permit = permits.clone().acquire_owned().await.ok()?;
            Some((self.queues.receive(queue).await, permit))
        };
        tokio::select! {
            biased;
            () = ending.wait() => None,
            next = next => next,
        }
    }

    async fn invoke(self: Arc<Self>, received: Received, _permit: OwnedSemaphorePermit) {
        let limit = SignedDuration::try_from(INVOCATION_LIMIT).unwrap_or_default();
        let invocation = Invocation { token: secrets::random(), deadline: self.time.now() + limit };
        let work = self.functions.handle(&received.message, &invocation);
        match in_time(work).await {
            Some(Ok(())) => self.queues.delete(&received),
            Some(Err(refusal)) => comes_again(&received, &refusal),
            None => tracing::warn!(message = ?received.message, "an invocation was ended by force"),
        }
        let _ = self.handled.send(received.message);
    }
}

/// What an invocation came to; none where it was ended by force.
async fn in_time<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(INVOCATION_LIMIT, work).await.ok()
}

/// What did not answer is asked again: only what was not expected is to be looked at.
fn comes_again(Received { message, receives, .. }: &Received, refusal: &Refusal) {
    match refusal.class {
        Class::Unavailable => tracing::info!(?message, receives, %refusal, "a message comes again"),
        _ => tracing::warn!(?message, receives, %refusal, "a message comes again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_invocation_lasts_thirty_seconds_and_no_longer() {
        let of = |length: Duration| in_time(tokio::time::sleep(length));
        assert_eq!(of(INVOCATION_LIMIT).await, Some(()));
        assert_eq!(of(INVOCATION_LIMIT + Duration::from_millis(1)).await, None);
    }
}
