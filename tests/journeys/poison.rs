//! One row that cannot be read.

use super::*;
use jiff::SignedDuration;
use roadstead_domain::{intent::Source, inventory::Inventory, trigger::Trigger};
use roadstead_steps::nouns::{
    State as _, Time as _,
    state::{Change, Condition, DUE_AT, Row, Write},
};
use serde_json::json;

/// How many sound environments share the table with the poisoned one.
const OTHERS: u64 = 100;

/// Previews at rest whose lifetime is over.
fn expired(world: &World) -> Vec<Row> {
    let model = world.environment("shop/pr-1").unwrap();
    let now = world.time.now();
    let rows = (1_000..1_000 + OTHERS).map(|number| {
        let mut environment = model.clone();
        environment.id = format!("shop/pr-{number}").parse().unwrap();
        environment.mark = format!("demo/shop/pr-{number}");
        environment.outside_name = format!("shop-pr-{number}-0");
        environment.source = Source::Branch { branch: "main".to_owned() };
        environment.inventory = Inventory::default();
        environment.expires_at = Some(now - SignedDuration::from_secs(1));
        rows::row(rows::environment(&environment.id), &environment, Some(now)).unwrap()
    });
    rows.collect()
}

async fn poison(world: &World, id: &str) {
    let key = rows::environment(&id.parse().unwrap());
    let changes = [
        Change::Set("inventory".to_owned(), json!("{")),
        Change::Set(DUE_AT.to_owned(), json!(world.time.now().as_millisecond())),
    ];
    world.state.update(&key, &changes, &Condition::RowExists).await.unwrap();
}

#[test]
fn a_poisoned_environment_does_not_stop_the_clock_for_others() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let world = &preview.world;
        let writes: Vec<Write> =
            expired(world).into_iter().map(|row| Write::Put(row, Condition::RowMissing)).collect();
        world.state.commit(&writes).await.unwrap();
        poison(world, &preview.id).await;
        world.pass(A_WHILE).await;
        let gone = (1_000..1_000 + OTHERS)
            .filter(|number| world.environment(&format!("shop/pr-{number}")).unwrap().phase == Phase::Gone);
        assert_eq!(gone.count() as u64, OTHERS);
    });
}

#[test]
fn a_poisoned_environment_does_not_stop_the_looks_at_its_repository() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let world = &preview.world;
        poison(world, &preview.id).await;
        world.dropped.lock().unwrap().insert("opened");
        let number = world.open_as("ada", "other", false);
        world.pass(2 * UNTIL_LOOKED).await;
        assert_eq!(
            world.environment(&format!("shop/pr-{number}")).map(|found| found.phase),
            Some(Phase::Ready)
        );
    });
}

/// The sample with a second environment on the same branch; it comes before `staging` in every order of names.
fn with_qa(platform: String) -> String {
    let staging = "      staging: { type: staging, branch: main }\n";
    platform.replace(staging, &format!("      qa: {{ type: staging, branch: main }}\n{staging}"))
}

fn open_triggers(world: &World) -> usize {
    let triggers = world.state.rows().into_iter().filter(|row| row.key.partition.starts_with("trigger#"));
    triggers.filter(|row| rows::read::<Trigger>(row).unwrap().closed.is_none()).count()
}

#[test]
fn a_poisoned_environment_does_not_keep_a_push_from_others_nor_its_trigger_open_for_ever() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(with_qa).await;
        poison(&world, "shop/qa").await;
        world.push("main", "a change");
        let built = world.build_main();
        world.pass(A_WHILE).await;
        world.runs("shop/staging", &built[0], &built[1]).unwrap();
        assert!(open_triggers(&world) > 0, "the trigger waits for the poisoned environment");
        world.pass(Duration::from_secs(26 * 3_600)).await;
        assert_eq!(open_triggers(&world), 0);
    });
}
