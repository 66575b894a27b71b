//! The laws of steps, tested once for all of them, on the real code over the worlds.
//!
//! One journey (a preview is made, changed and taken down) is run first without any fault, and its calls are counted. Then it
//! is run again for every call and every way in which that call may go wrong. Whatever happens, the journey ends the same.

mod abandoned;
mod adoption;
mod two_clusters;

use crate::simulation::{
    A_WHILE, in_virtual_time, setting,
    wire::{Kind, Rates},
    world::World,
};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

const LONG: Duration = Duration::from_secs(3 * 3_600);

/// Where in the journey the fault is to be.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Making,
    Changing,
    Removing,
}

/// Arms the fault for a part: call number `at` from now on goes wrong.
fn arm(world: &World, fault: Option<(u64, Kind)>) {
    world.faults.calls.store(0, Ordering::SeqCst);
    *world.faults.fail_at.lock().unwrap() = fault;
}

/// Runs the journey with one fault in one part; answers how many calls that part made.
async fn journey(part: Part, fault: Option<(u64, Kind)>) -> Result<u64, String> {
    let world = World::begin(7, Rates::default()).await;
    world.faults.stop();
    world.queue.ends.store(fault.is_none_or(|(_, kind)| kind != Kind::Paused), Ordering::SeqCst);
    world.push("main", "a beginning");
    let staging = world.build_main();
    world.pass(A_WHILE).await;
    world.runs("shop/staging", &staging[0], &staging[1])?;
    let mut calls = 0;
    let begin = |now: Part| {
        arm(&world, fault.filter(|_| now == part));
        now == part
    };
    let making = begin(Part::Making);
    let number = world.open();
    let web = world.build_head(number, "web");
    settle(&world, making, &mut calls).await;
    let preview = format!("shop/pr-{number}");
    world.runs(&preview, &web, &staging[1])?;

    let changing = begin(Part::Changing);
    world.push("feature", "another change");
    let web = world.build_head(number, "web");
    settle(&world, changing, &mut calls).await;
    world.runs(&preview, &web, &staging[1])?;

    let removing = begin(Part::Removing);
    world.close(number);
    settle(&world, removing, &mut calls).await;
    world.gone(&preview)?;
    world.at_rest()?;
    Ok(calls)
}

async fn settle(world: &Arc<World>, counted: bool, calls: &mut u64) {
    world.pass(if counted { LONG } else { A_WHILE }).await;
    if counted {
        *calls = world.faults.calls.load(Ordering::SeqCst);
    }
    arm(world, None);
}

/// Tries a law without any fault, which counts its calls, and then at every call of so many, at each of them with
/// `ROADSTEAD_LAWS=1`. The law is given the fault and answers how many calls there were.
fn at_every_call<Run>(name: &str, every: usize, law: impl Fn(Option<(u64, Kind)>) -> Run)
where
    Run: Future<Output = Result<u64, String>>,
{
    let calls = in_virtual_time(law(None)).unwrap();
    println!("{name}: {calls} calls");
    let mut failed = vec![];
    let every = if setting("ROADSTEAD_LAWS").is_some() { 1 } else { every };
    for at in (1..=calls).step_by(every) {
        for kind in some_of(KINDS, at) {
            if let Err(error) = in_virtual_time(law(Some((at, kind)))) {
                failed.push(format!("{name}, call {at}, {kind:?}: {error}"));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

/// One way for each call, in turn; with `ROADSTEAD_LAWS=1` every way for every call.
fn some_of(kinds: &[Kind], at: u64) -> Vec<Kind> {
    match setting("ROADSTEAD_LAWS") {
        Some(_) => kinds.to_vec(),
        None => vec![kinds[usize::try_from(at).unwrap() % kinds.len()]],
    }
}

const KINDS: &[Kind] =
    &[Kind::Lost, Kind::Late, Kind::Crashed, Kind::CrashedAfter, Kind::Throttled, Kind::Paused];

#[test]
fn a_preview_is_made_whatever_call_goes_wrong() {
    at_every_call("Making", 1, |fault| journey(Part::Making, fault));
}

#[test]
fn a_preview_is_changed_whatever_call_goes_wrong() {
    at_every_call("Changing", 1, |fault| journey(Part::Changing, fault));
}

#[test]
fn a_preview_is_removed_whatever_call_goes_wrong() {
    at_every_call("Removing", 1, |fault| journey(Part::Removing, fault));
}
