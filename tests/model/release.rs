//! The write that releases a claim: it speaks for the generation, and hands over to the newest one that is wanted.

use super::Protocol;
use super::carry::holds;
use super::mistakes::Mistake;
use super::state::{Binding, Finding, Generation, Image, Intent, Namespace, Outcome, State};

/// Refused without the token; otherwise one conditional write, tried again with the newer `wanted` when that moved.
pub(super) fn release(protocol: &Protocol, state: &mut State, token: usize, finding: Finding) {
    if !holds(state, token) {
        return;
    }
    state.row.claim = None;
    if !protocol.is(Mistake::ReleaseForgetsMaybeDone) {
        state.late.iter_mut().for_each(|call| call.awaited = true);
    }
    let generation = state.row.carrying;
    if let Finding::Final(outcome) = finding {
        speak(state, generation, outcome);
    }
    let ignores_wanted = protocol.is(Mistake::ReleaseIgnoresWanted);
    let wanted = if ignores_wanted { state.workers[token].wanted } else { state.row.wanted() };
    let failed = finding == Finding::Final(Outcome::Failed);
    let back_to = state.row.last_ready.filter(|_| failed && may_return(protocol, state, generation));
    let is_newest = wanted == generation;
    match back_to {
        Some(revision) if is_newest || protocol.is(Mistake::ReturnOverridesNewer) => {
            let back = state.row.raise(Intent::Return(revision), None);
            hand_over(state, back);
        }
        _ if !is_newest && may_hand_over(protocol, state, finding) => hand_over(state, wanted),
        _ => state.row.due = finding == Finding::Again,
    }
}

/// An absent that has begun to delete runs to its end.
fn may_hand_over(protocol: &Protocol, state: &State, finding: Finding) -> bool {
    finding != Finding::Again
        || state.row.bound(state.row.carrying) != Some(Binding::Absent)
        || protocol.is(Mistake::ReopenIntoTerminating)
}

/// Only a failed rollout is returned from, and never a return.
fn may_return(protocol: &Protocol, state: &State, generation: Generation) -> bool {
    let record = state.row.record(generation);
    protocol.returns_on_failure
        && record.is_some_and(|record| matches!(record.bound, Some(Binding::Present(_))))
        && record.is_some_and(|record| !matches!(record.intent, Intent::Return(_)))
}

/// The newest generation is carried out next; those that never spoke are superseded by it.
pub(super) fn hand_over(state: &mut State, newest: Generation) {
    for older in state.row.carrying.max(1)..newest {
        if state.row.outcome(older).is_none() {
            speak(state, older, Outcome::Superseded);
        }
    }
    state.row.carrying = newest;
    state.row.due = true;
}

fn speak(state: &mut State, generation: Generation, outcome: Outcome) {
    state.witness.ready_untrue |= outcome == Outcome::Ready && !is_ready(state, generation);
    state.witness.gone_untrue |=
        outcome == Outcome::Gone && matches!(state.cluster.namespace, Some(Namespace::Ours { .. }));
    match (outcome, state.row.bound(generation)) {
        (Outcome::Ready, Some(Binding::Present(revision))) => state.row.last_ready = Some(revision),
        (Outcome::Failed, Some(Binding::Present(revision))) => state.row.tried[revision] = true,
        _ => {}
    }
    let Some(record) = state.row.record_mut(generation) else { return };
    let spoke_before = record.outcome.replace(outcome).is_some();
    state.witness.spoke_twice |= spoke_before;
}

/// Exactly the bound revision runs, at this generation, and its image can.
fn is_ready(state: &State, generation: Generation) -> bool {
    let Some(Binding::Present(bound)) = state.row.bound(generation) else { return false };
    let runs = |(revision, mark): (usize, &Option<Generation>)| {
        if revision == bound { *mark == Some(generation) } else { mark.is_none() }
    };
    let living = matches!(state.cluster.namespace, Some(Namespace::Ours { terminating: false, .. }));
    living && state.source.images[bound] == Image::Good && state.cluster.objects.iter().enumerate().all(runs)
}
