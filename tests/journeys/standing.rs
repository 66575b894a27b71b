//! Many standing environments that follow one branch: a push reaches each of them.

use super::*;
use roadstead_domain::trigger::{Outcome, Sighting, Trigger};

/// How many follow `main`, beside `staging`.
const OTHERS: usize = 11;

fn many_follow(platform: String) -> String {
    let staging = "      staging: { type: staging, branch: main }\n";
    let others: String =
        (1..=OTHERS).map(|number| staging.replacen("staging", &format!("stage-{number}"), 1)).collect();
    let platform = platform.replace(staging, &format!("{staging}{others}"));
    platform.replace("clusters: [main, second]", "clusters: [main]").replace("limit: 3\n", "limit: 20\n")
}

fn all() -> Vec<String> {
    let others = (1..=OTHERS).map(|number| format!("shop/stage-{number}"));
    others.chain(["shop/staging".to_owned()]).collect()
}

/// What came of the push of a commit so far.
fn trigger_of(world: &World, commit: &str) -> Trigger {
    let rows = world.state.rows().into_iter().filter(|row| row.key.partition.starts_with("trigger#"));
    let mut triggers = rows.map(|row| rows::read::<Trigger>(&row).unwrap());
    let is_it = |sighting: &Sighting| matches!(sighting, Sighting::Push { head: Some(head), .. } if head.as_str() == commit);
    triggers.find(|trigger| is_it(&trigger.sighting)).unwrap()
}

/// The process that tells them ends at this of its writes: two are for each environment, its own row's and the cursor's.
fn a_push_that_is_cut_off(at_write: u64) {
    crate::simulation::in_virtual_time(async move {
        let (world, first) = with_staging(many_follow).await;
        for id in all() {
            world.runs(&id, &first[0], &first[1]).unwrap();
        }
        *world.faults.dies_at_write.lock().unwrap() = Some(at_write);
        let commit = world.push("main", "goes on");
        world.pass(Duration::from_secs(1)).await;
        let cut_off = trigger_of(&world, &commit);
        assert!((1..=OTHERS).contains(&cut_off.outcomes.len()) && cut_off.closed.is_none(), "{cut_off:?}");

        let [web, worker] = world.build_main();
        world.pass(UNTIL_LOOKED).await;
        let told = trigger_of(&world, &commit);
        assert!(told.closed.is_some());
        assert_eq!(told.outcomes.len(), all().len());
        assert!(cut_off.outcomes.iter().all(|(id, outcome)| told.outcomes[id] == *outcome), "{told:?}");
        for id in all() {
            let outcome = &told.outcomes[&id.parse().unwrap()];
            assert!(matches!(outcome, Outcome::Raised { .. }), "{id}: {outcome:?}");
            world.runs(&id, &web, &worker).unwrap();
            let revisions = world.environment(&id).unwrap().revisions.unwrap();
            assert_eq!(revisions.commit.as_str(), commit, "{id}");
        }
        world.at_rest().unwrap();
    });
}

#[test]
fn a_push_reaches_all_that_follow_although_its_process_ends_before_one_is_told() {
    a_push_that_is_cut_off(12);
}

#[test]
fn a_push_reaches_all_that_follow_although_its_process_ends_before_it_is_noted_who_was_told() {
    a_push_that_is_cut_off(13);
}
