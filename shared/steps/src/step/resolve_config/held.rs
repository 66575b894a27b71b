//! A head that was refused is passed over: what somebody with the right stands behind is bound in its place.

use crate::{context::Context, nouns::state::Consistency, rows};
use roadstead_domain::{
    actor::Actor,
    environment::Environment,
    intent::{Held, Intent},
    refusal::Refusal,
    repository::Commit,
};

/// The head that an environment may be bound to. One that is held is no more so once its source shows another.
pub(super) async fn vouched(
    context: &Context,
    environment: &mut Environment,
    head: Commit,
) -> Result<Commit, Refusal> {
    if environment.bound.is_some() {
        return Ok(head);
    }
    environment.wanted.held.take_if(|held| held.commit != head);
    let Some(Held { why, .. }) = environment.wanted.held.clone() else { return Ok(head) };
    let newest = match named(context, environment).await? {
        Some(named) => Some(named),
        None => environment.commit.clone(),
    };
    newest.filter(|newest| *newest != head).ok_or_else(|| Refusal::rejected(why))
}

/// The commit that somebody with the right named, unless the environment was bound to it before: then there may be newer ones.
async fn named(context: &Context, environment: &Environment) -> Result<Option<Commit>, Refusal> {
    let wanted = &environment.wanted;
    let (Some(named), true) = (wanted.intent.names(), wanted.cause.actor != Actor::Roadstead) else {
        return Ok(None);
    };
    if let Intent::At { .. } = wanted.intent {
        return Ok(environment.commit.clone().or(Some(named.clone())));
    }
    let follower = rows::commit_follower(&environment.repository, named, &environment.id);
    let bound_before = context.state.get(&follower, Consistency::Strong).await?.is_some();
    Ok((!bound_before).then(|| named.clone()))
}
