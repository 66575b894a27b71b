//! The simulation: the real code and the real clients, over wires to the worlds, in virtual time, with one seed.
//!
//! Every request is a point at which the process may end, the answer may be lost, or the call may be carried out after the
//! caller gave it up. Messages are lost and doubled, webhooks too. When the faults stop, the world must come to agree with
//! what the sources say. A seed that fails is printed; `ROADSTEAD_SIMULATE_SEED=n` runs it alone,
//! `ROADSTEAD_SIMULATE_SEEDS=n` runs so many.

pub mod admin;
pub mod chance;
pub mod clients;
pub mod commands;
mod oracle;
mod people;
pub mod queue;
pub mod team;
pub mod time;
pub mod wire;
mod wires;
pub mod world;
mod worlds;

use chance::Chance;
use std::{sync::Arc, time::Duration};
use wire::Rates;
use world::World;

/// How many seeds a run of the tests takes.
const SEEDS: u64 = 80;
/// Longer than anything takes that goes well.
pub const A_WHILE: Duration = Duration::from_secs(300);

pub fn setting(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "a setting of the tests themselves")]
    std::env::var(name).ok()?.parse().ok()
}

/// Runs one story in a runtime of its own, whose clock is virtual.
pub fn in_virtual_time<T>(story: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(story)
}

/// A world in which nothing goes wrong, with a platform file made from the sample's.
pub async fn calm(change: impl FnOnce(String) -> String) -> Arc<World> {
    let world = World::begin_with(7, Rates::default(), change).await;
    world.faults.stop();
    world
}

fn rates(chance: &Chance) -> Rates {
    let up_to = |limit: u64| if chance.in_thousand(300) { 0 } else { chance.below(limit) };
    Rates {
        refused: up_to(25),
        lost: up_to(25),
        late: up_to(15),
        throttled: up_to(25),
        crashed: up_to(12),
        crashed_after: up_to(12),
        slow: up_to(20),
    }
}

/// What the pull request's story should have come to.
struct Expected {
    number: u64,
    open: bool,
    web: String,
    worker: String,
}

#[test]
fn whatever_goes_wrong_the_world_agrees_with_its_sources_in_the_end() {
    let seeds: Vec<u64> = match setting("ROADSTEAD_SIMULATE_SEED") {
        Some(seed) => vec![seed],
        None => (0..setting("ROADSTEAD_SIMULATE_SEEDS").unwrap_or(SEEDS)).collect(),
    };
    let failed: Vec<(u64, String)> = seeds
        .iter()
        .filter_map(|seed| in_virtual_time(story(*seed)).err().map(|error| (*seed, error)))
        .collect();
    println!("simulation: {} seeds, {} failed", seeds.len(), failed.len());
    assert!(failed.is_empty(), "{failed:#?}");
}

async fn story(seed: u64) -> Result<(), String> {
    let world = World::begin(seed, rates(&Chance::new(seed ^ 0xA5A5))).await;
    let staging = begin_staging(&world).await;
    let expected = pull_request(&world, &staging).await;
    world.faults.stop();
    world.pass(Duration::from_secs(3 * 3_600)).await;
    let result = judge(&world, &staging, &expected);
    if result.is_err() && setting("ROADSTEAD_SIMULATE_SEED").is_some() {
        for (at, line) in world.queue.log.lock().unwrap().iter() {
            println!("{at} {line}");
        }
        println!("{:#?}", world.environment(&format!("shop/pr-{}", expected.number)));
        println!("{:#?}", world.comments(expected.number));
    }
    result
}

async fn some_time(world: &World, up_to: u64) {
    world.pass(Duration::from_millis(world.chance.below(up_to * 1_000))).await;
}

async fn begin_staging(world: &Arc<World>) -> [String; 2] {
    world.push("main", "a beginning");
    some_time(world, 30).await;
    let built = world.build_main();
    some_time(world, 900).await;
    built
}

async fn pull_request(world: &Arc<World>, staging: &[String; 2]) -> Expected {
    let number = world.open();
    let mut expected = Expected { number, open: true, web: staging[0].clone(), worker: staging[1].clone() };
    build(world, &mut expected, staging).await;
    for round in 0..world.chance.below(3) {
        some_time(world, 60).await;
        world.push("feature", &format!("round {round}"));
        build(world, &mut expected, staging).await;
    }
    some_time(world, 120).await;
    if world.chance.in_thousand(800) {
        world.close(number);
        expected.open = false;
        some_time(world, 120).await;
    }
    if !expected.open && world.chance.in_thousand(300) {
        world.reopen(number);
        expected.open = true;
        some_time(world, 60).await;
    }
    if expected.open && world.chance.in_thousand(300) {
        world.close(number);
        expected.open = false;
    }
    expected
}

/// The pipeline builds `web` always, and `worker` now and then.
async fn build(world: &Arc<World>, expected: &mut Expected, staging: &[String; 2]) {
    some_time(world, 20).await;
    expected.web = world.build_head(expected.number, "web");
    expected.worker = if world.chance.in_thousand(300) {
        world.build_head(expected.number, "worker")
    } else {
        staging[1].clone()
    };
}

fn judge(world: &World, staging: &[String; 2], expected: &Expected) -> Result<(), String> {
    let preview = format!("shop/pr-{}", expected.number);
    world.at_rest()?;
    world.runs("shop/staging", &staging[0], &staging[1])?;
    let comments = world.comments(expected.number);
    if comments.len() > 1 {
        return Err(format!("there are {} comments", comments.len()));
    }
    if expected.open {
        world.runs(&preview, &expected.web, &expected.worker)?;
        let told = comments.first().is_some_and(|text| text.contains(": ready"));
        told.then_some(()).ok_or_else(|| format!("the comment says {comments:?}"))
    } else {
        world.gone(&preview)?;
        let told = comments.first().is_none_or(|text| text.contains("gone; nothing is left"));
        told.then_some(()).ok_or_else(|| format!("the comment says {comments:?}"))
    }
}
