//! Which bounds are looked at, and that every mistake is found.

use super::mistakes::Mistake;
use super::progress::without_cycles;
use super::properties::*;
use super::state::Budget;
use super::{NOTHING, Protocol};
use stateright::{Checker, HasDiscoveries, Model};

/// Looks at every state within the budget, and finds nothing wrong.
fn holds_everywhere(name: &str, protocol: Protocol) {
    let began = std::time::Instant::now();
    let checker = protocol.checker().threads(2).finish_when(HasDiscoveries::AnyFailures).spawn_dfs().join();
    checker.assert_properties();
    assert!(checker.is_done(), "{name}: not every state was seen");
    println!("{name}: {} states, complete, {:.1?}", checker.unique_state_count(), began.elapsed());
}

/// The mistake is found, as a violation of this property.
fn finds(mistake: Mistake, property: &'static str, protocol: Protocol) {
    let protocol = Protocol { mistake: Some(mistake), ..protocol };
    let found = HasDiscoveries::AllOf([property].into());
    let checker = protocol.checker().finish_when(found).spawn_bfs().join();
    let steps = checker.discovery(property).map(|path| path.into_actions()).unwrap_or_default();
    assert!(!steps.is_empty(), "{mistake:?} was not found");
    println!("{mistake:?}: \"{property}\" violated in {} steps: {steps:?}", steps.len());
}

fn opened(budget: Budget) -> Protocol {
    Protocol { budget, ..Protocol::default() }
}

fn running(budget: Budget) -> Protocol {
    Protocol { budget, starts_running: true, returns_on_failure: true, ..Protocol::default() }
}

/// The close overtakes the first deployment, with a paused worker and a lost answer.
#[test]
fn close_during_first_deployment() {
    holds_everywhere(
        "close during first deployment",
        opened(Budget { closes: 1, pauses: 1, unanswered: 1, ..NOTHING }),
    );
}

/// The close overtakes the first deployment, with a crash and a lost answer.
#[test]
fn close_with_a_crash() {
    holds_everywhere(
        "close with a crash",
        opened(Budget { closes: 1, crashes: 1, unanswered: 1, ..NOTHING }),
    );
}

/// What ran is closed and reopened, with every fault of a worker once.
#[test]
fn close_and_reopen() {
    holds_everywhere(
        "close and reopen",
        running(Budget { closes: 1, reopens: 1, crashes: 1, pauses: 1, unanswered: 1, ..NOTHING }),
    );
}

/// A push overtakes the first deployment.
#[test]
fn push_during_deployment() {
    holds_everywhere(
        "push during deployment",
        opened(Budget { pushes: 1, pauses: 1, unanswered: 1, ..NOTHING }),
    );
}

/// Two pushes, good, bad or without an image; failures are returned from, with a lost answer.
#[test]
fn failure_and_return() {
    holds_everywhere("failure and return", running(Budget { pushes: 2, unanswered: 1, ..NOTHING }));
}

/// A failure is returned from while a paused worker goes on, with every other fault of a worker once.
#[test]
fn failure_and_pause() {
    holds_everywhere(
        "failure and pause",
        running(Budget { pushes: 1, crashes: 1, pauses: 1, unanswered: 1, ..NOTHING }),
    );
}

/// The image of a pushed head arrives after it was looked for.
#[test]
fn image_comes_late() {
    holds_everywhere(
        "image comes late",
        running(Budget { pushes: 1, images: 1, crashes: 1, unanswered: 1, ..NOTHING }),
    );
}

/// Events are lost, late and out of order.
#[test]
fn deliveries() {
    holds_everywhere(
        "deliveries",
        running(Budget { pushes: 1, closes: 1, reopens: 1, losses: 1, ..NOTHING }),
    );
}

/// Triggers are accepted twice, and by a handler that dies.
#[test]
fn triggers_accepted_twice() {
    holds_everywhere(
        "triggers accepted twice",
        opened(Budget { closes: 1, destroys: 1, duplicates: 1, accepts_crash: 1, ..NOTHING }),
    );
}

/// A person wants it gone.
#[test]
fn destroyed_by_a_person() {
    holds_everywhere(
        "destroyed by a person",
        running(Budget { pushes: 1, destroys: 1, pauses: 1, ..NOTHING }),
    );
}

/// A stranger takes the name at any moment at which it is free.
#[test]
fn a_stranger_takes_the_name() {
    holds_everywhere(
        "a stranger takes the name",
        opened(Budget { closes: 1, strangers: 1, pauses: 1, unanswered: 1, ..NOTHING }),
    );
}

/// What must be reachable is reached, or the checks above have shown nothing.
#[test]
fn every_possibility_is_reached() {
    let closing = Budget { closes: 1, reopens: 1, unanswered: 1, ..NOTHING };
    let failing = Budget { pushes: 1, destroys: 1, ..NOTHING };
    for (name, is_reached) in POSSIBILITIES {
        let reached =
            [opened(closing), running(failing)].iter().any(|protocol| reaches(protocol, *is_reached));
        assert!(reached, "never reached: {name}");
    }
}

