//! Limits that only show over a table: what happens at exactly so many, and at one more.

mod answers;
mod attempts;
mod generations;
mod lists;
mod patience;
mod platforms;
mod triggers;

use crate::simulation::world::World;
use roadstead_domain::{environment::Environment, platform::Platform, repository::Repository};
use roadstead_steps::{
    nouns::{
        State as _,
        state::{COMMIT_LIMIT, Condition, Key, Row, Write},
    },
    rows,
};
use serde_json::{Map, json};

/// The repository of the sample's application.
fn repository(world: &World) -> Repository {
    let platform = Platform::parse(world.platform.as_bytes()).unwrap().platform;
    platform.applications.values().next().unwrap().repository.clone()
}

/// A row that says all by its key.
fn bare(key: Key) -> Row {
    Row { key, attributes: Map::new() }
}

async fn put(world: &World, rows: impl IntoIterator<Item = Row>) {
    let writes: Vec<_> = rows.into_iter().map(|row| Write::Put(row, Condition::Always)).collect();
    for part in writes.chunks(COMMIT_LIMIT) {
        world.state.commit(part).await.unwrap();
    }
}

/// A preview whose first generation was begun, with time enough.
fn environment(world: &World, name: &str) -> Environment {
    let now = world.context.now().as_millisecond();
    let cause = json!({ "trigger": "t", "actor": { "kind": "roadstead" }, "at": now });
    serde_json::from_value(json!({
        "id": format!("shop/{name}"), "mark": format!("demo/shop/{name}"), "outside_name": name, "kind": "preview",
        "incarnation": 1, "carrying": 1, "source": { "kind": "branch", "branch": "main" },
        "repository": repository(world),
        "wanted": { "generation": 1, "looks": 0, "intent": { "kind": "follow", "hint": null }, "cause": cause },
        "hold": false, "cause": cause, "attempts": 0,
        "phase": { "kind": "resolving" }, "phase_since": now, "begun_at": now, "stage_since": now,
        "deadline": now + 1_000 * 60 * 60 * 24, "inventory": { "namespaces": [], "objects": [], "records": [] },
    }))
    .unwrap()
}

fn row_of(environment: &Environment) -> Row {
    rows::row(rows::environment(&environment.id), environment, None).unwrap()
}
