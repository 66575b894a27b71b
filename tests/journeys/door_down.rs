//! Webhooks that our door did not take, and what the clock may ask of a host.

use super::*;
use http::{Method, Request, Response};
use roadstead_steps::{accept_trigger::AGAIN_LIMIT, nouns::Time as _};
use std::{cell::Cell, sync::atomic::Ordering};

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

thread_local! {
    /// How often the host was asked what became of webhooks, and for one of them again.
    static ASKED: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// Counts what is asked about webhooks, and lets it through.
fn counted(request: &Request<Vec<u8>>) -> Option<Response<Vec<u8>>> {
    let (looks, again) = ASKED.get();
    match *request.method() {
        _ if !request.uri().path().starts_with("/app/hook/deliveries") => {}
        Method::GET => ASKED.set((looks + 1, again)),
        _ => ASKED.set((looks, again + 1)),
    }
    None
}

/// A door that is down, in front of a host that is asked for what it counts.
async fn door_down() -> Arc<World> {
    let (world, _) = with_staging(sample).await;
    world.door_down.store(true, Ordering::SeqCst);
    world.faults.instead.lock().unwrap().insert("github", counted);
    ASKED.set((0, 0));
    world
}

/// So many webhooks that the door does not take, each another one.
fn lose(world: &World, count: usize) {
    let now = world.time.now();
    let mut github = world.github.lock().unwrap();
    let known = github.delivery_attempts().len();
    let commit = github.commit_id(world.repository, "heads/main").unwrap();
    let branched = github.push(world.repository, &format!("lost-{known}"), &commit, "ada", now).unwrap();
    for number in 0..count {
        let mut webhook = branched[0].clone();
        webhook.delivery = format!("lost-{}", known + number);
        github.note_delivery(&webhook, None, now);
    }
}

#[test]
fn a_look_asks_for_so_many_webhooks_again_and_the_next_one_for_the_rest() {
    for (count, later) in [(AGAIN_LIMIT, AGAIN_LIMIT), (AGAIN_LIMIT + 1, AGAIN_LIMIT + 1)] {
        crate::simulation::in_virtual_time(async {
            let world = door_down().await;
            lose(&world, count);
            while ASKED.get().1 == 0 {
                world.pass(Duration::from_secs(10)).await;
            }
            world.pass(Duration::from_secs(10)).await;
            assert_eq!(ASKED.get().1, AGAIN_LIMIT);
            world.pass(Duration::from_secs(180)).await;
            assert_eq!(ASKED.get().1, later);
        });
    }
}

/// In the worst hour every look reads as many pages of attempts as it may, and asks for as many webhooks again.
#[test]
fn the_worst_hour_of_looks_at_webhooks_leaves_four_fifths_to_people() {
    const PAGES: usize = 10;
    crate::simulation::in_virtual_time(async {
        let world = door_down().await;
        lose(&world, 100 * PAGES);
        for _ in 0..60 {
            lose(&world, 100 * PAGES / 10);
            world.pass(Duration::from_secs(60)).await;
        }
        let (looks, again) = ASKED.get();
        assert!(looks >= 19 * PAGES && again >= 19 * AGAIN_LIMIT, "{looks} and {again} are not the worst");
        let fifth = world.github.lock().unwrap().settings.requests_per_hour as usize / 5;
        assert!(looks + again < fifth, "{looks} and {again} of {fifth}");
    });
}