fn reaches(protocol: &Protocol, is_reached: Reached) -> bool {
    let mut seen = std::collections::HashSet::new();
    let mut ahead = protocol.init_states();
    while let Some(state) = ahead.pop() {
        if is_reached(&state) {
            return true;
        }
        if seen.insert(state.clone()) {
            ahead.extend(protocol.next_states(&state));
        }
    }
    false
}

/// However it goes on, it comes to rest.
#[test]
fn no_state_comes_back() {
    let closing = Budget { closes: 1, reopens: 1, pauses: 1, unanswered: 1, ..NOTHING };
    let failing = Budget { pushes: 1, crashes: 1, pauses: 1, unanswered: 1, ..NOTHING };
    for protocol in [running(closing), running(failing)] {
        let states = without_cycles(&protocol).unwrap_or_else(|state| panic!("comes back to {state:#?}"));
        println!("no way round among {states} states");
    }
}

#[test]
fn finds_no_fence_on_creation() {
    finds(Mistake::NoFenceOnCreation, SPOKEN_IS_FINAL, opened(Budget { pushes: 1, pauses: 1, ..NOTHING }));
}

#[test]
fn finds_gone_at_once() {
    finds(Mistake::GoneAtOnce, GONE_STAYS_GONE, opened(Budget { closes: 1, unanswered: 1, ..NOTHING }));
}

#[test]
fn finds_takeover_forgets_until() {
    finds(Mistake::TakeoverForgetsUntil, GONE_STAYS_GONE, opened(Budget { closes: 1, pauses: 1, ..NOTHING }));
}

#[test]
fn finds_release_forgets_maybe_done() {
    finds(
        Mistake::ReleaseForgetsMaybeDone,
        GONE_STAYS_GONE,
        opened(Budget { closes: 1, unanswered: 1, ..NOTHING }),
    );
}

#[test]
fn finds_order_from_events() {
    finds(Mistake::OrderFromEvents, HEADS_IN_ORDER, opened(Budget { pushes: 1, ..NOTHING }));
}

#[test]
fn finds_closed_event_believed() {
    finds(
        Mistake::ClosedEventBelieved,
        CLOSED_WAS_READ,
        running(Budget { closes: 1, reopens: 1, ..NOTHING }),
    );
}

#[test]
fn finds_done_before_fan_out() {
    finds(Mistake::DoneBeforeFanOut, AT_REST_ALL_SAID, opened(Budget { accepts_crash: 1, ..NOTHING }));
}

#[test]
fn finds_raised_twice() {
    finds(Mistake::RaisedTwice, ONE_TRIGGER_ONE_INTENT, opened(Budget { accepts_crash: 1, ..NOTHING }));
}

#[test]
fn finds_failed_proposed_again() {
    finds(Mistake::FailedProposedAgain, FAILED_ONCE, running(Budget { pushes: 1, ..NOTHING }));
}

#[test]
fn finds_return_forgotten() {
    finds(Mistake::ReturnForgotten, AT_REST_AGREES, running(Budget { pushes: 1, ..NOTHING }));
}

#[test]
fn finds_return_overrides_newer() {
    finds(Mistake::ReturnOverridesNewer, RETURN_YIELDS, running(Budget { pushes: 2, ..NOTHING }));
}

#[test]
fn finds_release_ignores_wanted() {
    finds(Mistake::ReleaseIgnoresWanted, AT_REST_ALL_SAID, opened(NOTHING));
}

#[test]
fn finds_refusal_is_always_a_lost_race() {
    finds(Mistake::RefusalIsAlwaysALostRace, CLAIMS_ARE_WORKED, opened(Budget { unanswered: 1, ..NOTHING }));
}

#[test]
fn finds_reopen_into_terminating() {
    finds(
        Mistake::ReopenIntoTerminating,
        AT_REST_AGREES,
        running(Budget { closes: 1, reopens: 1, ..NOTHING }),
    );
}

#[test]
fn finds_ends_without_fence() {
    finds(Mistake::EndsWithoutFence, SPOKEN_IS_FINAL, opened(Budget { pushes: 1, pauses: 1, ..NOTHING }));
}

#[test]
fn finds_leaves_without_settling() {
    finds(
        Mistake::LeavesWithoutSettling,
        SPOKEN_IS_FINAL,
        running(Budget { pushes: 2, unanswered: 1, ..NOTHING }),
    );
}

#[test]
fn finds_prune_by_name() {
    finds(Mistake::PruneByName, SPOKEN_IS_FINAL, running(Budget { pushes: 2, unanswered: 1, ..NOTHING }));
}

#[test]
fn finds_prunes_newer() {
    finds(Mistake::PrunesNewer, READY_IS_TRUE, opened(Budget { pushes: 1, pauses: 1, ..NOTHING }));
}

#[test]
fn finds_namespace_deleted_by_name() {
    finds(
        Mistake::NamespaceDeletedByName,
        ONLY_OURS,
        running(Budget { closes: 1, strangers: 1, unanswered: 1, ..NOTHING }),
    );
}

#[test]
fn finds_strangers_adopted() {
    finds(Mistake::StrangersAdopted, ONLY_OURS, opened(Budget { strangers: 1, ..NOTHING }));
}
