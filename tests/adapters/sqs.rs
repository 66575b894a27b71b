//! Queues through the SDK.

use super::aws::answered_by;
use jiff::SignedDuration;
use roadstead_aws::queue::Sqs;
use roadstead_domain::message::{Destination, Message};
use roadstead_steps::nouns::{CallError, Queue};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const URL: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/accept-trigger";

/// Sends a message to a queue that answers so, and returns what was asked.
async fn send(status: u16, answer: Value) -> (Result<(), CallError>, Vec<Value>) {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = requests.clone();
    let aws = answered_by(move |request| {
        assert_eq!(request.headers()["x-amz-target"], "AmazonSQS.SendMessage");
        seen.lock().unwrap().push(serde_json::from_slice::<Value>(request.body()).unwrap());
        http::Response::builder().status(status).body(answer.to_string().into_bytes()).unwrap()
    });
    let queues = Sqs::new(aws, BTreeMap::from([(Destination::AcceptTrigger, URL.to_owned())]));
    let sent = queues.send(&message(), SignedDuration::from_millis(6_500)).await;
    let requests = requests.lock().unwrap().clone();
    (sent, requests)
}

fn message() -> Message {
    Message::Trigger { key: "github#72d3162e".into() }
}

#[tokio::test]
async fn a_message_is_sent_once_to_the_queue_of_its_destination() {
    let (sent, requests) = send(200, json!({"MessageId": "1"})).await;
    assert_eq!(sent, Ok(()));
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((&request["QueueUrl"], &request["DelaySeconds"]), (&json!(URL), &json!(7)));
    let body = request["MessageBody"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Message>(body).unwrap(), message());
}

#[tokio::test]
async fn a_failure_is_not_retried() {
    let (sent, requests) = send(500, json!({"__type": "com.amazonaws.sqs#InternalFailure"})).await;
    assert!(sent.is_err_and(|error| error.maybe_done()));
    assert_eq!(requests.len(), 1);
}
