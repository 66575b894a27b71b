//! Everything there is at one moment: the source, what is on the wire, our one row, the workers, and the cluster.
//!
//! Time is not counted. A claim's `until` passes at any moment while its holder lives (`expired`), and what belongs to
//! such a claim may act on until it dies, which is when `until` and the margin are over. That `late_until` of the
//! environment row has passed is therefore: nothing that it was raised for (`awaited`) is still alive.

pub(super) use super::cluster::{Cluster, Effect, LateCall, Namespace};

/// Counts the intents of the environment; 0 is "none yet".
pub(super) type Generation = u8;

/// One pushed commit and its image; the source's own order.
pub(super) type Revision = usize;

/// How many revisions there can be.
pub(super) const REVISIONS: usize = 3;

/// What was built from a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Image {
    Missing,
    Good,
    Bad,
}

/// The pull request and its images: the truth that everything converges to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Source {
    pub open: bool,
    pub head: Revision,
    pub images: [Image; REVISIONS],
}

/// What an event says. The protocol hears only "look", or that a person wants the environment gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Saying {
    Head(Revision),
    Closed,
    Destroy,
}

/// How far a delivery has come. From `Open` on it is a trigger row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Phase {
    OnTheWire,
    Lost,
    Open,
    /// `wanted` was raised to this generation; the trigger row does not say so yet.
    Raising(Generation),
    /// The trigger row says that its outcome is that of this generation.
    Raised(Generation),
    /// That generation has spoken: the trigger is closed.
    Told,
    /// Only under a mistake: the row says done, and nothing was raised yet.
    MarkedDone,
    /// Only under a mistake: the row says done, and nothing will ever be raised.
    Forgotten,
}

/// One delivery; its index is its delivery id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Delivery {
    pub says: Saying,
    pub phase: Phase,
}

/// What a generation was asked to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Intent {
    Look,
    Absent,
    Return(Revision),
    /// Only under a mistake: what the event said is believed.
    Believe(Saying),
}

/// What resolve-config bound a generation to, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Binding {
    Present(Revision),
    Absent,
    /// No image, or a head that has failed before: fail and say so, leave what runs.
    Nothing,
}

/// What was said of a generation, where a person can see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Outcome {
    Ready,
    Failed,
    Refused,
    Gone,
    Superseded,
}

/// The record of one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Record {
    pub intent: Intent,
    /// The delivery that raised it, until its trigger row says so: who accepts it again finds its generation here.
    pub by: Option<usize>,
    pub bound: Option<Binding>,
    pub outcome: Option<Outcome>,
}

/// Who carries the environment out just now. The token is the worker; `None` is one that died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Claim {
    pub holder: Option<usize>,
    pub expired: bool,
}

/// The environment row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Row {
    /// `wanted` is the last of these.
    pub records: Vec<Record>,
    pub carrying: Generation,
    pub due: bool,
    pub claim: Option<Claim>,
    pub last_ready: Option<Revision>,
    pub tried: [bool; REVISIONS],
    /// What the last bound look saw: the clock's conditional request compares with it.
    pub seen: Option<Source>,
}

/// What a worker does next. Each step is one call to one thing, and a crash can fall between any two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Step {
    Idle,
    ReadSource,
    Bind(Binding, Source),
    ReadNamespace,
    Call(Effect),
    ReadObjects,
    Release(Finding),
}

/// What the releasing write says of the generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Finding {
    Final(Outcome),
    Again,
}

/// One running handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Worker {
    pub step: Step,
    pub generation: Generation,
    /// `wanted` as it was when the claim was taken.
    pub wanted: Generation,
    /// The resourceVersion that it read on the namespace is still the current one.
    pub fresh: bool,
    /// `late_until` was already over when the claim was taken.
    pub settled: bool,
    /// It lost its claim, and `late_until` counts it.
    pub awaited: bool,
}

/// How often each thing may still happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Budget {
    pub pushes: u8,
    pub images: u8,
    pub closes: u8,
    pub reopens: u8,
    pub destroys: u8,
    pub strangers: u8,
    pub losses: u8,
    pub duplicates: u8,
    /// Of the handler that accepts triggers, and of the steps.
    pub accepts_crash: u8,
    pub crashes: u8,
    pub pauses: u8,
    pub unanswered: u8,
}

/// What no later state shows any more, and must never have happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Witness {
    pub late_effect: bool,
    pub generation_fell: bool,
    pub stranger_touched: bool,
    pub torn_down_open: bool,
    pub spoke_twice: bool,
    pub raised_twice: bool,
    pub ready_untrue: bool,
    pub gone_untrue: bool,
    pub died: bool,
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct State {
    pub source: Source,
    pub deliveries: Vec<Delivery>,
    pub row: Row,
    pub workers: [Worker; 2],
    pub late: Vec<LateCall>,
    pub cluster: Cluster,
    pub left: Budget,
    pub witness: Witness,
}

impl Worker {
    pub(super) const IDLE: Self =
        Self { step: Step::Idle, generation: 0, wanted: 0, fresh: false, settled: false, awaited: false };
}

impl Row {
    /// The newest generation.
    pub(super) fn wanted(&self) -> Generation {
        Generation::try_from(self.records.len()).unwrap_or(Generation::MAX)
    }

    pub(super) fn record(&self, generation: Generation) -> Option<&Record> {
        self.records.get(usize::from(generation).checked_sub(1)?)
    }

    pub(super) fn record_mut(&mut self, generation: Generation) -> Option<&mut Record> {
        self.records.get_mut(usize::from(generation).checked_sub(1)?)
    }

    pub(super) fn bound(&self, generation: Generation) -> Option<Binding> {
        self.record(generation)?.bound
    }

    pub(super) fn outcome(&self, generation: Generation) -> Option<Outcome> {
        self.record(generation)?.outcome
    }

    /// One conditional write: the next generation, due at once.
    pub(super) fn raise(&mut self, intent: Intent, by: Option<usize>) -> Generation {
        self.records.push(Record { intent, by, bound: None, outcome: None });
        self.due = true;
        self.wanted()
    }

    /// The newest generation that has said something of its own.
    pub(super) fn last_spoken(&self) -> Generation {
        let spoken = |record: &Record| record.outcome.is_some_and(|outcome| outcome != Outcome::Superseded);
        self.records.iter().rposition(spoken).map_or(0, |index| index as Generation + 1)
    }
}

impl State {
    /// One of all the states that differ in nothing that matters: closed triggers are alike, and so are the workers.
    pub(super) fn in_order(mut self) -> Self {
        if self.workers[1] < self.workers[0] {
            self.workers.swap(0, 1);
            if let Some(Claim { holder: Some(holder), .. }) = &mut self.row.claim {
                *holder = 1 - *holder;
            }
        }
        self.late.sort_unstable();
        for delivery in &mut self.deliveries {
            if let Phase::Raised(generation) = delivery.phase
                && self.row.outcome(generation).is_some()
            {
                delivery.phase = Phase::Told;
            }
        }
        self
    }

    /// Something that `late_until` was raised for is still alive.
    pub(super) fn is_settling(&self) -> bool {
        self.workers.iter().any(|worker| worker.awaited) || self.late.iter().any(|call| call.awaited)
    }
}
