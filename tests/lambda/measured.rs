//! What each function costs: from process start to its first answer, memory, and zipped size.
//!
//! The first answer includes a real call of DynamoDB's protocol over plain HTTP on this machine; a TLS handshake and the way
//! to AWS are not in it.

use super::{
    FUNCTIONS,
    doors::{OPENED, delivery, request, typed},
    process::Process,
    released,
    surroundings::{SECRET, Surroundings},
    workers::{batch, stage},
};
use flate2::{Compression, write::DeflateEncoder};
use serde_json::{Value, json};
use std::{io::Write as _, path::Path, time::Duration};

/// How often each function is started.
const STARTS: usize = 15;
/// The longest time from process start to the first answer. It is told and fails nothing: other tests run beside this one.
const FIRST_ANSWER: Duration = Duration::from_millis(10);
/// The most resident memory, in bytes.
const MEMORY: usize = 16_000_000;

struct Measured {
    best: Duration,
    median: Duration,
    memory: usize,
    zipped: usize,
}

#[tokio::test]
#[ignore = "measures a release build, which takes minutes: `.ci/run` makes one and asks for this"]
async fn every_function_keeps_its_budget() {
    let functions = released().expect("ROADSTEAD_FUNCTIONS names the folder of a release build");
    let around = Surroundings::start().await;
    let mut over = vec![];
    // Written past the test runner, which keeps to itself what a test that passes prints.
    let mut table = std::io::stderr();
    writeln!(table, "{:<24}{:>10}{:>10}{:>10}{:>10}", "function", "best ms", "median ms", "MB", "zip MB")
        .unwrap();
    for (name, size) in FUNCTIONS {
        let measured = measure(&functions.join(name), name, &around).await;
        let Measured { best, median, memory, zipped } = measured;
        let (best_ms, median_ms) = (best.as_secs_f64() * 1e3, median.as_secs_f64() * 1e3);
        let (memory_mb, zipped_mb) = (megabytes(memory), megabytes(zipped));
        writeln!(table, "{name:<24}{best_ms:>10.1}{median_ms:>10.1}{memory_mb:>10.1}{zipped_mb:>10.2}")
            .unwrap();
        if best > FIRST_ANSWER {
            writeln!(table, "  {name} took longer than {FIRST_ANSWER:?}, if nothing else was running")
                .unwrap();
        }
        if memory > MEMORY || zipped > size {
            over.push(name);
        }
    }
    assert!(over.is_empty(), "over the budget: {over:?}");
}

async fn measure(binary: &Path, name: &str, around: &Surroundings) -> Measured {
    let (mut times, mut memory) = (vec![], 0);
    for turn in 0..STARTS {
        let (process, answer, took) = Process::first(binary, around, event(name, turn)).await;
        assert!(is_success(&answer), "{name}: {answer}");
        times.push(took);
        memory = memory.max(process.memory());
    }
    times.sort_unstable();
    Measured { best: times[0], median: times[STARTS / 2], memory, zipped: zipped(binary) }
}

/// Whether an answer is what the function says when all went well.
fn is_success(answer: &Value) -> bool {
    match answer {
        Value::Null => true,
        answer => {
            answer["statusCode"].as_u64().is_some_and(|status| status < 300)
                || answer["batchItemFailures"] == json!([])
        }
    }
}

/// An event that the function answers after it has asked the table.
fn event(name: &str, turn: usize) -> Value {
    let bearer = format!("Bearer {SECRET}");
    match name {
        "git-webhook" => delivery(&format!("72d3162e-cc78-11e3-81ab-{turn:012}"), OPENED, false),
        "chat-command" => typed(&format!("create shop try-{turn}"), true),
        "http-api" => {
            let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
            request("POST", "/images", &headers, include_str!("../../events/images/built.json"), false)
        }
        "registry-push" => {
            serde_json::from_str(include_str!("../../events/ecr/image_action.push.json")).unwrap()
        }
        "clock" => json!({"source": "aws.scheduler"}),
        "accept-trigger" => batch(&[json!({"kind": "trigger", "key": "github#app#1"})]),
        "announce" => {
            let announcement = json!({"kind": "deployments", "environment": "shop/pr-1"});
            batch(&[json!({"kind": "announcement", "announcement": announcement})])
        }
        step => batch(&[stage(step)]),
    }
}

/// The size of the binary as deflate leaves it, which is what a zip file holds.
fn zipped(binary: &Path) -> usize {
    let mut encoder = DeflateEncoder::new(vec![], Compression::default());
    encoder.write_all(&std::fs::read(binary).unwrap()).unwrap();
    encoder.finish().unwrap().len()
}

fn megabytes(bytes: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure for a table")]
    let megabytes = bytes as f64 / 1e6;
    megabytes
}
