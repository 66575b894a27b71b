//! How many calls of the table a journey costs: for each trigger, step and announcement, and the same however many
//! environments there are.

use super::*;
use roadstead_domain::message::Message;
use roadstead_steps::nouns::{
    State as _, Time as _,
    state::{Condition, Write},
};
use std::collections::BTreeMap;

/// The most calls of one invocation, by what it carries out: what holds today.
const BOUNDS: &[(&str, usize)] = &[
    ("accept-trigger", 12),
    ("resolve-config", 7),
    ("provision-environment", 3),
    ("apply-to-eks", 5),
    ("create-dns", 6),
    ("verify-rollout", 5),
    ("undo resolve-config", 2),
    ("undo provision-environment", 2),
    ("undo apply-to-eks", 2),
    ("undo create-dns", 2),
    ("undo verify-rollout", 2),
    ("announce comment", 6),
    ("announce deployments", 7),
    ("zone", 6),
];

/// A look at the repository in the very second of a close raises the environment once more.
const BETWEEN_TICKS: Duration = Duration::from_secs(20);

/// What a message carries out; nothing for looks at a repository, which belong to no trigger.
fn name(message: &Message) -> Option<String> {
    match message {
        Message::Trigger { .. } => Some("accept-trigger".to_owned()),
        Message::Stage { stage, .. } => Some(stage.to_string()),
        Message::Announcement { announcement } => {
            if announcement.to_string().starts_with("comment") {
                Some("announce comment".to_owned())
            } else {
                Some("announce deployments".to_owned())
            }
        }
        Message::Zone { .. } => Some("zone".to_owned()),
        Message::Repository { .. } | Message::Deliveries { .. } => None,
    }
}

/// Rows of previews of other pull requests, at rest.
async fn many_more(world: &World, count: u64) {
    let model = world.environment("shop/pr-1").unwrap();
    let row = |number: u64| {
        let mut environment = model.clone();
        environment.id = format!("shop/pr-{number}").parse().unwrap();
        let key = rows::environment(&environment.id);
        Write::Put(rows::row(key, &environment, None).unwrap(), Condition::RowMissing)
    };
    let numbers: Vec<u64> = (1_000..1_000 + count).collect();
    for part in numbers.chunks(100) {
        world.state.commit(&part.iter().copied().map(row).collect::<Vec<_>>()).await.unwrap();
    }
    let there = world.state.rows().iter().filter(|row| row.key.sort == "environment").count();
    assert!(there as u64 > count);
}

/// A whole journey among so many other environments: each invocation with its calls, by name. The zone is written to
/// before the others are there, by the staging environment.
async fn journey(others: u64) -> BTreeMap<String, Vec<usize>> {
    let preview = Preview::begin(sample).await;
    let world = &preview.world;
    world.close(1);
    world.pass(A_WHILE).await;
    many_more(world, others).await;
    world.queue.counted.lock().unwrap().retain(|(message, _)| matches!(message, Message::Zone { .. }));
    let number = world.open_as("ada", "other", false);
    world.build_head(number, "web");
    world.pass(A_WHILE).await;
    world.push("other", "a change");
    world.build_head(number, "web");
    world.push("main", "goes on");
    world.build_main();
    world.pass(A_WHILE + BETWEEN_TICKS).await;
    world.close(number);
    world.pass(A_WHILE).await;
    world.gone(&format!("shop/pr-{number}")).unwrap();
    let mut calls: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (message, count) in world.queue.counted.lock().unwrap().iter() {
        if let Some(name) = name(message) {
            calls.entry(name).or_default().push(*count);
        }
    }
    calls
}

#[test]
fn what_a_trigger_costs_does_not_depend_on_how_many_environments_there_are() {
    let [few, many] = [10, 10_000].map(|others| crate::simulation::in_virtual_time(journey(others)));
    println!("{:<28} {:>11} {:>6} {:>6} {:>6}", "state calls", "invocations", "least", "mean", "most");
    for (name, calls) in &few {
        let sum: usize = calls.iter().sum();
        let (least, most) = (calls.iter().min().unwrap(), calls.iter().max().unwrap());
        println!(
            "{name:<28} {:>11} {least:>6} {:>6.1} {most:>6}",
            calls.len(),
            sum as f64 / calls.len() as f64
        );
    }
    assert_eq!(few, many);
    for (name, calls) in &few {
        let (_, bound) = BOUNDS.iter().find(|(known, _)| known == name).unwrap();
        assert!(calls.iter().max().unwrap() <= bound, "{name}: {calls:?}");
    }
}

#[test]
fn a_door_makes_one_call() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let world = &preview.world;
        let now = world.time.now();
        let deliveries =
            world.github.lock().unwrap().close_pull_request(world.repository, 1, "ada", now).unwrap();
        let total = || world.state.calls().values().sum::<usize>();
        let before = total();
        world.post(&deliveries[0]).await;
        assert_eq!(total() - before, 1);
    });
}
