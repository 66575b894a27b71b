//! A door's own work on a recorded webhook, on one core: the HMAC alone, and everything up to the trigger.
//!
//! `cargo bench -p roadstead-senders`, and `benches/peer.mjs` beside it for what Node does with the same bytes.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use jiff::Timestamp;
use roadstead_senders::{
    Received, Secret,
    github::{self, Binding, Hook},
};
use sha2::Sha256;
use std::{hint::black_box, time::Instant};

const BODY: &[u8] = include_bytes!("../../../events/github/pull_request.opened.json");
const SECRET: &str = "a secret of this benchmark";
const ROUNDS: usize = 50;
const CALLS_PER_ROUND: u32 = 400;

/// The median over all rounds, in microseconds for each call.
fn measure(mut call: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..CALLS_PER_ROUND).for_each(|_| call());
            start.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS_PER_ROUND)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn tag() -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()) else { return Vec::new() };
    mac.update(BODY);
    mac.finalize().into_bytes().to_vec()
}

fn headers() -> HeaderMap {
    let request = http::Request::post("/github/shop")
        .header("content-type", "application/json")
        .header(github::EVENT, "pull_request")
        .header(github::DELIVERY, "72d3162e-cc78-11e3-81ab-4c9367dc0958")
        .header(github::SIGNATURE, format!("sha256={}", hex::encode(tag())))
        .body(());
    request.map(|request| request.headers().clone()).unwrap_or_default()
}

fn main() {
    let Ok(secret) = Secret::new(SECRET) else { return };
    let hook = Hook {
        secret,
        bound_to: Binding::Repositories([1_296_269].into()),
        own_account: None,
        own_app: None,
    };
    let (headers, tag) = (headers(), tag());
    let receive = || github::receive(&hook, &headers, black_box(BODY), Timestamp::UNIX_EPOCH);
    assert!(matches!(receive(), Ok(Received::Trigger(_))), "the delivery is taken");

    let alone = measure(|| assert!(black_box(hook.secret.signed(black_box(BODY), &tag))));
    let whole = measure(|| drop(black_box(receive())));
    println!("payload              {:8} bytes", BODY.len());
    println!("HMAC-SHA256 alone    {alone:8.1} µs");
    println!("verify to trigger    {whole:8.1} µs  ({:.2} times the HMAC)", whole / alone);
}
