//! An environment in two clusters is made and changed, whatever call goes wrong: it ends in both as the branch says.

use super::{LONG, arm, at_every_call};
use crate::simulation::{
    A_WHILE,
    wire::{Kind, Rates},
    world::World,
};
use std::sync::atomic::Ordering;

/// The law is tried at every call of so many.
const EVERY: usize = 5;

/// Two pushes to the branch of staging, with a fault in the first or in the second; answers how many calls that one made.
async fn rolled_out(push: usize, fault: Option<(u64, Kind)>) -> Result<u64, String> {
    let world = World::begin(13, Rates::default()).await;
    world.faults.stop();
    world.queue.ends.store(fault.is_none_or(|(_, kind)| kind != Kind::Paused), Ordering::SeqCst);
    let mut calls = 0;
    for number in 0..2 {
        arm(&world, fault.filter(|_| number == push));
        world.push("main", &format!("push {number}"));
        let [web, worker] = world.build_main();
        world.pass(A_WHILE).await;
        if number == push {
            calls = world.faults.calls.load(Ordering::SeqCst);
            world.pass(LONG).await;
        }
        arm(&world, None);
        world.runs("shop/staging", &web, &worker)?;
        for cluster in ["main", "second"] {
            if world.objects_in(cluster, "shop/staging").is_empty() {
                return Err(format!("nothing runs in {cluster}"));
            }
        }
        let records = world.marked_records("shop/staging").len();
        if records != 2 {
            return Err(format!("there are {records} records"));
        }
    }
    world.at_rest()?;
    Ok(calls)
}

fn whatever_goes_wrong_in(push: usize) {
    at_every_call(&format!("two clusters, push {push}"), EVERY, |fault| rolled_out(push, fault));
}

#[test]
fn both_are_made_whatever_call_goes_wrong() {
    whatever_goes_wrong_in(0);
}

#[test]
fn both_are_changed_whatever_call_goes_wrong() {
    whatever_goes_wrong_in(1);
}
