//! Many environments at once, on one machine: a push that 100 environments follow, and 500 pull requests that are opened and
//! closed. `cargo bench --profile local -p roadstead --bench many` prints what it took, and ends badly if anything is left.
//!
//! Pods are ready at once, and the limits of GitHub are lifted: what is measured is our own work.

#![expect(clippy::unwrap_used, reason = "a benchmark ends where it is surprised")]

mod memory;
mod outside;

use jiff::SignedDuration;
use memory::{peak_megabytes, resident_megabytes};
use outside::Outside;
use roadstead::stack::{self, Options, Stack};
use roadstead_domain::{
    environment::{Environment, Phase},
    name::EnvironmentId,
    step::{Stage, Step},
};
use std::time::{Duration, Instant};

/// How many standing environments follow `main`.
const STANDING: usize = 100;
/// How many pull requests are opened.
const PULL_REQUESTS: u64 = 500;
/// At how many environments, the standing ones among them, the memory is told.
const ENVIRONMENTS: usize = 500;
/// Within what time they are opened, and then closed.
const WITHIN: Duration = Duration::from_secs(60);
/// How long one part may take.
const LIMIT: Duration = Duration::from_secs(600);
/// How long until rows are read again.
const PAUSE: Duration = Duration::from_millis(100);

fn main() {
    stack::runtime().unwrap().block_on(measure());
}

async fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { data_dir: folder.path().to_owned(), kubeconfig: None, duplicate_one_in: 0 };
    let stack = Stack::start(options).await.unwrap();
    for cluster in stack.worlds.clusters.values() {
        cluster.change(|cluster| cluster.set_ready_after(SignedDuration::ZERO));
    }
    let outside = Outside::new(&stack);
    outside.lift_limits();
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!("resident at rest: {:.0} MB; target 100", resident_megabytes());
    let standing = standing(&outside).await;
    one_push(&outside, &standing).await;
    pull_requests(&outside).await;
    println!("resident at most: {:.0} MB", peak_megabytes());
    stack.stop().await.unwrap();
}

/// Begins the standing environments by a configuration that is pushed.
async fn standing(outside: &Outside<'_>) -> Vec<EnvironmentId> {
    let head = outside.head();
    outside.build(&head).await;
    let begun = Instant::now();
    outside.configure(STANDING).await;
    let mut ids: Vec<EnvironmentId> =
        (1..STANDING).map(|number| Outside::standing(number).parse().unwrap()).collect();
    until_all(outside.stack, &ids, |now| is_ready_at(now, &head)).await;
    println!("{} environments begun by a configuration: {:.1} s", ids.len(), begun.elapsed().as_secs_f64());
    let (requests, batches) = outside.dns();
    println!("  DNS: {requests} requests, {batches} batches of changes");
    assert!(batches < STANDING, "changes that wait in a zone are sent together");
    ids.push("shop/staging".parse().unwrap());
    until_all(outside.stack, &ids, |now| is_ready_at(now, &head)).await;
    ids
}

/// A push that all of them follow.
async fn one_push(outside: &Outside<'_>, ids: &[EnvironmentId]) {
    let commit = outside.commit();
    outside.build(&commit).await;
    let (before, begun) = (outside.dns(), Instant::now());
    let accepted = outside.push(&commit).await;
    println!(
        "a push that {STANDING} environments follow: accepted in {:.1} ms; target 50",
        milliseconds(accepted)
    );
    until_all(outside.stack, ids, |now| is_applied_at(now, &commit)).await;
    println!("  all applied: {:.1} s; target 10", begun.elapsed().as_secs_f64());
    until_all(outside.stack, ids, |now| is_ready_at(now, &commit)).await;
    println!("  all ready: {:.1} s", begun.elapsed().as_secs_f64());
    let now = outside.dns();
    println!("  DNS: {} requests, {} batches of changes", now.0 - before.0, now.1 - before.1);
}

/// Pull requests that are opened within a minute, and closed within the next.
async fn pull_requests(outside: &Outside<'_>) {
    let between = WITHIN / u32::try_from(PULL_REQUESTS).unwrap();
    let begun = Instant::now();
    let mut opened = vec![];
    for number in 0..PULL_REQUESTS {
        opened.push(outside.open(number).await);
        if opened.len() + STANDING == ENVIRONMENTS {
            println!(
                "  resident with {ENVIRONMENTS} environments: {:.0} MB; target 300",
                resident_megabytes()
            );
        }
        tokio::time::sleep_until((begun + between * u32::try_from(number + 1).unwrap()).into()).await;
    }
    println!("{PULL_REQUESTS} pull requests opened: {:.1} s", begun.elapsed().as_secs_f64());
    let ready = ready(outside.stack, &opened).await;
    let all = opened.len() + STANDING;
    println!(
        "  of these ready when the first is closed: {ready}; resident with {all} environments: {:.0} MB",
        resident_megabytes()
    );
    let closing = Instant::now();
    for (number, pull_request) in (1..).zip(&opened) {
        outside.close(*pull_request).await;
        tokio::time::sleep_until((closing + between * number).into()).await;
    }
    println!("  closed: {:.1} s", closing.elapsed().as_secs_f64());
    let last = Instant::now();
    let ids: Vec<EnvironmentId> = opened.iter().map(|number| preview(*number)).collect();
    until_all(outside.stack, &ids, |now| now.is_none_or(|now| now.phase == Phase::Gone && now.is_at_rest()))
        .await;
    println!("  all gone {:.1} s after the last was closed", last.elapsed().as_secs_f64());
    let left = outside.left_of_previews();
    assert!(left.is_empty(), "{} objects are left: {:?}", left.len(), left.first());
    assert!(outside.stack.dead_letters().is_empty());
}

fn preview(number: u64) -> EnvironmentId {
    format!("shop/pr-{number}").parse().unwrap()
}

async fn ready(stack: &Stack, numbers: &[u64]) -> usize {
    let mut ready = 0;
    for number in numbers {
        let now = stack.environment(&preview(*number)).await.unwrap();
        ready += usize::from(now.is_some_and(|now| now.phase == Phase::Ready));
    }
    ready
}

/// Whether everything of the commit is in the cluster.
fn is_applied_at(now: Option<&Environment>, commit: &str) -> bool {
    let is_past = |stage: Stage| stage.step > Step::ApplyToEks;
    is_ready_at(now, commit) || now.is_some_and(|now| is_at(now, commit) && now.stage.is_some_and(is_past))
}

fn is_ready_at(now: Option<&Environment>, commit: &str) -> bool {
    now.is_some_and(|now| is_at(now, commit) && now.phase == Phase::Ready)
}

fn is_at(now: &Environment, commit: &str) -> bool {
    now.commit.as_ref().is_some_and(|found| found.as_str() == commit)
}

/// Waits until every environment is as it should be.
async fn until_all(stack: &Stack, ids: &[EnvironmentId], there: impl Fn(Option<&Environment>) -> bool) {
    let all = async {
        for id in ids {
            while !there(stack.environment(id).await.unwrap().as_ref()) {
                tokio::time::sleep(PAUSE).await;
            }
        }
    };
    tokio::time::timeout(LIMIT, all).await.unwrap();
}

fn milliseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
