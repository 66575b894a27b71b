//! The API server, as far as the fence needs it: it decides about each write by what it holds at that moment.
//!
//! The rules: a namespace is raised, and deleted, only at the resourceVersion that was read; a write into a namespace is
//! refused when it is older than the namespace, creations included; an object is pruned only as it was listed; nothing
//! is created in a namespace that terminates. Creating the namespace itself asks for nothing but a free name.

use super::mistakes::Mistake;
use super::state::{Binding, Generation, Outcome, REVISIONS, Revision, State};

/// A write to the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Effect {
    CreateNamespace,
    RaiseNamespace,
    DeleteNamespace,
    Apply(Revision),
    /// With the generation that was read on it, which stands for the resourceVersion.
    DeleteObject(Revision, Generation),
}

/// A call that was sent and not answered: it lands later, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct LateCall {
    pub effect: Effect,
    pub generation: Generation,
    pub fresh: bool,
    pub awaited: bool,
}

/// The namespace of the environment's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Namespace {
    Ours { generation: Generation, terminating: bool },
    Strangers,
}

/// The cluster. An object is named after the revision that it carries and marked with its generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Cluster {
    pub namespace: Option<Namespace>,
    pub objects: [Option<Generation>; REVISIONS],
}

/// Carries out a call that has reached the API server, and says whether it was accepted.
pub(super) fn perform(state: &mut State, call: LateCall, mistake: Option<Mistake>) -> bool {
    let before = state.cluster;
    let Some(after) = answer(before, call, mistake) else { return false };
    state.cluster = after;
    if before.namespace != after.namespace {
        namespace_changed(state);
    }
    watch(state, before, call);
    true
}

/// The terminating namespace is gone, with everything in it.
pub(super) fn finish(state: &mut State) {
    state.cluster = Cluster::default();
    namespace_changed(state);
}

/// Every resourceVersion that was read before is an old one now.
pub(super) fn namespace_changed(state: &mut State) {
    state.workers.iter_mut().for_each(|worker| worker.fresh = false);
    state.late.iter_mut().for_each(|call| call.fresh = false);
}

fn answer(before: Cluster, call: LateCall, mistake: Option<Mistake>) -> Option<Cluster> {
    match call.effect {
        Effect::CreateNamespace | Effect::RaiseNamespace | Effect::DeleteNamespace => {
            let namespace = answer_namespace(before.namespace, call, mistake)?;
            Some(Cluster { namespace: Some(namespace), ..before })
        }
        Effect::Apply(_) | Effect::DeleteObject(..) => answer_object(before, call, mistake),
    }
}

fn answer_namespace(
    before: Option<Namespace>,
    call: LateCall,
    mistake: Option<Mistake>,
) -> Option<Namespace> {
    let by_name = mistake == Some(Mistake::NamespaceDeletedByName);
    match (call.effect, before) {
        (Effect::CreateNamespace, None) => {
            Some(Namespace::Ours { generation: call.generation, terminating: false })
        }
        (Effect::RaiseNamespace, Some(Namespace::Ours { terminating, .. })) if call.fresh => {
            Some(Namespace::Ours { generation: call.generation, terminating })
        }
        (Effect::RaiseNamespace, Some(Namespace::Strangers)) if call.fresh => {
            Some(Namespace::Ours { generation: call.generation, terminating: false })
        }
        (Effect::DeleteNamespace, Some(Namespace::Ours { generation, .. })) if call.fresh || by_name => {
            Some(Namespace::Ours { generation, terminating: true })
        }
        (Effect::DeleteNamespace, Some(Namespace::Strangers)) if by_name => {
            Some(Namespace::Ours { generation: call.generation, terminating: true })
        }
        _ => None,
    }
}

fn answer_object(mut after: Cluster, call: LateCall, mistake: Option<Mistake>) -> Option<Cluster> {
    let Some(Namespace::Ours { generation: fence, terminating }) = after.namespace else { return None };
    match call.effect {
        Effect::Apply(revision) => {
            let creates = after.objects[revision].is_none();
            let is_fenced = !(creates && mistake == Some(Mistake::NoFenceOnCreation));
            if (is_fenced && call.generation < fence) || (creates && terminating) {
                return None;
            }
            after.objects[revision] = Some(call.generation);
        }
        Effect::DeleteObject(revision, listed) => {
            let by_name = mistake == Some(Mistake::PruneByName);
            if after.objects[revision] != Some(listed) && !by_name {
                return None;
            }
            after.objects[revision] = None;
        }
        _ => return None,
    }
    Some(after)
}

/// Remembers what must never happen, while both sides of it can be seen.
fn watch(state: &mut State, before: Cluster, call: LateCall) {
    let after = state.cluster;
    let spoken = state.row.last_spoken();
    let is_over = call.generation < spoken
        || (call.generation == spoken && state.row.outcome(spoken) == Some(Outcome::Gone));
    state.witness.late_effect |= is_over && before != after && !may_come_late(state, before, call);
    state.witness.stranger_touched |=
        before.namespace == Some(Namespace::Strangers) && before.namespace != after.namespace;
    state.witness.generation_fell |= fell(before, after) && !may_come_late(state, before, call);
}

/// The one thing that cannot be fenced: while an absent is settling, a namespace may appear late, and be filled. It is
/// raised and deleted again before gone is said. What is being deleted may also be pruned.
fn may_come_late(state: &State, before: Cluster, call: LateCall) -> bool {
    let carrying = state.row.carrying;
    let is_undone =
        state.row.bound(carrying) == Some(Binding::Absent) && state.row.outcome(carrying).is_none();
    let was_raised =
        matches!(before.namespace, Some(Namespace::Ours { generation, .. }) if generation > call.generation);
    is_undone && (!was_raised || matches!(call.effect, Effect::DeleteObject(..)))
}

fn fell(before: Cluster, after: Cluster) -> bool {
    let namespace = match (before.namespace, after.namespace) {
        (Some(Namespace::Ours { generation: was, .. }), Some(Namespace::Ours { generation: is, .. })) => {
            is < was
        }
        _ => false,
    };
    let object = before.objects.iter().zip(after.objects).any(|(was, is)| is.is_some() && is < *was);
    namespace || object
}
