//! Many deliveries: in quick succession, the same one many times, an old one again.

use super::*;
use roadstead_domain::deployment::EndResult;
use roadstead_steps::nouns::Time;
use roadstead_worlds::github::Delivery;

/// What a pipeline rebuilds after a push.
#[derive(Clone, Copy, Debug)]
enum Rebuilt {
    /// `web`, so that `worker` is waited for.
    Web,
    /// Everything, so that a generation is bound at once.
    All,
}

/// Pushes ten times, so far apart; answers the new generations that were recorded as present, and how each ended.
async fn ten_pushes(apart: Duration, rebuilt: Rebuilt) -> Vec<(u64, EndResult)> {
    let preview = Preview::begin(sample).await;
    let Preview { world, id, number, staging, .. } = &preview;
    let before = world.environment(id).unwrap().wanted.generation;
    let (mut web, mut worker) = (String::new(), staging[1].clone());
    for round in 0..10 {
        web = preview.push(&format!("round {round}"));
        if matches!(rebuilt, Rebuilt::All) {
            worker = world.build_head(*number, "worker");
        }
        world.pass(apart).await;
    }
    world.pass(A_WHILE).await;
    world.runs(id, &web, &worker).unwrap();
    let records = present_generations(world, id).into_iter().filter(|record| record.generation > before);
    records.map(|record| (record.generation, end_of(&record))).collect()
}

/// How a generation ended. One that was waiting between two stages when the next began has no end of its own in its record.
fn end_of(record: &Deployment) -> EndResult {
    let superseded = EndResult::Superseded { by: record.generation + 1 };
    record.ended.as_ref().map_or(superseded, |ended| ended.result.clone())
}

/// Where a generation waits for images, or pushes come at once, those in between are never bound. Where they are bound faster
/// than pushes come, a type that supersedes at once records them, and gives them up.
#[test]
fn ten_quick_pushes_become_at_most_two_deployments() {
    for (apart, rebuilt) in [
        (0, Rebuilt::Web),
        (10, Rebuilt::Web),
        (100, Rebuilt::Web),
        (0, Rebuilt::All),
        (5, Rebuilt::All),
        (50, Rebuilt::All),
    ] {
        let recorded = crate::simulation::in_virtual_time(ten_pushes(Duration::from_millis(apart), rebuilt));
        let carried_out =
            recorded.iter().filter(|(_, end)| !matches!(end, EndResult::Superseded { .. })).count();
        println!(
            "ten pushes, {apart} ms apart, {rebuilt:?}: {} recorded, {carried_out} carried out",
            recorded.len()
        );
        assert!(carried_out <= 2, "{apart} ms apart: {recorded:?}");
        let bound_later = apart == 0 || matches!(rebuilt, Rebuilt::Web);
        assert!(!bound_later || recorded.len() <= 2, "{apart} ms apart: {recorded:?}");
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
        assert_eq!(triggers(world), known, "the body is known");
    });
}

#[test]
fn a_closed_event_that_comes_after_the_reopen_destroys_nothing() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, id, namespace, number, .. } = &preview;
        let before = world.object("Namespace", "", namespace).unwrap();
        let now = world.time.now();
        let closed =
            world.github.lock().unwrap().close_pull_request(world.repository, *number, "ada", now).unwrap();
        world.reopen(*number);
        world.pass(A_WHILE).await;
        world.deliver(closed);
        world.pass(A_WHILE).await;
        let after = world.object("Namespace", "", namespace).unwrap();
        assert_eq!((preview.phase(), &after["metadata"]["uid"]), (Phase::Ready, &before["metadata"]["uid"]));
        assert_eq!(world.environment(id).unwrap().incarnation, 1);
    });
}
