//! Queues in Amazon SQS: standard queues, one for each function.

use crate::configuration::Aws;
use crate::failure::{Effect, call_error};
use aws_sdk_sqs::Client;
use jiff::SignedDuration;
use roadstead_domain::message::{Destination, Message};
use roadstead_steps::nouns::queue::DELAY_LIMIT;
use roadstead_steps::nouns::{CallError, Queue};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::OnceCell;

/// The queues of all functions that may be sent to, by URL.
pub struct Sqs {
    aws: Arc<Aws>,
    queues: BTreeMap<Destination, String>,
    client: OnceCell<Client>,
}

impl Sqs {
    /// Queues by the destination that each serves; several destinations may share one.
    pub fn new(aws: Arc<Aws>, queues: BTreeMap<Destination, String>) -> Self {
        Self { aws, queues, client: OnceCell::new() }
    }

    async fn client(&self) -> &Client {
        self.client.get_or_init(|| async { Client::new(self.aws.sdk().await) }).await
    }

    fn url(&self, message: &Message) -> Result<&String, CallError> {
        let destination = message.destination();
        let missing = || CallError::Broken { reason: format!("no queue is known for {destination:?}") };
        self.queues.get(&destination).ok_or_else(missing)
    }
}

#[async_trait::async_trait]
impl Queue for Sqs {
    async fn send(&self, message: &Message, delay: SignedDuration) -> Result<(), CallError> {
        let url = self.url(message)?;
        let body = serde_json::to_string(message);
        let body = body.map_err(|error| CallError::Broken { reason: error.to_string() })?;
        let call = self
            .client()
            .await
            .send_message()
            .queue_url(url)
            .message_body(body)
            .delay_seconds(seconds(delay));
        call.send().await.map(drop).map_err(|error| call_error(error, Effect::Writes))
    }
}

/// Whole seconds, rounded up, between none and [`DELAY_LIMIT`].
fn seconds(delay: SignedDuration) -> i32 {
    let delay = delay.clamp(SignedDuration::ZERO, DELAY_LIMIT);
    let begun = i64::from(delay.subsec_nanos() > 0);
    i32::try_from(delay.as_secs() + begun).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Configuration;

    #[test]
    fn a_delay_is_rounded_up_to_seconds() {
        assert_eq!(seconds(SignedDuration::ZERO), 0);
        assert_eq!(seconds(SignedDuration::from_nanos(1)), 1);
        assert_eq!(seconds(SignedDuration::from_secs(7)), 7);
        assert_eq!(seconds(SignedDuration::from_millis(7_001)), 8);
        assert_eq!(seconds(SignedDuration::from_secs(-7)), 0);
    }

    #[test]
    fn a_delay_is_at_most_900_seconds() {
        assert_eq!(seconds(DELAY_LIMIT), 900);
        assert_eq!(seconds(DELAY_LIMIT + SignedDuration::from_secs(1)), 900);
        assert_eq!(seconds(SignedDuration::MAX), 900);
    }

    #[tokio::test]
    async fn a_message_without_a_queue_is_broken() {
        let queues = Sqs::new(Arc::new(Aws::new(Configuration::default())), BTreeMap::new());
        let sent = queues.send(&Message::Trigger { key: "t".into() }, SignedDuration::ZERO).await;
        assert!(matches!(sent, Err(CallError::Broken { .. })));
    }
}
