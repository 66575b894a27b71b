//! Functions that are sent messages, invoked as an event source mapping invokes them.

use super::{functions, process::Process, surroundings::Surroundings};
use serde_json::{Value, json};

/// A batch of messages, whose ids count from 1.
pub fn batch(messages: &[Value]) -> Value {
    let record = |(index, message): (usize, &Value)| json!({"messageId": (index + 1).to_string(), "body": message.to_string(), "eventSource": "aws:sqs"});
    json!({"Records": messages.iter().enumerate().map(record).collect::<Vec<_>>()})
}

/// A message for a step of an environment that does not exist.
pub fn stage(step: &str) -> Value {
    let stage = json!({"step": step, "direction": "forward"});
    json!({"kind": "stage", "environment": "shop/pr-1", "generation": 1, "stage": stage})
}

#[tokio::test]
async fn a_message_that_came_to_the_wrong_function_comes_again_and_others_do_not() {
    let functions = functions();
    let around = Surroundings::start().await;
    let both = batch(&[stage("create-dns"), stage("apply-to-eks"), json!({"kind": "unheard-of"})]);
    let (_process, answer, _) = Process::first(&functions.join("apply-to-eks"), &around, both).await;
    let failures = json!([{"itemIdentifier": "1"}, {"itemIdentifier": "3"}]);
    assert_eq!(answer["batchItemFailures"], failures);
}

#[tokio::test]
async fn the_clock_ticks_over_an_empty_table() {
    let functions = functions();
    let around = Surroundings::start().await;
    let (_process, answer, _) =
        Process::first(&functions.join("clock"), &around, json!({"source": "aws.scheduler"})).await;
    assert_eq!(answer, Value::Null);
}
