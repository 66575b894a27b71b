//! All that can happen next, and what it does.
//!
//! `happenings` are other people's: the source moves, the wire loses and delays, handlers die and pause, answers get
//! lost. `duties` are the protocol's own, those that time or the clock brings about for certain. A state without duties
//! is at rest.

use super::Protocol;
use super::carry::{claim, holds, may_claim, step};
use super::cluster::{finish, namespace_changed, perform};
use super::mistakes::Mistake;
use super::state::{
    Budget, Delivery, Finding, Generation, Image, Intent, LateCall, Namespace, Phase, REVISIONS, Saying,
    State, Step, Worker,
};

/// One atomic step of the world. Numbers are delivery ids, tokens, and places in the list of late calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Action {
    Push(Image),
    ImageArrives,
    Close,
    Reopen,
    Destroy,
    StrangerTakesName,
    Lose(usize),
    Deliver(usize),
    Redeliver(usize),
    AcceptDies(usize),
    /// The claim was written, its answer lost; the same request again is refused and shows the own token.
    ClaimUnanswered,
    /// The claim's `until` passes while its holder is paused, or dead.
    Expire,
    Dies(usize),
    CallUnanswered(usize),
    Lands(usize),
    NeverLands(usize),
    Raise(usize),
    Record(usize),
    ClockLooks,
    Claim,
    Step(usize),
    NamespaceFinishes,
}

/// Everything that may happen without us.
pub(super) fn happenings(state: &State, actions: &mut Vec<Action>) {
    let (left, source) = (&state.left, &state.source);
    let mut offer = |possible: bool, action: Action| actions.extend(possible.then_some(action));
    for image in [Image::Missing, Image::Good, Image::Bad] {
        offer(left.pushes > 0 && source.open && source.head + 1 < REVISIONS, Action::Push(image));
    }
    offer(left.images > 0 && source.images[source.head] == Image::Missing, Action::ImageArrives);
    offer(left.closes > 0 && source.open, Action::Close);
    offer(left.reopens > 0 && !source.open, Action::Reopen);
    offer(left.destroys > 0, Action::Destroy);
    offer(left.strangers > 0 && state.cluster.namespace.is_none(), Action::StrangerTakesName);
    for (id, delivery) in state.deliveries.iter().enumerate() {
        let on_the_wire = delivery.phase == Phase::OnTheWire;
        let accepting = matches!(delivery.phase, Phase::Raising(_) | Phase::MarkedDone);
        let accepted = matches!(delivery.phase, Phase::Raised(_) | Phase::Told);
        offer(on_the_wire, Action::Deliver(id));
        offer(on_the_wire && left.losses > 0, Action::Lose(id));
        offer((accepting || accepted) && left.duplicates > 0, Action::Redeliver(id));
        offer(accepting && left.accepts_crash > 0, Action::AcceptDies(id));
    }
    for (token, worker) in state.workers.iter().enumerate() {
        let calling = matches!(worker.step, Step::Call(_));
        let may_die = left.crashes > 0 || is_past_until(state, token);
        offer(*worker != Worker::IDLE && may_die, Action::Dies(token));
        offer(calling && left.unanswered > 0, Action::CallUnanswered(token));
    }
    for place in 0..state.late.len() {
        offer(true, Action::Lands(place));
    }
    let pausable = state.row.claim.is_some_and(|claim| !claim.expired && claim.holder.is_some());
    offer(pausable && left.pauses > 0, Action::Expire);
}

