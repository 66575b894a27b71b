//! How a generation is carried out: claim, one call after the other, release.
//!
//! `resolve-config` is `ReadSource` and `Bind`; `create` is raise or create the namespace, apply, prune, verify; `undo` is
//! raise the namespace, delete it, look until it is gone. Every write to the row is conditional on the token.

use super::Protocol;
use super::cluster::perform;
use super::mistakes::Mistake;
use super::release::release;
use super::state::{
    Binding, Claim, Effect, Finding, Generation, Image, Intent, LateCall, Namespace, Outcome, Saying, Source,
    State, Step, Worker,
};

/// A message for the environment may be taken up now.
pub(super) fn may_claim(protocol: &Protocol, state: &State) -> bool {
    let row = &state.row;
    row.due
        && row.claim.is_none_or(|claim| claim.expired)
        && state.workers.contains(&Worker::IDLE)
        && !is_waiting(protocol, state)
}

/// Looking now would find what the last look found; left out so that waiting is not a cycle.
fn is_waiting(protocol: &Protocol, state: &State) -> bool {
    let terminating = matches!(state.cluster.namespace, Some(Namespace::Ours { terminating: true, .. }));
    let is_raised = matches!(state.cluster.namespace, Some(Namespace::Ours { generation, .. }) if generation >= state.row.carrying);
    let settling = state.cluster.namespace.is_none() && state.is_settling();
    match state.row.bound(state.row.carrying) {
        _ if state.row.claim.is_some() || state.row.outcome(state.row.carrying).is_some() => false,
        Some(Binding::Absent) => terminating || (settling && !protocol.is(Mistake::GoneAtOnce)),
        Some(Binding::Nothing) => settling || (is_raised && state.is_settling()),
        _ => false,
    }
}

/// Read and claim in one conditional update. An expired claim that is taken over counts into `late_until`.
pub(super) fn claim(protocol: &Protocol, state: &mut State) -> Option<usize> {
    let token = state.workers.iter().position(|worker| *worker == Worker::IDLE)?;
    if state.row.claim.is_some() && !protocol.is(Mistake::TakeoverForgetsUntil) {
        state
            .workers
            .iter_mut()
            .filter(|worker| **worker != Worker::IDLE)
            .for_each(|late| late.awaited = true);
        state.late.iter_mut().for_each(|late| late.awaited = true);
    }
    if state.row.carrying == 0 || state.row.outcome(state.row.carrying).is_some() {
        let newest = state.row.wanted();
        super::release::hand_over(state, newest);
    }
    state.row.claim = Some(Claim { holder: Some(token), expired: false });
    state.workers[token] = Worker {
        step: first_step(protocol, state),
        generation: state.row.carrying,
        wanted: state.row.wanted(),
        fresh: false,
        settled: !state.is_settling() || protocol.is(Mistake::GoneAtOnce),
        awaited: false,
    };
    Some(token)
}

fn first_step(protocol: &Protocol, state: &mut State) -> Step {
    let Some(record) = state.row.record_mut(state.row.carrying) else { return Step::Idle };
    record.bound = record.bound.or(match record.intent {
        Intent::Absent => Some(Binding::Absent),
        Intent::Return(revision) => Some(Binding::Present(revision)),
        Intent::Look | Intent::Believe(_) => None,
    });
    record.bound.map_or(Step::ReadSource, |binding| after_binding(protocol, binding))
}

fn after_binding(protocol: &Protocol, binding: Binding) -> Step {
    if binding == Binding::Nothing && protocol.is(Mistake::EndsWithoutFence) {
        return Step::Release(Finding::Final(Outcome::Failed));
    }
    Step::ReadNamespace
}

/// Whether the worker's token is the one in the row.
pub(super) fn holds(state: &State, token: usize) -> bool {
    state.row.claim.is_some_and(|claim| claim.holder == Some(token))
}

/// The worker's next atomic step.
pub(super) fn step(protocol: &Protocol, state: &mut State, token: usize) {
    let worker = state.workers[token];
    let next = match worker.step {
        Step::Idle => Step::Idle,
        Step::ReadSource => read_source(protocol, state, worker.generation),
        Step::Bind(binding, seen) => bind(protocol, state, token, binding, seen),
        Step::ReadNamespace => {
            state.workers[token].fresh = true;
            read_namespace(protocol, state, worker)
        }
        Step::Call(effect) => call(protocol, state, token, effect),
        Step::ReadObjects => read_objects(protocol, state, worker.generation),
        Step::Release(finding) => {
            release(protocol, state, token, finding);
            Step::Idle
        }
    };
    let worker = &mut state.workers[token];
    worker.step = next;
    if next == Step::Idle {
        *worker = Worker::IDLE;
    }
}

fn read_source(protocol: &Protocol, state: &mut State, generation: Generation) -> Step {
    let mut seen = state.source;
    if let Some(Intent::Believe(saying)) = state.row.record(generation).map(|record| record.intent) {
        believe(&mut seen, saying);
    }
    let binding = resolve(protocol, state, seen);
    state.witness.torn_down_open |= binding == Binding::Absent && state.source.open;
    Step::Bind(binding, seen)
}

/// Only under a mistake: the event instead of the source.
fn believe(seen: &mut Source, saying: Saying) {
    seen.open = matches!(saying, Saying::Head(_));
    if let Saying::Head(revision) = saying {
        seen.head = revision;
    }
}

