//! Two environments share a zone: each asks for its record in a row of its own; one claim, one atomic batch.
//!
//! The mark of an environment is a TXT record with its generation. Moving to a new generation deletes the mark with the
//! exact value that was read and creates the new one, in one batch with the address; a batch of which one delete does not
//! match is refused as a whole, as Route 53 does. So a holder whose claim expired cannot overwrite what a newer one sent.

use stateright::{Checker, HasDiscoveries, Model, Property};

type Mark = Option<u8>;

/// How far the newest generation of an environment may come.
const NEWEST: u8 = 2;

const MARKS_RISE: &str = "a mark never falls";
const SAID_IS_THERE: &str = "what was said is in the zone";
const AT_REST_ALL_THERE: &str = "at rest every change is there and said";

/// What one could get wrong here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// The mark is written with UPSERT, whatever it was.
    Upsert,
    /// A batch is refused change by change.
    BatchInPieces,
    /// A batch without an answer is committed as if it had been accepted.
    UnansweredIsDone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Change {
    environment: usize,
    /// The mark as it was read, to be deleted by exact value.
    old: Mark,
    new: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Holder {
    Idle,
    Claimed,
    /// The pending changes and the marks they replace were read.
    Sending(Vec<Change>),
    /// Answered: accepted, or refused as a whole.
    Committing(Vec<Change>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Zone {
    /// What create-dns stored: the generation whose record each environment wants.
    pending: [u8; 2],
    /// What was said to be in the zone.
    said: [u8; 2],
    /// The records themselves.
    marks: [Mark; 2],
    holders: [Holder; 2],
    claim: Option<usize>,
    /// Batches without an answer: they land later, or never.
    late: Vec<Vec<Change>>,
    pauses: u8,
    unanswered: u8,
    fell: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    Want(usize),
    Claim(usize),
    Expire,
    Read(usize),
    Send(usize),
    SendUnanswered(usize),
    Commit(usize),
    Lands(usize),
    NeverLands(usize),
}

#[derive(Clone, Copy, Debug, Default)]
struct Sharing {
    mistake: Option<Mistake>,
}

impl Sharing {
    fn is(self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// One batch, all or nothing.
    fn perform(self, zone: &mut Zone, batch: &[Change]) -> bool {
        let matches = |zone: &Zone, change: &Change| zone.marks[change.environment] == change.old;
        if !self.is(Mistake::Upsert)
            && !self.is(Mistake::BatchInPieces)
            && !batch.iter().all(|change| matches(zone, change))
        {
            return false;
        }
        for change in batch {
            if self.is(Mistake::BatchInPieces) && !matches(zone, change) {
                continue;
            }
            let mark = &mut zone.marks[change.environment];
            zone.fell |= *mark > Some(change.new);
            *mark = Some(change.new);
        }
        true
    }

    fn read(zone: &Zone) -> Vec<Change> {
        let change = |environment: usize| Change {
            environment,
            old: zone.marks[environment],
            new: zone.pending[environment],
        };
        (0..2).map(change).filter(|change| zone.said[change.environment] != change.new).collect()
    }

    /// Sends what is not there already; what was there when it was read may be said in any case.
    fn send(self, zone: &mut Zone, token: usize, is_answered: bool) {
        let Holder::Sending(changes) = zone.holders[token].clone() else { return };
        let (there, batch): (Vec<_>, Vec<_>) =
            changes.iter().partition(|change| change.old == Some(change.new));
        let accepted = is_answered && self.perform(zone, &batch);
        if !is_answered {
            zone.unanswered -= 1;
            zone.late.push(batch);
        }
        let is_done = accepted || self.is(Mistake::UnansweredIsDone);
        zone.holders[token] = Holder::Committing(if is_done { changes } else { there });
    }

    /// Conditional on the token: each environment is told what its record is now.
    fn commit(zone: &mut Zone, token: usize, batch: &[Change]) {
        if zone.claim != Some(token) {
            return;
        }
        zone.claim = None;
        for change in batch {
            zone.said[change.environment] = change.new;
        }
    }
}

fn is_owed(zone: &Zone) -> bool {
    zone.said != zone.pending
}

impl Model for Sharing {
    type State = Zone;
    type Action = Action;

    fn init_states(&self) -> Vec<Zone> {
        vec![Zone {
            pending: [0; 2],
            said: [0; 2],
            marks: [None; 2],
            holders: [Holder::Idle, Holder::Idle],
            claim: None,
            late: Vec::new(),
            pauses: 1,
            unanswered: 1,
            fell: false,
        }]
    }

    fn actions(&self, zone: &Zone, actions: &mut Vec<Action>) {
        for one in 0..2 {
            actions.extend((zone.pending[one] < NEWEST).then_some(Action::Want(one)));
            actions.extend(match zone.holders[one] {
                Holder::Idle if zone.claim.is_none() && is_owed(zone) => vec![Action::Claim(one)],
                Holder::Idle => Vec::new(),
                Holder::Claimed => vec![Action::Read(one)],
                Holder::Sending(_) if zone.unanswered > 0 => {
                    vec![Action::Send(one), Action::SendUnanswered(one)]
                }
                Holder::Sending(_) => vec![Action::Send(one)],
                Holder::Committing(_) => vec![Action::Commit(one)],
            });
        }
        actions.extend((zone.claim.is_some() && zone.pauses > 0).then_some(Action::Expire));
        actions
            .extend((0..zone.late.len()).flat_map(|place| [Action::Lands(place), Action::NeverLands(place)]));
    }

    fn next_state(&self, zone: &Zone, action: Action) -> Option<Zone> {
        let mut next = zone.clone();
        match action {
            Action::Want(environment) => next.pending[environment] += 1,
            Action::Claim(token) => {
                next.claim = Some(token);
                next.holders[token] = Holder::Claimed;
            }
            Action::Expire => {
                next.claim = None;
                next.pauses -= 1;
            }
            Action::Read(token) => next.holders[token] = Holder::Sending(Self::read(zone)),
            Action::Send(token) => self.send(&mut next, token, true),
            Action::SendUnanswered(token) => self.send(&mut next, token, false),
            Action::Commit(token) => {
                let Holder::Committing(batch) = &zone.holders[token] else { return None };
                Self::commit(&mut next, token, batch);
                next.holders[token] = Holder::Idle;
            }
            Action::Lands(place) => {
                let batch = next.late.remove(place);
                self.perform(&mut next, &batch);
            }
            Action::NeverLands(place) => {
                next.late.remove(place);
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(MARKS_RISE, |_, zone: &Zone| !zone.fell),
            Property::always(SAID_IS_THERE, |_, zone: &Zone| {
                (0..2).all(|one| zone.said[one] == 0 || zone.marks[one] >= Some(zone.said[one]))
            }),
            Property::always(AT_REST_ALL_THERE, |sharing: &Sharing, zone: &Zone| {
                let mut actions = Vec::new();
                sharing.actions(zone, &mut actions);
                !actions.is_empty() || (zone.said == zone.pending && zone.marks == zone.said.map(Some))
            }),
            Property::sometimes("a batch carries two environments", |_, zone: &Zone| {
                zone.holders.iter().any(|holder| matches!(holder, Holder::Sending(batch) if batch.len() == 2))
            }),
        ]
    }
}

#[test]
fn the_zone_holds_everywhere() {
    let checker = Sharing::default().checker().spawn_dfs().join();
    checker.assert_properties();
    assert!(checker.is_done());
    println!("zone: {} states, complete", checker.unique_state_count());
}

fn finds(mistake: Mistake, property: &'static str) {
    let found = HasDiscoveries::AllOf([property].into());
    let checker = Sharing { mistake: Some(mistake) }.checker().finish_when(found).spawn_bfs().join();
    let steps = checker.discovery(property).map(|path| path.into_actions()).unwrap_or_default();
    assert!(!steps.is_empty(), "{mistake:?} was not found");
    println!("{mistake:?}: \"{property}\" violated in {} steps: {steps:?}", steps.len());
}

#[test]
fn finds_upsert() {
    finds(Mistake::Upsert, MARKS_RISE);
}

#[test]
fn finds_batch_in_pieces() {
    finds(Mistake::BatchInPieces, SAID_IS_THERE);
}

#[test]
fn finds_unanswered_is_done() {
    finds(Mistake::UnansweredIsDone, SAID_IS_THERE);
}
