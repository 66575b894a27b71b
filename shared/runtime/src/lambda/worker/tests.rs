//! Batches, and what comes again.

use super::*;
use crate::{door::note::tests::Outside, time::SystemTime};

use std::sync::{Arc, Mutex};

/// Takes every trigger but those called `bad`, and never finishes those called `slow`.
#[derive(Default)]
struct Picky {
    tokens: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl Function for Picky {
    async fn handle(&self, _: &Context, message: &Message, invocation: &Invocation) -> Handled {
        self.tokens.lock().unwrap().push(invocation.token.clone());
        match message {
            Message::Trigger { key } if key == "bad" => Err(Refusal::unavailable("not now")),
            Message::Trigger { key } if key == "slow" => std::future::pending().await,
            _ => Ok(()),
        }
    }
}

fn record(id: &str, body: &str) -> Record {
    Record { message_id: id.to_owned(), body: body.to_owned() }
}

fn trigger(key: &str) -> String {
    serde_json::to_string(&Message::Trigger { key: key.to_owned() }).unwrap()
}

async fn failures(worker: &Worker<Picky>, records: Vec<Record>, left: SignedDuration) -> Vec<String> {
    let invocation = Invocation { token: "r".to_owned(), deadline: Timestamp::now() + left };
    let report = worker.work(Batch { records }, invocation).await;
    report.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

fn worker() -> Worker<Picky> {
    let outside = Arc::new(Outside::default());
    let context = Context::new(outside.clone(), outside, Arc::new(SystemTime));
    Worker { context, function: Picky::default() }
}

#[tokio::test]
async fn only_what_failed_comes_again() {
    let worker = worker();
    let records = vec![record("1", &trigger("good")), record("2", &trigger("bad")), record("3", "{")];
    assert_eq!(failures(&worker, records, SignedDuration::from_secs(30)).await, ["2", "3"]);
}

#[tokio::test(start_paused = true)]
async fn one_message_that_hangs_does_not_hide_that_others_are_done() {
    let worker = worker();
    let records = vec![record("1", &trigger("slow")), record("2", &trigger("good"))];
    assert_eq!(failures(&worker, records, SignedDuration::from_secs(30)).await, ["1"]);
}

#[tokio::test]
async fn every_message_has_a_token_of_its_own() {
    let worker = worker();
    let records = vec![record("1", &trigger("a")), record("2", &trigger("a"))];
    failures(&worker, records, SignedDuration::from_secs(30)).await;
    assert_eq!(*worker.function.tokens.lock().unwrap(), ["r/1", "r/2"]);
}

#[test]
fn a_batch_is_read_and_a_report_written_as_lambda_does() {
    let batch: Batch = serde_json::from_str(include_str!("../../../../../events/sqs/batch.json")).unwrap();
    let messages: Vec<Message> =
        batch.records.iter().map(|record| serde_json::from_str(&record.body).unwrap()).collect();
    assert_eq!((batch.records.len(), messages.len()), (2, 2));
    let failure = Failure { item_identifier: batch.records[0].message_id.clone() };
    let report = Report { batch_item_failures: vec![failure] };
    let written = serde_json::to_string(&report).unwrap();
    assert_eq!(
        written,
        r#"{"batchItemFailures":[{"itemIdentifier":"059f36b4-87a3-44ab-83d2-661975830a7d"}]}"#
    );
    assert_eq!(serde_json::to_string(&Report::default()).unwrap(), r#"{"batchItemFailures":[]}"#);
}
