//! What must hold, and the rule of the protocol that each of them stands for.

use super::Protocol;
use super::actions::duties;
use super::state::{Binding, Generation, Image, Intent, Namespace, Outcome, Phase, Record, Source, State};
use stateright::Property;

/// "After a close nothing comes back": the environment is gone, so there is no namespace of ours.
pub(super) const GONE_STAYS_GONE: &str = "gone stays gone";
/// The fence: once a generation has spoken, no write of an older one changes anything.
pub(super) const SPOKEN_IS_FINAL: &str = "nothing older lands after a newer generation has spoken";
/// The fence, seen from the cluster: what carries a generation never gets an older one.
pub(super) const GENERATIONS_RISE: &str = "generations in the cluster never fall";
/// "What runs is the digest that was recorded for that generation."
pub(super) const RUNS_WHAT_WAS_BOUND: &str = "what runs was bound for its generation";
/// Ownership: what does not carry our mark is not touched.
pub(super) const ONLY_OURS: &str = "a stranger's namespace is left alone";
/// "Nothing automatic deploys a failed revision again."
pub(super) const FAILED_ONCE: &str = "a failed revision is not proposed again";
/// "Success is announced only when every object of that generation was seen ready."
pub(super) const READY_IS_TRUE: &str = "ready is said only of what is ready";
/// Gone is said only when the namespace is.
pub(super) const GONE_IS_TRUE: &str = "gone is said only of what is gone";
/// "Every generation has one outcome."
pub(super) const SPEAKS_ONCE: &str = "a generation speaks once";
/// "A trigger says look": a later generation never binds an older head.
pub(super) const HEADS_IN_ORDER: &str = "heads are bound in the source's order";
/// "Before anything is destroyed because a pull request closed, its live state was read and says closed."
pub(super) const CLOSED_WAS_READ: &str = "nothing is torn down while the source says open";
/// The return is written only if `wanted` is still the failed generation.
pub(super) const RETURN_YIELDS: &str = "a return supersedes nothing";
/// Accepting a trigger twice is accepting it once.
pub(super) const ONE_TRIGGER_ONE_INTENT: &str = "one trigger raises one generation";
/// "A refusal that shows its own token is success."
pub(super) const CLAIMS_ARE_WORKED: &str = "a claim has a worker, or one died";
/// "Every accepted trigger ends in exactly one outcome", and nothing stays in progress.
pub(super) const AT_REST_ALL_SAID: &str = "at rest everything has its outcome";
/// "Any order of deliveries converges to what the sources say."
pub(super) const AT_REST_AGREES: &str = "at rest the world agrees with the source";

/// All of them.
pub(super) fn properties() -> Vec<Property<Protocol>> {
    vec![
        Property::always(GONE_STAYS_GONE, |_, state: &State| gone_stays_gone(state)),
        Property::always(SPOKEN_IS_FINAL, |_, state: &State| !state.witness.late_effect),
        Property::always(GENERATIONS_RISE, |_, state: &State| !state.witness.generation_fell),
        Property::always(RUNS_WHAT_WAS_BOUND, |_, state: &State| runs_what_was_bound(state)),
        Property::always(ONLY_OURS, |_, state: &State| !state.witness.stranger_touched),
        Property::always(FAILED_ONCE, |_, state: &State| failed_once(state)),
        Property::always(READY_IS_TRUE, |_, state: &State| !state.witness.ready_untrue),
        Property::always(GONE_IS_TRUE, |_, state: &State| !state.witness.gone_untrue),
        Property::always(SPEAKS_ONCE, |_, state: &State| !state.witness.spoke_twice),
        Property::always(HEADS_IN_ORDER, |_, state: &State| heads_in_order(state)),
        Property::always(CLOSED_WAS_READ, |_, state: &State| !state.witness.torn_down_open),
        Property::always(RETURN_YIELDS, |_, state: &State| return_yields(state)),
        Property::always(ONE_TRIGGER_ONE_INTENT, |_, state: &State| !state.witness.raised_twice),
        Property::always(CLAIMS_ARE_WORKED, |_, state: &State| claims_are_worked(state)),
        Property::always(AT_REST_ALL_SAID, |protocol: &Protocol, state: &State| {
            !is_at_rest(protocol, state) || all_said(state)
        }),
        Property::always(AT_REST_AGREES, |protocol: &Protocol, state: &State| {
            !is_at_rest(protocol, state) || agrees(protocol, state)
        }),
    ]
}

/// Nothing is owed: no message, no wait and no deadline is left that would change anything.
pub(super) fn is_at_rest(protocol: &Protocol, state: &State) -> bool {
    let mut owed = Vec::new();
    duties(protocol, state, &mut owed);
    owed.is_empty()
}

fn is_ours(state: &State) -> bool {
    matches!(state.cluster.namespace, Some(Namespace::Ours { .. }))
}

fn gone_stays_gone(state: &State) -> bool {
    state.row.outcome(state.row.carrying) != Some(Outcome::Gone) || !is_ours(state)
}

fn runs_what_was_bound(state: &State) -> bool {
    let marks = state.cluster.objects.iter().enumerate();
    let mut marked = marks.filter_map(|(revision, mark)| Some((revision, (*mark)?)));
    marked.all(|(revision, mark)| state.row.bound(mark) == Some(Binding::Present(revision)))
}

