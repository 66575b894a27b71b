//! Many deliveries: in quick succession, the same one many times, an old one again.

use super::*;
use roadstead_steps::nouns::Time;
use roadstead_worlds::github::Delivery;

/// Pushes ten times, so far apart, and answers which generations were recorded as present beyond those before.
async fn ten_pushes(apart: Duration) -> Vec<u64> {
    let preview = Preview::begin(sample).await;
    let before = present_generations(&preview.world, &preview.id);
    let mut web = String::new();
    for round in 0..10 {
        web = preview.push(&format!("round {round}"));
        preview.world.pass(apart).await;
    }
    preview.world.pass(A_WHILE).await;
    preview.world.runs(&preview.id, &web, &preview.staging[1]).unwrap();
    let mut after = present_generations(&preview.world, &preview.id);
    after.retain(|generation| !before.contains(generation));
    after
}

#[test]
fn ten_quick_pushes_become_at_most_two_deployments() {
    for apart in [0, 10, 100] {
        let recorded = crate::simulation::in_virtual_time(ten_pushes(Duration::from_millis(apart)));
        println!("ten pushes, {apart} ms apart, were deployed as generations {recorded:?}");
        assert!(recorded.len() <= 2, "{apart} ms apart: {recorded:?}");
    }
}

fn triggers(world: &World) -> usize {
    world.state.rows().iter().filter(|row| row.key.partition.starts_with("trigger#")).count()
}

#[test]
fn the_same_delivery_many_times_equals_once() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let (world, now) = (&preview.world, preview.world.time.now());
        let (_, deliveries) = world
            .github
            .lock()
            .unwrap()
            .commit_and_push(world.repository, "feature", "ada", &[], now)
            .unwrap();
        let told: Vec<Delivery> =
            deliveries.into_iter().filter(|delivery| delivery.event == "pull_request").collect();
        assert_eq!(told.len(), 1);
        let before = triggers(world);
        world.post(&told[0]).await;
        world.pass(A_WHILE).await;
        let generation = world.environment(&preview.id).unwrap().wanted.generation;
        for _ in 0..5 {
            assert_eq!(world.post(&told[0]).await / 100, 2);
            world.pass(Duration::from_secs(90)).await;
        }
        assert_eq!(triggers(world), before + 1);
        assert_eq!(world.environment(&preview.id).unwrap().wanted.generation, generation);
    });
}

#[test]
fn an_old_closed_event_under_a_new_id_destroys_nothing_after_a_reopen() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, id, namespace, number, .. } = &preview;
        let closed = world
            .github
            .lock()
            .unwrap()
            .close_pull_request(world.repository, *number, "ada", world.time.now())
            .unwrap();
        world.deliver(closed.clone());
        world.pass(A_WHILE).await;
        world.gone(id).unwrap();
        world.reopen(*number);
        world.pass(A_WHILE).await;
        let before = world.object("Namespace", "", namespace).unwrap();

        let mut replayed = closed[0].clone();
        replayed.delivery = "00000000-0000-4000-8000-000000000001".to_owned();
        let known = triggers(world);
        assert_eq!(world.post(&replayed).await / 100, 2);
        world.pass(A_WHILE).await;
        let after = world.object("Namespace", "", namespace).unwrap();
        assert_eq!((preview.phase(), &after["metadata"]["uid"]), (Phase::Ready, &before["metadata"]["uid"]));
        assert_eq!(world.environment(id).unwrap().incarnation, 2);
        println!("the replay added {} triggers", triggers(world) - known);
    });
}
