//! Closed while it is made: at every call of the making, and whatever becomes of that very call, nothing is left.

use super::{LONG, arm};
use crate::simulation::{
    A_WHILE, in_virtual_time, setting,
    wire::{Kind, Rates},
    world::World,
};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// How many calls the making has, at least.
const CALLS: usize = 70;
/// The law is tried at every call of so many; with `ROADSTEAD_LAWS=1` at each of them.
const EVERY: usize = 4;

const KINDS: [Kind; 6] =
    [Kind::Fine, Kind::Lost, Kind::Late, Kind::Crashed, Kind::CrashedAfter, Kind::Paused];

/// Opens a pull request, and closes it when call number `at` is made.
async fn abandoned(at: u64, kind: Kind) -> Result<bool, String> {
    let world = World::begin(11, Rates::default()).await;
    world.faults.stop();
    world.queue.ends.store(kind != Kind::Paused, Ordering::SeqCst);
    world.push("main", "a beginning");
    let staging = world.build_main();
    world.pass(A_WHILE).await;
    world.runs("shop/staging", &staging[0], &staging[1])?;
    arm(&world, Some((at, kind)));
    let number = world.open();
    world.build_head(number, "web");
    let reached = close_at(&world, number, at).await;
    world.pass(LONG).await;
    world.gone(&format!("shop/pr-{number}"))?;
    world.at_rest()?;
    Ok(reached)
}

/// Closes the pull request once so many calls were made; answers whether they were made before it was ready for long.
async fn close_at(world: &Arc<World>, number: u64, at: u64) -> bool {
    for _ in 0..A_WHILE.as_millis() {
        if world.faults.calls.load(Ordering::SeqCst) >= at {
            world.close(number);
            return true;
        }
        world.pass(Duration::from_millis(1)).await;
    }
    world.close(number);
    false
}

#[test]
fn a_preview_that_is_closed_while_it_is_made_leaves_nothing() {
    let mut failed = vec![];
    let every = if setting("ROADSTEAD_LAWS").is_some() { 1 } else { EVERY };
    let (mut reached, mut tried) = (0, 0);
    for at in (1..=CALLS).step_by(every) {
        tried += 1;
        let kind = KINDS[at % KINDS.len()];
        match in_virtual_time(abandoned(at as u64, kind)) {
            Ok(this) => reached += u32::from(this),
            Err(error) => failed.push(format!("closed at call {at}, {kind:?}: {error}")),
        }
    }
    println!("closed while being made: at {reached} calls");
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(reached, tried, "the making has fewer calls than it is closed at");
}