fn failed_once(state: &State) -> bool {
    let records = &state.row.records;
    records.iter().enumerate().all(|(index, failed)| {
        let tried = |later: &Record| later.bound == failed.bound;
        failed.outcome != Some(Outcome::Failed)
            || !matches!(failed.bound, Some(Binding::Present(_)))
            || !records[index + 1..].iter().any(tried)
    })
}

/// Returns go back on purpose: a failed head was tried before them, in the source's order.
fn heads_in_order(state: &State) -> bool {
    let failed = |revision: usize| state.row.tried[revision];
    let looks = state.row.records.iter().filter(|record| !matches!(record.intent, Intent::Return(_)));
    let mut newest = 0;
    for record in looks {
        let Some(Binding::Present(revision)) = record.bound else { continue };
        if revision < newest && !failed(newest) {
            return false;
        }
        newest = newest.max(revision);
    }
    true
}

fn return_yields(state: &State) -> bool {
    let records = &state.row.records;
    records.windows(2).all(|pair| {
        let overridden = matches!(pair[1].intent, Intent::Return(_));
        !(overridden && pair[0].outcome == Some(Outcome::Superseded))
    })
}

fn claims_are_worked(state: &State) -> bool {
    state.row.claim.is_none_or(|claim| claim.holder.is_some()) || state.witness.died
}

fn all_said(state: &State) -> bool {
    let told = |generation: Generation| state.row.outcome(generation).is_some();
    let is_closed = |phase| matches!(phase, Phase::OnTheWire | Phase::Lost | Phase::Told);
    let triggers = state.deliveries.iter().all(|delivery| is_closed(delivery.phase));
    let generations = (1..=state.row.wanted()).all(told);
    triggers && generations && state.row.claim.is_none() && !state.row.due
}

/// Closed or destroyed: clean. Open: the head runs, or its failure is said and the type's choice runs.
fn agrees(protocol: &Protocol, state: &State) -> bool {
    let last = state.row.records.last().map(|record| record.intent);
    if last == Some(Intent::Absent) || !state.source.open {
        return !is_ours(state) && state.cluster.objects.iter().all(Option::is_none);
    }
    if state.cluster.namespace == Some(Namespace::Strangers) {
        return said(state, Outcome::Refused);
    }
    let Source { head, images, .. } = state.source;
    match images[head] {
        Image::Good => runs_alone(state, head) && said(state, Outcome::Ready),
        Image::Bad => has_failed(state, head) && after_failure(protocol, state, head),
        Image::Missing => said(state, Outcome::Failed),
    }
}

fn said(state: &State, outcome: Outcome) -> bool {
    state.row.outcome(state.row.wanted()) == Some(outcome)
}

fn has_failed(state: &State, revision: usize) -> bool {
    let failed = |record: &Record| record.outcome == Some(Outcome::Failed);
    state.row.records.iter().any(|record| failed(record) && record.bound == Some(Binding::Present(revision)))
}

fn after_failure(protocol: &Protocol, state: &State, head: usize) -> bool {
    match state.row.last_ready {
        Some(ready) if protocol.returns_on_failure => runs_alone(state, ready),
        _ => said(state, Outcome::Failed) && !runs_anything_but(state, head),
    }
}

fn runs_alone(state: &State, revision: usize) -> bool {
    let runs = state.row.last_spoken();
    is_ours(state)
        && state.cluster.objects[revision].is_some_and(|mark| mark <= runs)
        && !runs_anything_but(state, revision)
}

fn runs_anything_but(state: &State, revision: usize) -> bool {
    state.cluster.objects.iter().enumerate().any(|(other, mark)| other != revision && mark.is_some())
}

/// Whether a state is one of those.
pub(super) type Reached = fn(&State) -> bool;

/// What the model must be able to reach, or it has shown nothing.
pub(super) const POSSIBILITIES: &[(&str, Reached)] = &[
    ("ready after gone", |state| came_back_rightly(state)),
    ("a returned generation is ready", |state| {
        let ready = |record: &Record| record.outcome == Some(Outcome::Ready);
        state.row.records.iter().any(|record| ready(record) && matches!(record.intent, Intent::Return(_)))
    }),
    ("settling: nothing there, and something may still land", |state| {
        let absent = state.row.bound(state.row.carrying) == Some(Binding::Absent);
        absent && state.cluster.namespace.is_none() && state.is_settling()
    }),
    ("settling: a namespace was created late", |state| {
        let fence = state.row.carrying;
        let late =
            matches!(state.cluster.namespace, Some(Namespace::Ours { generation, .. }) if generation < fence);
        late && state.row.bound(fence) == Some(Binding::Absent) && state.is_settling()
    }),
    ("a person's wish to destroy is carried out", |state| {
        let gone = |record: &Record| record.outcome == Some(Outcome::Gone);
        state.row.records.iter().any(|record| record.intent == Intent::Absent && gone(record))
    }),
];

fn came_back_rightly(state: &State) -> bool {
    let gone = state.row.records.iter().position(|record| record.outcome == Some(Outcome::Gone));
    let ready = state.row.records.iter().rposition(|record| record.outcome == Some(Outcome::Ready));
    gone.is_some() && gone < ready
}