/// What the source says now is what the generation shall be.
fn resolve(protocol: &Protocol, state: &State, seen: Source) -> Binding {
    if !seen.open {
        return Binding::Absent;
    }
    if state.row.tried[seen.head] && !protocol.is(Mistake::FailedProposedAgain) {
        let returns = protocol.returns_on_failure && !protocol.is(Mistake::ReturnForgotten);
        let back_to = state.row.last_ready.filter(|_| returns);
        return back_to.map_or(Binding::Nothing, Binding::Present);
    }
    match seen.images[seen.head] {
        Image::Missing => Binding::Nothing,
        Image::Good | Image::Bad => Binding::Present(seen.head),
    }
}

/// The binding is the generation's record: written once, by who holds the claim.
fn bind(protocol: &Protocol, state: &mut State, token: usize, binding: Binding, seen: Source) -> Step {
    if !holds(state, token) {
        return Step::Idle;
    }
    state.row.seen = Some(seen);
    if let Some(record) = state.row.record_mut(state.workers[token].generation) {
        record.bound = Some(binding);
    }
    after_binding(protocol, binding)
}

fn read_namespace(protocol: &Protocol, state: &State, worker: Worker) -> Step {
    let Some(binding) = state.row.bound(worker.generation) else { return Step::Idle };
    match state.cluster.namespace {
        None => without_namespace(binding, worker),
        Some(Namespace::Strangers) if protocol.is(Mistake::StrangersAdopted) => {
            Step::Call(Effect::RaiseNamespace)
        }
        Some(Namespace::Strangers) if binding == Binding::Absent => without_namespace(binding, worker),
        Some(Namespace::Strangers) => Step::Release(Finding::Final(Outcome::Refused)),
        Some(Namespace::Ours { terminating: true, .. }) if !protocol.is(Mistake::ReopenIntoTerminating) => {
            Step::Release(Finding::Again)
        }
        Some(Namespace::Ours { generation, .. }) if generation < worker.generation => {
            Step::Call(Effect::RaiseNamespace)
        }
        Some(Namespace::Ours { generation, .. }) if generation > worker.generation => {
            Step::Release(Finding::Again)
        }
        Some(Namespace::Ours { .. }) => behind_the_fence(protocol, binding, worker),
    }
}

/// Nothing there. That it stays so is known only once nothing late can land any more.
fn without_namespace(binding: Binding, worker: Worker) -> Step {
    match binding {
        Binding::Present(_) => Step::Call(Effect::CreateNamespace),
        _ if !worker.settled => Step::Release(Finding::Again),
        Binding::Absent => Step::Release(Finding::Final(Outcome::Gone)),
        Binding::Nothing => Step::Release(Finding::Final(Outcome::Failed)),
    }
}

/// A late prune cannot be fenced, so who leaves what runs says so once nothing late can land any more.
fn behind_the_fence(protocol: &Protocol, binding: Binding, worker: Worker) -> Step {
    match binding {
        Binding::Nothing if !worker.settled && !protocol.is(Mistake::LeavesWithoutSettling) => {
            Step::Release(Finding::Again)
        }
        Binding::Present(revision) => Step::Call(Effect::Apply(revision)),
        Binding::Absent => Step::Call(Effect::DeleteNamespace),
        Binding::Nothing => Step::Release(Finding::Final(Outcome::Failed)),
    }
}

/// One attempt on the wire, answered.
fn call(protocol: &Protocol, state: &mut State, token: usize, effect: Effect) -> Step {
    let Worker { generation, fresh, awaited, .. } = state.workers[token];
    let accepted = perform(state, LateCall { effect, generation, fresh, awaited }, protocol.mistake);
    let Some(binding) = state.row.bound(generation).filter(|_| accepted) else {
        return Step::Release(Finding::Again);
    };
    match effect {
        Effect::CreateNamespace | Effect::RaiseNamespace => {
            state.workers[token].fresh = true;
            behind_the_fence(protocol, binding, state.workers[token])
        }
        Effect::Apply(_) | Effect::DeleteObject(..) => Step::ReadObjects,
        Effect::DeleteNamespace => Step::Release(Finding::Again),
    }
}

/// List by mark: prune what an older generation left (a delete cannot be fenced: it names no generation), and see whether ours is ready.
fn read_objects(protocol: &Protocol, state: &State, generation: Generation) -> Step {
    let Some(Binding::Present(revision)) = state.row.bound(generation) else { return Step::Idle };
    let objects = state.cluster.objects.iter().enumerate();
    let others =
        objects.filter_map(|(other, mark)| Some((other, (*mark)?))).filter(|(other, _)| *other != revision);
    let prunes_newer = protocol.is(Mistake::PrunesNewer);
    if let Some((other, mark)) = others.into_iter().find(|(_, mark)| *mark < generation || prunes_newer) {
        return Step::Call(Effect::DeleteObject(other, mark));
    }
    match (state.cluster.objects[revision], state.source.images[revision]) {
        (Some(mark), Image::Good) if mark == generation => Step::Release(Finding::Final(Outcome::Ready)),
        (Some(mark), _) if mark == generation => Step::Release(Finding::Final(Outcome::Failed)),
        _ => Step::Release(Finding::Again),
    }
}
