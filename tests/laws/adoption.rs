//! What a team runs is taken over and given back, whatever call goes wrong: nobody's object is ever deleted, nothing is changed
//! before a person agreed, and what is given back goes on as it runs.

use super::{LONG, arm, at_every_call};
use crate::simulation::{
    A_WHILE,
    commands::ADA,
    team::{LIVE, agree, by_hand, gone, let_adopt, named},
    wire::{Kind, Rates},
    world::World,
};
use roadstead_domain::plan::mark;
use serde_json::{Value, json};
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
    let theirs = said(&world);
    let mut calls = 0;
    let begin = |now: Part| arm(&world, fault.filter(|_| now == part));

    begin(Part::Showing);
    world.push("main", "a beginning");
    let [web, worker] = world.build_main();
    settle(&world, part == Part::Showing, &mut calls).await;
    same(&theirs, &said(&world))?;

    begin(Part::Taking);
    agree(&world).await?;
    settle(&world, part == Part::Taking, &mut calls).await;
    world.runs("shop/staging", &web, &worker)?;
    let taken = said(&world);
    same(&uids(&theirs), &uids(&taken))?;

    begin(Part::Releasing);
    world.typed(ADA, "/env", "destroy shop/staging").await;
    settle(&world, part == Part::Releasing, &mut calls).await;
    gone(&world)?;
    same(&taken, &said(&world))?;
    unmanaged(&world)?;
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

/// What the team made: kind, namespace and name.
const THEIRS: [(&str, &str, &str); 4] = [
    ("Namespace", "", LIVE),
    ("Deployment", LIVE, "web"),
    ("Service", LIVE, "web"),
    ("ConfigMap", LIVE, "other"),
];

/// What the team made, and what it says but for our marks and what controllers write.
fn said(world: &World) -> Vec<Value> {
    let said = |(kind, namespace, name)| {
        let Some(mut object) = world.object(kind, namespace, name) else {
            return json!({ "kind": kind, "name": name, "is": "gone" });
        };
        mark::wipe(&mut object);
        let metadata = &object["metadata"];
        let written = |field: &str| {
            let mut held = metadata[field].as_object().cloned().unwrap_or_default();
            held.retain(|name, _| !name.starts_with("deployment.kubernetes.io/"));
            held
        };
        let (labels, annotations) = (written("labels"), written("annotations"));
        json!({
            "kind": kind, "uid": metadata["uid"], "labels": labels, "annotations": annotations,
            "spec": object["spec"], "data": object["data"],
        })
    };
    THEIRS.into_iter().map(said).collect()
}

/// Nobody who applies what the team made meets a conflict with us.
fn unmanaged(world: &World) -> Result<(), String> {
    let managed = THEIRS.map(|(kind, namespace, name)| world.object(kind, namespace, name));
    let fields = managed.iter().flatten().map(|object| &object["metadata"]["managedFields"]);
    let ours = fields
        .flat_map(|entries| entries.as_array().unwrap())
        .find(|entry| entry["manager"] == mark::MANAGER);
    ours.map_or(Ok(()), |entry| Err(format!("we manage {entry}")))
}

/// Which objects they are.
fn uids(said: &[Value]) -> Vec<Value> {
    said.iter().map(|object| json!([object["kind"], object["uid"]])).collect()
}

fn same(before: &[Value], now: &[Value]) -> Result<(), String> {
    let changed = before.iter().zip(now).find(|(before, now)| before != now);
    changed.map_or(Ok(()), |(before, now)| Err(format!("of {before} there is {now}")))
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
