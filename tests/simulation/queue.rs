//! Standard queues: at least once, in no order, and now and then not at all.

use super::{chance::Chance, wire::Faults};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::message::Message;
use roadstead_steps::{
    context::Invocation,
    functions::Functions,
    nouns::{CallError, Queue, Time},
};
use std::{
    cell::Cell,
    sync::{
        Arc, Mutex, OnceLock, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

/// How long one invocation may take.
pub const INVOCATION_LIMIT: Duration = Duration::from_secs(30);
/// How often a message is delivered again.
const DELIVERIES: u32 = 3;

tokio::task_local! {
    static CALLS: Cell<usize>;
    static TELLS: bool;
}

/// Whether the invocation that runs is one that decides whom a trigger concerns, and tells them.
pub fn tells() -> bool {
    TELLS.try_with(|tells| *tells).unwrap_or(false)
}

/// Counts a call of the table for the invocation that makes it.
pub fn count_call() {
    let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
}

/// Delivers messages to functions, each in a task of its own.
pub struct SimulatedQueue {
    pub functions: OnceLock<Functions>,
    pub chance: Chance,
    pub faults: Arc<Faults>,
    pub time: Arc<dyn Time>,
    /// In a thousand messages: lost, and delivered twice.
    pub lost: u64,
    pub twice: u64,
    /// Whether an invocation is ended at its deadline; a paused process outlives it.
    pub ends: AtomicBool,
    pub tokens: AtomicU64,
    pub log: Mutex<Vec<(Timestamp, String)>>,
    /// Which messages were carried out, with how many calls of the table each.
    pub counted: Mutex<Vec<(Message, usize)>>,
    pub this: Weak<SimulatedQueue>,
}

impl SimulatedQueue {
    fn deliver(&self, message: Message, delay: Duration) {
        let Some(this) = self.this.upgrade() else { return };
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            for delivery in 1..=DELIVERIES {
                if this.invoke(&message).await {
                    return;
                }
                tokio::time::sleep(Duration::from_secs(60 * u64::from(delivery))).await;
            }
        });
    }

    /// Runs one invocation until its deadline. Whoever is not done by then is ended by force.
    async fn invoke(&self, message: &Message) -> bool {
        let token = format!("invocation-{}", self.tokens.fetch_add(1, Ordering::SeqCst));
        let deadline = self.time.now() + SignedDuration::try_from(INVOCATION_LIMIT).unwrap();
        let invocation = Invocation { token: token.clone(), deadline };
        let functions = self.functions.get().unwrap();
        let limit = if self.ends.load(Ordering::SeqCst) { INVOCATION_LIMIT } else { INVOCATION_LIMIT * 10 };
        let counted = CALLS.scope(Cell::new(0), async {
            let result = functions.handle(message, &invocation).await;
            self.counted.lock().unwrap().push((message.clone(), CALLS.with(Cell::get)));
            result
        });
        let tells = TELLS.scope(matches!(message, Message::Trigger { .. }), counted);
        let result = tokio::time::timeout(limit, tells).await;
        let line = format!("{token} {} -> {result:?}", serde_json::to_string(message).unwrap());
        self.log.lock().unwrap().push((self.time.now(), line));
        matches!(result, Ok(Ok(())))
    }
}

#[async_trait::async_trait]
impl Queue for SimulatedQueue {
    async fn send(&self, message: &Message, delay: SignedDuration) -> Result<(), CallError> {
        let faulty = self.faults.on.load(Ordering::SeqCst);
        if faulty && self.chance.in_thousand(self.lost) {
            return Ok(());
        }
        let seconds = delay.as_millis().max(0).div_euclid(1_000) + i128::from(delay.as_millis() % 1_000 != 0);
        let delay = Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
            + Duration::from_millis(self.chance.below(8));
        if faulty && self.chance.in_thousand(self.twice) {
            self.deliver(message.clone(), delay + Duration::from_millis(self.chance.below(90_000)));
        }
        self.deliver(message.clone(), delay);
        Ok(())
    }
}
