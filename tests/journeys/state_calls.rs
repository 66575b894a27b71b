//! How many calls of the table a journey costs: for each trigger, step and announcement, and the same however many
//! environments there are.

use super::*;
use roadstead_domain::message::Message;
use roadstead_steps::nouns::{
    State as _,
    state::{Condition, Key, Row, Write},
};
use std::collections::BTreeMap;

/// The most calls of one invocation, by what it carries out: what holds today.
const BOUNDS: &[(&str, usize)] = &[
    ("accept-trigger", 9),
    ("resolve-config", 12),
    ("provision-environment", 4),
    ("apply-to-eks", 5),
    ("create-dns", 5),
    ("verify-rollout", 3),
    ("undo resolve-config", 3),
    ("undo provision-environment", 2),
    ("undo apply-to-eks", 2),
    ("undo create-dns", 2),
    ("undo verify-rollout", 2),
    ("announce comment", 8),
    ("announce deployments", 6),
    ("zone", 8),
];

/// What a message carries out; nothing for looks at a repository, which belong to no trigger.
fn name(message: &Message) -> Option<String> {
    match message {
        Message::Trigger { .. } => Some("accept-trigger".to_owned()),
        Message::Stage { stage, .. } => Some(stage.to_string()),
        Message::Announcement { announcement } => match announcement.to_string().starts_with("comment") {
            true => Some("announce comment".to_owned()),
            false => Some("announce deployments".to_owned()),
        },
        Message::Zone { .. } => Some("zone".to_owned()),
        Message::Repository { .. } => None,
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
}

/// A whole journey among so many other environments: each invocation with its calls, by name.
async fn journey(others: u64) -> BTreeMap<String, Vec<usize>> {
    let preview = Preview::begin(sample).await;
    let world = &preview.world;
    world.close(1);
    world.pass(A_WHILE).await;
    many_more(world, others).await;
    world.queue.counted.lock().unwrap().clear();
    let number = world.open_as("ada", "other", false);
    world.build_head(number, "web");
    world.pass(A_WHILE).await;
    world.push("other", "a change");
    world.build_head(number, "web");
    world.push("main", "goes on");
    world.build_main();
    world.pass(A_WHILE).await;
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
        println!("{name:<28} {:>11} {least:>6} {:>6.1} {most:>6}", calls.len(), sum as f64 / calls.len() as f64);
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
        let deliveries = world.github.lock().unwrap().close_pull_request(world.repository, 1, "ada", roadstead_steps::nouns::Time::now(&world.time)).unwrap();
        let total = || world.state.calls().values().sum::<usize>();
        let before = total();
        world.post(&deliveries[0]).await;
        assert_eq!(total() - before, 1);
    });
}

#[tokio::test]
async fn rows_that_are_put_in_for_the_count_are_there() {
    let state = crate::outside::memory_state::MemoryState::default();
    state.commit(&[Write::Put(Row { key: Key::new("a", "b"), attributes: serde_json::Map::new() }, Condition::RowMissing)]).await.unwrap();
    assert_eq!(state.calls().values().sum::<usize>(), 1);
}
