//! Webhooks that our door did not take, and what the clock may ask of a host.

use super::*;
use roadstead_steps::nouns::Time as _;
use std::sync::atomic::Ordering;

/// What became of each attempt to deliver the newest webhooks, of so many.
fn attempts(world: &World, count: usize) -> Vec<Vec<u16>> {
    let github = world.github.lock().unwrap();
    let mut by_webhook: Vec<(String, Vec<u16>)> = vec![];
    for (webhook, status) in github.delivery_attempts() {
        match by_webhook.iter_mut().find(|(known, _)| known == webhook) {
            Some((_, statuses)) => statuses.push(status),
            None => by_webhook.push((webhook.to_owned(), vec![status])),
        }
    }
    let newest = by_webhook.split_off(by_webhook.len() - count);
    newest.into_iter().map(|(_, statuses)| statuses).collect()
}

fn triggers(world: &World) -> usize {
    world.state.rows().iter().filter(|row| row.key.sort == "trigger").count()
}

#[test]
fn a_door_that_was_down_gets_its_webhooks_within_minutes() {
    crate::simulation::in_virtual_time(async {
        let (world, staging) = with_staging(sample).await;
        let before = triggers(&world);
        world.door_down.store(true, Ordering::SeqCst);
        let number = world.open();
        world.pass(Duration::from_secs(120)).await;
        world.door_down.store(false, Ordering::SeqCst);
        world.pass(A_WHILE).await;
        assert_eq!(triggers(&world) - before, 2, "the push and the opening came in");
        for statuses in attempts(&world, 2) {
            let (last, earlier) = statuses.split_last().unwrap();
            assert!(*last == 202 && earlier.iter().all(|status| *status == 502), "{statuses:?}");
        }
        let web = world.build_head(number, "web");
        world.pass(A_WHILE).await;
        world.runs("shop/pr-1", &web, &staging[1]).unwrap();

        let delivered = world.github.lock().unwrap().delivery_attempts().len();
        world.pass(Duration::from_secs(3_600)).await;
        assert_eq!(world.github.lock().unwrap().delivery_attempts().len(), delivered, "nothing comes twice");
    });
}

#[test]
fn a_webhook_that_is_never_taken_is_asked_for_eight_times_and_given_up() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        world.door_down.store(true, Ordering::SeqCst);
        world.push("main", "nobody hears of it");
        world.pass(Duration::from_secs(60 * 3_600)).await;
        assert_eq!(attempts(&world, 1), [[502; 9]]);
        world.pass(Duration::from_secs(13 * 3_600)).await;
        let row = world.state.rows().into_iter().find(|row| row.key.sort == "deliveries").unwrap();
        assert_eq!(row.attributes["waiting"], serde_json::json!({}));
    });
}

#[test]
fn the_clock_leaves_four_fifths_of_an_hour_to_people() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        let installation = world.github.lock().unwrap().installation_for(world.repository).unwrap();
        let used = |world: &World| world.github.lock().unwrap().used(installation, world.time.now());
        world.pass(Duration::from_secs(3_600)).await;
        let mut free = 0;
        for _ in 0..6 {
            world.pass(Duration::from_secs(600)).await;
            free = free.max(used(&world));
        }
        assert!(free > 4, "a look costs something: {free}");

        world.github.lock().unwrap().settings.requests_per_hour = 10;
        world.pass(Duration::from_secs(2 * 3_600)).await;
        let mut most = 0;
        for _ in 0..18 {
            world.pass(Duration::from_secs(600)).await;
            most = most.max(used(&world));
        }
        assert_eq!(most, 3, "a fifth, and the look that found it used up");

        world.github.lock().unwrap().settings.requests_per_hour = 5_000;
        world.dropped.lock().unwrap().insert("opened");
        world.open();
        world.pass(Duration::from_secs(75 * 60)).await;
        assert!(world.environment("shop/pr-1").is_some(), "it looks again when the host counts anew");
    });
}