/// Everything that we owe, and what time brings for certain.
pub(super) fn duties(protocol: &Protocol, state: &State, actions: &mut Vec<Action>) {
    let mut offer = |possible: bool, action: Action| actions.extend(possible.then_some(action));
    for (id, delivery) in state.deliveries.iter().enumerate() {
        offer(delivery.phase == Phase::Open, Action::Raise(id));
        offer(matches!(delivery.phase, Phase::Raising(_) | Phase::MarkedDone), Action::Record(id));
    }
    let claimable = may_claim(protocol, state);
    let expires = state.row.claim.is_some_and(|claim| !claim.expired && claim.holder.is_none());
    offer(expires, Action::Expire);
    offer(claimable, Action::Claim);
    offer(claimable && state.left.unanswered > 0, Action::ClaimUnanswered);
    for (token, worker) in state.workers.iter().enumerate() {
        offer(*worker != Worker::IDLE, Action::Step(token));
    }
    for place in 0..state.late.len() {
        offer(true, Action::NeverLands(place));
    }
    let terminating = matches!(state.cluster.namespace, Some(Namespace::Ours { terminating: true, .. }));
    offer(terminating, Action::NamespaceFinishes);
    let is_standing = !state.row.due && state.row.claim.is_none();
    offer(is_standing && state.row.seen != Some(state.source), Action::ClockLooks);
}

/// The worker outlived its claim's `until`: its hard deadline may end it at any moment.
fn is_past_until(state: &State, token: usize) -> bool {
    !holds(state, token) || state.row.claim.is_some_and(|claim| claim.expired)
}

/// Does it.
pub(super) fn act(protocol: &Protocol, state: &mut State, action: Action) {
    match action {
        Action::Push(_)
        | Action::ImageArrives
        | Action::Close
        | Action::Reopen
        | Action::Destroy
        | Action::StrangerTakesName => source_moves(state, action),
        Action::Lose(id) => {
            spend(&mut state.left, |left| &mut left.losses);
            state.deliveries[id].phase = Phase::Lost;
        }
        Action::Deliver(id) => deliver(protocol, state, id),
        Action::Redeliver(id) => {
            spend(&mut state.left, |left| &mut left.duplicates);
            raise(protocol, state, id);
        }
        Action::AcceptDies(id) => accept_dies(state, id),
        Action::Raise(id) if protocol.is(Mistake::DoneBeforeFanOut) => {
            state.deliveries[id].phase = Phase::MarkedDone;
        }
        Action::Raise(id) => raise(protocol, state, id),
        Action::Record(id) => record(protocol, state, id),
        Action::ClockLooks => {
            state.row.raise(Intent::Look, None);
        }
        Action::Claim => {
            claim(protocol, state);
        }
        Action::ClaimUnanswered => claim_unanswered(protocol, state),
        Action::Step(token) => step(protocol, state, token),
        Action::Expire => expire(state),
        Action::Dies(token) => dies(state, token),
        Action::CallUnanswered(token) => call_unanswered(state, token),
        Action::Lands(place) => {
            let call = state.late.remove(place);
            perform(state, call, protocol.mistake);
        }
        Action::NeverLands(place) => {
            state.late.remove(place);
        }
        Action::NamespaceFinishes => finish(state),
    }
}

fn spend(left: &mut Budget, of: fn(&mut Budget) -> &mut u8) {
    let count = of(left);
    *count = count.saturating_sub(1);
}

fn source_moves(state: &mut State, action: Action) {
    let (left, source) = (&mut state.left, &mut state.source);
    match action {
        Action::Push(image) => {
            spend(left, |left| &mut left.pushes);
            source.head += 1;
            source.images[source.head] = image;
        }
        Action::ImageArrives => {
            spend(left, |left| &mut left.images);
            source.images[source.head] = Image::Good;
        }
        Action::Close => {
            spend(left, |left| &mut left.closes);
            source.open = false;
        }
        Action::Reopen => {
            spend(left, |left| &mut left.reopens);
            source.open = true;
        }
        Action::StrangerTakesName => {
            spend(left, |left| &mut left.strangers);
            state.cluster.namespace = Some(Namespace::Strangers);
            return namespace_changed(state);
        }
        _ => spend(left, |left| &mut left.destroys),
    }
    let says = match action {
        Action::Close => Saying::Closed,
        Action::Destroy => Saying::Destroy,
        _ => Saying::Head(source.head),
    };
    state.deliveries.push(Delivery { says, phase: Phase::OnTheWire });
}

