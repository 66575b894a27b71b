//! What comes while an environment is taken down: it is what it would be a minute later.

use super::{
    commands::{branch_off, head},
    terminating::{held, hold, let_go},
    *,
};
use crate::simulation::commands::{ADA, with_people};
use roadstead_domain::refusal::Refusal;
use roadstead_steps::nouns::{
    State as _,
    state::{Condition, Write},
};

#[test]
fn a_preview_that_comes_back_has_an_end_although_it_never_runs() {
    crate::simulation::in_virtual_time(async {
        let preview = held().await;
        let Preview { world, number, id, .. } = &preview;
        world.push_file("feature", "web/score.yaml", "apiVersion: score.dev/v1b1\nmetadata:\n  name: 7\n");
        world.reopen(*number);
        let_go(world, &preview.namespace);
        world.pass(A_WHILE).await;
        assert!(failure(&preview.phase()).contains("web/score.yaml"));
        let environment = world.environment(id).unwrap();
        assert_eq!(environment.incarnation, 2);
        let left = environment.expires_at.unwrap().duration_since(environment.begun_at);
        assert_eq!(left, jiff::SignedDuration::from_hours(72));
        world.pass(Duration::from_secs(73 * 3_600)).await;
        world.gone(id).unwrap();
    });
}

/// `shop/try`, which follows a branch, was destroyed, and something holds its namespace.
async fn being_destroyed() -> (Arc<World>, String) {
    let (world, _) = with_staging(with_people).await;
    branch_off(&world, "feature");
    world.typed(ADA, "/env", "create shop try branch feature").await;
    let namespace = world.environment("shop/try").unwrap().outside_name;
    hold(&world, &namespace);
    world.typed(ADA, "/env", "destroy shop/try").await;
    (world, namespace)
}

/// The branch that it followed moves, and is built.
async fn goes_on(world: &Arc<World>) {
    world.push("feature", "goes on");
    world.build("web", &format!("sha-{}", head(world, "feature")), &head(world, "feature"));
    world.pass(2 * UNTIL_LOOKED).await;
}

#[test]
fn what_somebody_destroys_stays_gone_although_its_branch_moves_meanwhile() {
    crate::simulation::in_virtual_time(async {
        let (world, namespace) = being_destroyed().await;
        let phase = world.environment("shop/try").unwrap().phase;
        assert!(matches!(phase, Phase::Closing { .. }), "{phase:?}");

        goes_on(&world).await;
        let_go(&world, &namespace);
        world.pass(2 * UNTIL_LOOKED).await;
        world.gone("shop/try").unwrap();
        world.at_rest().unwrap();
    });
}

/// A teardown that was begun too often stands still until a person tries it again; what is newer on the branch changes nothing.
#[test]
fn what_could_not_be_destroyed_does_not_come_back_because_its_branch_moves() {
    crate::simulation::in_virtual_time(async {
        let (world, namespace) = being_destroyed().await;
        let mut stuck = world.environment("shop/try").unwrap();
        (stuck.stage, stuck.hold) = (None, false);
        stuck.phase = Phase::NeedsAttention { refusal: Refusal::broken("it was begun too often") };
        let row = rows::row(rows::environment(&stuck.id), &stuck, None).unwrap();
        world.state.commit(&[Write::Put(row, Condition::Always)]).await.unwrap();

        goes_on(&world).await;
        assert_eq!(world.environment("shop/try").unwrap().wanted, stuck.wanted);
        let_go(&world, &namespace);
        world.typed(ADA, "/env", "retry shop/try").await;
        world.pass(UNTIL_LOOKED).await;
        world.gone("shop/try").unwrap();
    });
}

#[test]
fn a_standing_environment_whose_branch_moves_while_it_is_destroyed_comes_back() {
    crate::simulation::in_virtual_time(async {
        let in_one = |platform| with_people(platform).replace("clusters: [main, second]", "clusters: [main]");
        let (world, _) = with_staging(in_one).await;
        let namespace = world.environment("shop/staging").unwrap().outside_name;
        hold(&world, &namespace);
        world.typed(ADA, "/env", "destroy shop/staging").await;
        world.push("main", "goes on");
        let [web, worker] = world.build_main();
        world.pass(UNTIL_LOOKED).await;
        let_go(&world, &namespace);
        world.pass(2 * UNTIL_LOOKED).await;
        world.runs("shop/staging", &web, &worker).unwrap();
    });
}
