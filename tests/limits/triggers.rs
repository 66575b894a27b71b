//! One trigger tells so many environments, and says how many it did not.

use super::{bare, put, repository};
use crate::{
    outside::memory_state::MemoryState,
    simulation::{A_WHILE, calm, in_virtual_time, world::World},
};
use jiff::Timestamp;
use roadstead_domain::{
    actor::Actor,
    name::{EnvironmentId, NAME_LIMIT},
    trigger::{HowClosed, Outcome, Sighting, Trigger},
};
use roadstead_steps::{
    accept_trigger::CONCERNS_LIMIT,
    nouns::{
        State as _,
        state::{Condition, Write},
    },
    outcome, rows,
};

/// A push to a branch that so many environments follow, once it is closed. They are gone, so that each is told quickly.
async fn pushed(world: &World, followers: usize) -> Trigger {
    let repository = repository(world);
    let follower = |number: usize| {
        let id: EnvironmentId = format!("shop/try-{number}").parse().unwrap();
        bare(rows::branch_follower(&repository, "wishes", &id))
    };
    put(world, (0..followers).map(follower)).await;
    let trigger = Trigger {
        key: format!("github#{followers}"),
        actor: Actor::Roadstead,
        received_at: world.context.now(),
        sighting: Sighting::Push { repository, branch: "wishes".to_owned(), head: None },
        reply: None,
        outcomes: Default::default(),
        closed: None,
    };
    world.github_door.notebook.take_note(&trigger).await;
    world.pass(A_WHILE).await;
    let rows = world.state.rows();
    rows::read(rows.iter().find(|row| row.key == rows::trigger(&trigger.key)).unwrap()).unwrap()
}

#[test]
fn one_trigger_tells_so_many_environments_and_says_how_many_more_there_are() {
    in_virtual_time(async {
        let world = calm(|platform| platform).await;
        let all = pushed(&world, CONCERNS_LIMIT).await;
        assert_eq!(all.outcomes.len(), CONCERNS_LIMIT);
        let closed = all.closed.unwrap();
        assert_eq!((closed.how, closed.text.as_str()), (HowClosed::Told, "500 environments were told"));

        let some = pushed(&world, CONCERNS_LIMIT + 1).await;
        assert_eq!(some.outcomes.len(), CONCERNS_LIMIT);
        let closed = some.closed.clone().unwrap();
        assert_eq!(closed.how, HowClosed::ToldSome);
        assert!(closed.text.contains("and 1 more were not"), "{}", closed.text);
        let outcome = outcome::of(world.state.as_ref(), &some).await.unwrap();
        assert!(outcome.done && outcome.text.starts_with("500 environments: 500 nothing. "), "{outcome:?}");
        assert!(outcome.text.ends_with(&closed.text), "{}", outcome.text);
    });
}

/// The longest names, and reasons as long as an outside may make them.
#[tokio::test]
async fn what_came_of_so_many_environments_has_room_in_the_row_of_the_trigger() {
    let id = |number: usize| {
        let of_length = |text: String| format!("{text}{}", "x".repeat(NAME_LIMIT - text.len()));
        let id: EnvironmentId =
            format!("{}/{}", of_length("a".into()), of_length(format!("e{number}-"))).parse().unwrap();
        (id, Outcome::Refused { reason: "x".repeat(600) })
    };
    let trigger = Trigger {
        key: "github#long".to_owned(),
        actor: Actor::Roadstead,
        received_at: Timestamp::UNIX_EPOCH,
        sighting: Sighting::Retry { environment: id(0).0 },
        reply: None,
        outcomes: (0..CONCERNS_LIMIT).map(id).collect(),
        closed: Some(HowClosed::ToldSome.because("x".repeat(600))),
    };
    assert_eq!(trigger.outcomes.len(), CONCERNS_LIMIT);
    let row = rows::row(rows::trigger(&trigger.key), &trigger, None).unwrap();
    MemoryState::default().commit(&[Write::Put(row, Condition::Always)]).await.unwrap();
}
