//! What one could get wrong, one at a time. The checker must find each of them: that is what shows that the model can see.

/// A rule of the protocol, left out on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mistake {
    /// Admission looks at updates only: an old generation may still create objects.
    NoFenceOnCreation,
    /// Gone is said as soon as one walk finds nothing, whatever may still land.
    GoneAtOnce,
    /// Taking over an expired claim does not fold its `until` into `late_until`.
    TakeoverForgetsUntil,
    /// Releasing after a call that was maybe done does not fold the claim's `until` into `late_until`.
    ReleaseForgetsMaybeDone,
    /// What the event says is believed, instead of asking the source.
    OrderFromEvents,
    /// A closed event is believed, instead of asking the source before something is torn down.
    ClosedEventBelieved,
    /// A trigger is marked done before it has raised `wanted`.
    DoneBeforeFanOut,
    /// Accepting a trigger again raises `wanted` again.
    RaisedTwice,
    /// What was tried and has failed is bound again when a trigger says look.
    FailedProposedAgain,
    /// A look that finds a head that has failed leaves that head running, although the type says `return`.
    ReturnForgotten,
    /// The return is written although something newer is wanted.
    ReturnOverridesNewer,
    /// The release does not look whether `wanted` was raised meanwhile.
    ReleaseIgnoresWanted,
    /// A refused claim is always taken for somebody else's, also when it shows the own token.
    RefusalIsAlwaysALostRace,
    /// A reopened environment does not wait for the absent that has begun to delete.
    ReopenIntoTerminating,
    /// A generation that has nothing to apply ends without raising the namespace first.
    EndsWithoutFence,
    /// A generation that has nothing to apply speaks as soon as the fence is up, though an older prune may still land.
    LeavesWithoutSettling,
    /// Objects are pruned by name, not as they were listed.
    PruneByName,
    /// Whatever this generation does not have is pruned, though its mark be newer than this generation.
    PrunesNewer,
    /// The namespace is deleted by name, not at the resourceVersion that was read.
    NamespaceDeletedByName,
    /// A namespace without our mark is taken for an old one of ours.
    StrangersAdopted,
}
