//! Functions that SQS invokes with a batch of messages (event source mapping with `ReportBatchItemFailures`).

use super::Invoked;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use roadstead_domain::{
    message::Message,
    refusal::{Class, Refusal},
};
use roadstead_steps::{
    context::{Context, Handled, Invocation},
    functions::Function,
};
use serde::{Deserialize, Serialize};
use std::{convert::Infallible, time::Duration};

/// How long before Lambda ends it by force an invocation stops by itself, so that it can still say what it has done.
pub const REPORT_WITHIN: SignedDuration = SignedDuration::from_secs(1);

/// A function with what it carries messages out with.
pub struct Worker<Work> {
    /// State, queue and time.
    pub context: Context,
    /// What it does.
    pub function: Work,
}

/// What SQS hands over.
#[derive(Debug, Deserialize)]
pub struct Batch {
    /// Its messages.
    #[serde(rename = "Records")]
    pub records: Vec<Record>,
}

/// One message as SQS hands it over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The id by which it is reported.
    pub message_id: String,
    /// Its text.
    pub body: String,
}

/// The messages that are to come again; the others are deleted.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Which.
    pub batch_item_failures: Vec<Failure>,
}

/// One message that is to come again.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Its id.
    pub item_identifier: String,
}

impl<Work: Function> Invoked for Worker<Work> {
    async fn serve(self) -> Result<(), Error> {
        let worker = &self;
        let handle = |event: LambdaEvent<Batch>| async move {
            let deadline = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
            let deadline = Timestamp::from_millisecond(deadline).unwrap_or(Timestamp::MAX);
            let token = event.context.request_id;
            Ok::<Report, Infallible>(worker.work(event.payload, Invocation { token, deadline }).await)
        };
        lambda_runtime::run(service_fn(handle)).await
    }
}

impl<Work: Function> Worker<Work> {
    /// Carries out the messages of a batch at the same time, and reports those that are to come again.
    pub async fn work(&self, batch: Batch, invocation: Invocation) -> Report {
        let all = batch.records.into_iter().map(|record| self.one(record, &invocation));
        Report { batch_item_failures: join_all(all).await.into_iter().flatten().collect() }
    }

    async fn one(&self, record: Record, batch: &Invocation) -> Option<Failure> {
        let Record { message_id, body } = record;
        let token = format!("{}/{message_id}", batch.token);
        let invocation = Invocation { token, deadline: batch.deadline };
        let refusal = match serde_json::from_str(&body) {
            Ok(message) => self.carried_out(&message, &invocation).await.err()?,
            Err(error) => Refusal::broken(format!("it cannot be read: {error}")),
        };
        match refusal.class {
            Class::Unavailable => tracing::info!(message = message_id, %refusal, "a message comes again"),
            _ => tracing::warn!(message = message_id, %refusal, "a message comes again"),
        }
        Some(Failure { item_identifier: message_id })
    }

    async fn carried_out(&self, message: &Message, invocation: &Invocation) -> Handled {
        let left = (invocation.deadline - REPORT_WITHIN).duration_since(self.context.time.now());
        let left = Duration::try_from(left).unwrap_or_default();
        let work = self.function.handle(&self.context, message, invocation);
        match tokio::time::timeout(left, work).await {
            Ok(done) => done,
            Err(_) => Err(Refusal::broken("its time was over")),
        }
    }
}

#[cfg(test)]
mod tests;
