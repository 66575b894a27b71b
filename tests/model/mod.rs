//! The protocol as a model, beside the code: every order of events, crashes, pauses and lost answers, within bounds.
//!
//! One environment follows one pull request. Doors take notes, `accept-trigger` raises `wanted`, a worker claims the row,
//! reads what the source says now, binds it, carries it out with one call at a time, and releases. Events are lost, late,
//! repeated and out of order; two workers crash, pause beyond their claim and go on as if nothing had happened; a call
//! that got no answer may land later. `state` is what there is, `actions` what can happen, `carry` and `release` what a
//! worker does, `cluster` how the API server answers, `properties` what must hold, `tests` the bounds.
//! `zone` is a second model: two environments that share a DNS zone.
//!
//! Two things show that the model can see: everything in `mistakes` is found, and everything in `POSSIBILITIES` is
//! reached. That no state comes back, so that "at rest" always comes, is checked too.

mod actions;
mod carry;
mod cluster;
mod mistakes;
mod progress;
mod properties;
mod release;
mod state;
mod tests;
mod zone;

use actions::{Action, act, duties, happenings};
use mistakes::Mistake;
use state::{
    Binding, Budget, Cluster, Delivery, Image, Intent, Namespace, Outcome, Phase, REVISIONS, Record, Row,
    Saying, Source, State, Witness, Worker,
};
use stateright::{Model, Property};

/// One environment and everything around it.
#[derive(Clone, Copy, Debug, Default)]
struct Protocol {
    budget: Budget,
    starts_running: bool,
    returns_on_failure: bool,
    mistake: Option<Mistake>,
}

const NOTHING: Budget = Budget {
    pushes: 0,
    images: 0,
    closes: 0,
    reopens: 0,
    destroys: 0,
    strangers: 0,
    losses: 0,
    duplicates: 0,
    accepts_crash: 0,
    crashes: 0,
    pauses: 0,
    unanswered: 0,
};

impl Protocol {
    fn is(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// The pull request was just opened; nobody has heard of it.
    fn opened() -> State {
        let mut images = [Image::Missing; REVISIONS];
        images[0] = Image::Good;
        State {
            source: Source { open: true, head: 0, images },
            deliveries: vec![Delivery { says: Saying::Head(0), phase: Phase::OnTheWire }],
            row: Row {
                records: Vec::new(),
                carrying: 0,
                due: false,
                claim: None,
                last_ready: None,
                tried: [false; REVISIONS],
                seen: None,
            },
            workers: [Worker::IDLE; 2],
            late: Vec::new(),
            cluster: Cluster::default(),
            left: NOTHING,
            witness: Witness::default(),
        }
    }

    /// The first revision runs, as generation 1.
    fn running() -> State {
        let mut state = Self::opened();
        let (bound, outcome) = (Some(Binding::Present(0)), Some(Outcome::Ready));
        state.row.records.push(Record { intent: Intent::Look, by: None, bound, outcome });
        state.deliveries[0].phase = Phase::Told;
        state.row.carrying = 1;
        state.row.last_ready = Some(0);
        state.row.seen = Some(state.source);
        state.cluster.namespace = Some(Namespace::Ours { generation: 1, terminating: false });
        state.cluster.objects[0] = Some(1);
        state
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let start = if self.starts_running { Self::running() } else { Self::opened() };
        vec![State { left: self.budget, ..start }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        happenings(state, actions);
        duties(self, state, actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        act(self, &mut next, action);
        Some(next.in_order())
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::properties()
    }
}