/// The door's conditional put, and the rest at once when nothing is left that could fall in between.
fn deliver(protocol: &Protocol, state: &mut State, id: usize) {
    state.deliveries[id].phase = Phase::Open;
    if state.left.accepts_crash == 0 && state.left.duplicates == 0 {
        raise(protocol, state, id);
        record(protocol, state, id);
    }
}

/// accept-trigger, first half: one environment is raised, unless this trigger has already raised it.
fn raise(protocol: &Protocol, state: &mut State, id: usize) {
    let says = state.deliveries[id].says;
    let believes = protocol.is(Mistake::OrderFromEvents)
        || (protocol.is(Mistake::ClosedEventBelieved) && says == Saying::Closed);
    let intent = match says {
        Saying::Destroy => Intent::Absent,
        _ if believes => Intent::Believe(says),
        _ => Intent::Look,
    };
    if matches!(state.deliveries[id].phase, Phase::Raised(_) | Phase::Told) {
        return;
    }
    let raised_before = state.row.records.iter().position(|record| record.by == Some(id));
    let generation = match raised_before {
        Some(index) if !protocol.is(Mistake::RaisedTwice) => index as Generation + 1,
        _ => state.row.raise(intent, Some(id)),
    };
    state.witness.raised_twice |= raised_before.is_some_and(|index| index as Generation + 1 != generation);
    state.deliveries[id].phase = Phase::Raising(generation);
}

/// accept-trigger, second half: the cursor in the trigger row.
fn record(protocol: &Protocol, state: &mut State, id: usize) {
    if state.deliveries[id].phase == Phase::MarkedDone {
        raise(protocol, state, id);
    }
    if let Phase::Raising(generation) = state.deliveries[id].phase {
        state.deliveries[id].phase = Phase::Raised(generation);
        state
            .row
            .records
            .iter_mut()
            .filter(|record| record.by == Some(id))
            .for_each(|record| record.by = None);
    }
}

fn accept_dies(state: &mut State, id: usize) {
    spend(&mut state.left, |left| &mut left.accepts_crash);
    let delivery = &mut state.deliveries[id];
    delivery.phase = if delivery.phase == Phase::MarkedDone { Phase::Forgotten } else { Phase::Open };
}

fn claim_unanswered(protocol: &Protocol, state: &mut State) {
    spend(&mut state.left, |left| &mut left.unanswered);
    let token = claim(protocol, state);
    if let (Some(token), true) = (token, protocol.is(Mistake::RefusalIsAlwaysALostRace)) {
        leave(state, token);
    }
}

fn expire(state: &mut State) {
    let Some(claim) = &mut state.row.claim else { return };
    claim.expired = true;
    if claim.holder.is_some() {
        spend(&mut state.left, |left| &mut left.pauses);
    }
}

fn dies(state: &mut State, token: usize) {
    if !is_past_until(state, token) {
        spend(&mut state.left, |left| &mut left.crashes);
    }
    state.witness.died = true;
    leave(state, token);
}

fn leave(state: &mut State, token: usize) {
    state.workers[token] = Worker::IDLE;
    if let Some(claim) = state.row.claim.as_mut().filter(|claim| claim.holder == Some(token)) {
        claim.holder = None;
    }
}

/// Maybe done: the call is out, and the step ends so that its retry begins with reading.
fn call_unanswered(state: &mut State, token: usize) {
    spend(&mut state.left, |left| &mut left.unanswered);
    let Worker { step: Step::Call(effect), generation, fresh, awaited, .. } = state.workers[token] else {
        return;
    };
    state.late.push(LateCall { effect, generation, fresh, awaited });
    state.workers[token].step = Step::Release(Finding::Again);
}
