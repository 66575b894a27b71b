//! An environment is ready once its names answer everywhere, whichever generation made them.

use super::*;
use roadstead_steps::nouns::Time as _;
use roadstead_worlds::route53::Answer;

const STAGING: &str = "shop/staging";

fn answers(world: &World, name: &str) -> bool {
    let answer = world.dns.lock().unwrap().answer(name, "TXT", world.time.now());
    !matches!(answer, Answer::NoData | Answer::NoSuchName)
}

#[test]
fn a_newer_generation_waits_for_the_name_that_the_one_before_it_made() {
    crate::simulation::in_virtual_time(async {
        let at_once = |text: String| text.replace("supersede: after-verify", "supersede: at-once");
        let world = calm(at_once).await;
        world.push("main", "a beginning");
        world.build_main();
        let moment = Duration::from_millis(200);
        while world.marked_records(STAGING).is_empty() {
            world.pass(moment).await;
        }
        world.push("main", "goes on");
        let [web, worker] = world.build_main();
        let names = world.marked_records(STAGING);
        assert!(names.iter().all(|name| !answers(&world, name)), "they are not everywhere yet");
        while world.environment(STAGING).unwrap().phase != Phase::Ready {
            world.pass(moment).await;
        }
        assert!(world.environment(STAGING).unwrap().carrying > 1);
        let names = world.marked_records(STAGING);
        assert!(names.iter().all(|name| answers(&world, name)), "ready, and {names:?} do not answer");
        world.runs(STAGING, &web, &worker).unwrap();
    });
}
