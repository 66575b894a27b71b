//! What a team runs is taken over and given back, whatever call goes wrong: nobody's object is ever deleted.

use super::{LONG, arm, at_every_call};
use crate::simulation::{
    A_WHILE,
    commands::ADA,
    team::{LIVE, agree, by_hand, gone, let_adopt, named},
    wire::{Kind, Rates},
    world::World,
};
use std::sync::{Arc, atomic::Ordering};

/// The law is tried at every call of so many.
const EVERY: usize = 5;

/// Where the fault is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    /// The first look at what the team runs, which shows the difference.
    Showing,
    /// The take-over, once a person agreed.
    Taking,
    /// The teardown.
    Releasing,
}

/// Staging is wanted where a team runs it already, taken over and given back; answers how many calls the part made.
async fn adopted(part: Part, fault: Option<(u64, Kind)>) -> Result<u64, String> {
    let world = World::begin_with(17, Rates::default(), named).await;
    world.faults.stop();
    world.queue.ends.store(fault.is_none_or(|(_, kind)| kind != Kind::Paused), Ordering::SeqCst);
    by_hand(&world);
    let_adopt(&world);
    let theirs = uids(&world);
    let mut calls = 0;
    let begin = |now: Part| arm(&world, fault.filter(|_| now == part));

    begin(Part::Showing);
    world.push("main", "a beginning");
    let [web, worker] = world.build_main();
    settle(&world, part == Part::Showing, &mut calls).await;

    begin(Part::Taking);
    agree(&world).await;
    settle(&world, part == Part::Taking, &mut calls).await;
    world.runs("shop/staging", &web, &worker)?;
    check(&theirs, &uids(&world))?;

    begin(Part::Releasing);
    world.typed(ADA, "/env", "destroy shop/staging").await;
    settle(&world, part == Part::Releasing, &mut calls).await;
    gone(&world);
    check(&theirs, &uids(&world))?;
    world.at_rest()?;
    Ok(calls)
}

async fn settle(world: &Arc<World>, counted: bool, calls: &mut u64) {
    world.pass(A_WHILE).await;
    if counted {
        *calls = world.faults.calls.load(Ordering::SeqCst);
        world.pass(LONG).await;
    }
    arm(world, None);
}

/// What the team made is told by its uids.
fn uids(world: &World) -> Vec<String> {
    let theirs = [
        ("Namespace", "", LIVE),
        ("Deployment", LIVE, "web"),
        ("Service", LIVE, "web"),
        ("ConfigMap", LIVE, "other"),
    ];
    let uid = |(kind, namespace, name)| {
        let object = world.object(kind, namespace, name);
        object.map_or_else(|| format!("no {kind} {name}"), |object| object["metadata"]["uid"].to_string())
    };
    theirs.into_iter().map(uid).collect()
}

fn check(before: &[String], now: &[String]) -> Result<(), String> {
    if before == now { Ok(()) } else { Err(format!("of {before:?} there are {now:?}")) }
}

fn whatever_goes_wrong_in(part: Part) {
    at_every_call(&format!("adoption, {part:?}"), EVERY, |fault| adopted(part, fault));
}

#[test]
fn the_difference_is_shown_whatever_goes_wrong() {
    whatever_goes_wrong_in(Part::Showing);
}

#[test]
fn it_is_taken_over_whatever_goes_wrong() {
    whatever_goes_wrong_in(Part::Taking);
}

#[test]
fn it_is_given_back_whatever_goes_wrong() {
    whatever_goes_wrong_in(Part::Releasing);
}
