//! A configuration that comes while a stage is at work: whoever carries the environment out knows nothing of it yet.

use super::{
    configuration::{hash_in_force, pushed, with},
    *,
};
use http::{Request, Response, StatusCode};
use roadstead_domain::{
    environment::{Environment, Tried},
    refusal::Refusal,
    step::Step,
};
use roadstead_steps::{
    accept_trigger::TOLD_AT_ONCE,
    carry::{Next, Work},
    context::Context,
    step::StepWork,
};
use std::cell::Cell;

/// How long after a push the environments that it changes have been told.
const UNTIL_TOLD: Duration = Duration::from_secs(90);

/// A stage during which one configuration is pushed after the other.
struct Meanwhile<'a> {
    world: &'a World,
    files: &'a [String],
    ends: fn(&mut Environment) -> Result<Next, Refusal>,
}

#[async_trait::async_trait]
impl StepWork for Meanwhile<'_> {
    fn step(&self) -> Step {
        Step::ResolveConfig
    }

    async fn carry_out(&self, _: &Context, work: &mut Work) -> Result<Next, Refusal> {
        for file in self.files {
            pushed(self.world, file).await;
            self.world.pass(UNTIL_TOLD).await;
        }
        (self.ends)(&mut work.environment)
    }

    async fn undo(&self, _: &Context, _: &mut Work) -> Result<Next, Refusal> {
        Ok(Next::Gone)
    }
}

fn pods(world: &World, limit: u32) -> String {
    with(world, "pods: 20", &format!("pods: {limit}"))
}

#[test]
fn what_fails_while_a_newer_configuration_is_told_is_tried_again_under_that() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, id, staging, .. } = &preview;
        let web = world.image_in("main", id, "web").unwrap();
        let mut environment = world.environment(id).unwrap();
        environment.ready = None;
        environment.tried = environment.revisions.iter().map(Tried::of).collect();
        let ends = |environment: &mut Environment| {
            environment.remember_tried();
            Err(Refusal::rejected("it does not start"))
        };
        let meanwhile = Meanwhile { world, files: &[pods(world, 21)], ends };
        world.carry_by_hand(environment, &meanwhile).await.unwrap();
        world.pass(A_WHILE).await;
        world.runs(id, &web, &staging[1]).unwrap();
        let environment = world.environment(id).unwrap();
        assert_eq!((environment.phase, environment.tried), (Phase::Ready, vec![]));
        assert_eq!(environment.bound.unwrap().platform, hash_in_force(world).await);
    });
}

#[test]
fn a_configuration_that_is_put_back_is_followed_although_it_was_told_before() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let Preview { world, id, .. } = &preview;
        let files = [pods(world, 21), pods(world, 22)];
        let environment = world.environment(id).unwrap();
        let meanwhile = Meanwhile { world, files: &files, ends: |_| Ok(Next::Ready) };
        world.carry_by_hand(environment, &meanwhile).await.unwrap();
        world.pass(A_WHILE).await;
        assert_eq!(world.environment(id).unwrap().bound.unwrap().platform, hash_in_force(world).await);

        pushed(world, &files[0]).await;
        world.pass(A_WHILE).await;
        let environment = world.environment(id).unwrap();
        assert_eq!(environment.phase, Phase::Ready);
        assert_eq!(environment.bound.unwrap().platform, hash_in_force(world).await);
    });
}

thread_local! {
    /// How often the open pull requests were listed.
    static LISTED: Cell<usize> = const { Cell::new(0) };
}

/// The pull requests are as they were, and most of what GitHub allows is used up.
fn used_up(request: &Request<Vec<u8>>) -> Option<Response<Vec<u8>>> {
    request.uri().path().ends_with("/pulls").then(|| {
        LISTED.set(LISTED.get() + 1);
        let answer = Response::builder().status(StatusCode::NOT_MODIFIED);
        let answer = answer.header("x-ratelimit-limit", "5000").header("x-ratelimit-remaining", "1000");
        answer.header("x-ratelimit-reset", "4102444800").body(vec![]).unwrap()
    })
}

#[test]
fn while_many_environments_follow_a_configuration_what_is_left_of_the_hosts_limit_is_left_to_people() {
    crate::simulation::in_virtual_time(async {
        let (world, _) = with_staging(sample).await;
        for number in 0..TOLD_AT_ONCE + 5 {
            world.open_as("ada", &format!("branch-{number}"), false);
        }
        world.pass(A_WHILE).await;
        world.faults.instead.lock().unwrap().insert("github", used_up);
        world.pass(UNTIL_LOOKED).await;
        let listed = LISTED.get();
        assert!(listed > 0);
        pushed(&world, &pods(&world, 21)).await;
        world.pass(A_WHILE).await;
        for number in 1..=TOLD_AT_ONCE + 5 {
            let environment = world.environment(&format!("shop/pr-{number}")).unwrap();
            assert_eq!(environment.bound.unwrap().platform, hash_in_force(&world).await, "{number}");
        }
        assert_eq!(LISTED.get(), listed);
    });
}
