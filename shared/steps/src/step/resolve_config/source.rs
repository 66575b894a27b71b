//! What the source says now.

use super::{Pinned, ResolveConfig};
use crate::{context::Context, nouns::state::Consistency, rows};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    environment::Environment,
    intent::{AbsentReason, Intent, Source},
    refusal::Refusal,
    repository::Commit,
    sentence,
};

/// How long a source may not show yet what an event named.
const NOT_YET_LIMIT: SignedDuration = SignedDuration::from_secs(60);
/// How long until it is looked at again.
const NOT_YET_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// What was seen.
pub(super) enum Seen {
    /// The commit that the environment is to run.
    Commit(Commit),
    /// The source is closed, positively.
    Absent(AbsentReason),
    /// The event named something newer than what the source shows.
    NotYet {
        /// When to look again.
        until: Timestamp,
    },
}

/// A standing environment follows what the configuration says that the generation is pinned to.
pub(super) fn follow_configuration(environment: &mut Environment, pinned: &Pinned<'_>) {
    let standing = pinned.application.environments.get(&environment.id.name);
    if let (Some(following), None) = (standing, &environment.bound) {
        environment.source.clone_from(&following.source);
    }
}

impl ResolveConfig {
    /// Whether an environment is of a pull request that positively is closed.
    pub(super) async fn is_closed(&self, environment: &Environment) -> Result<bool, Refusal> {
        let Some(number) = environment.source.number() else { return Ok(false) };
        Ok(!self.host.pull_request(&environment.repository, number).await?.open)
    }

    /// Reads the source, unless an earlier look bound this generation.
    pub(super) async fn look(
        &self,
        context: &Context,
        environment: &Environment,
        pinned: &Pinned<'_>,
    ) -> Result<Seen, Refusal> {
        if let Some(bound) = &environment.bound {
            return Ok(Seen::Commit(bound.commit.clone()));
        }
        let repository = &environment.repository;
        let head = match &environment.source {
            Source::PullRequest { number } => {
                let pull_request = self.host.pull_request(repository, *number).await?;
                let drafts = pinned.application.previews.as_ref().is_some_and(|previews| previews.drafts);
                if !pull_request.open || pull_request.is_from_fork(repository) {
                    return Ok(Seen::Absent(AbsentReason::Closed));
                }
                if pull_request.draft && !drafts {
                    return Ok(Seen::Absent(AbsentReason::Draft));
                }
                pull_request.head
            }
            Source::Branch { branch } => match self.host.branch(repository, branch).await? {
                Some(head) => head,
                None => return Err(Refusal::rejected(sentence::branch_missing(branch))),
            },
            Source::Tags { .. } => match &environment.wanted.intent {
                Intent::At { commit, .. } => return Ok(Seen::Commit(commit.clone())),
                _ => return Err(Refusal::broken("tags were looked at as if they were a branch")),
            },
        };
        if self.is_ahead(context, environment, &head).await? {
            Ok(Seen::NotYet { until: context.now() + NOT_YET_PAUSE })
        } else {
            Ok(Seen::Commit(head))
        }
    }

    /// Whether the event named a commit that the source is still to show. A commit that the environment has run, or from
    /// which the head was made, is an older one.
    async fn is_ahead(
        &self,
        context: &Context,
        environment: &Environment,
        head: &Commit,
    ) -> Result<bool, Refusal> {
        let Intent::Follow { hint: Some(hint) } = &environment.wanted.intent else { return Ok(false) };
        if hint == head || !is_awaited(environment.wanted.cause.at, context.now()) {
            return Ok(false);
        }
        let follower = rows::commit_follower(&environment.repository, hint, &environment.id);
        if context.state.get(&follower, Consistency::Strong).await?.is_some() {
            return Ok(false);
        }
        let shown = self.host.commit(&environment.repository, head).await?;
        Ok(!shown.is_some_and(|shown| shown.parents.contains(hint)))
    }
}

/// Whether the source may still come to show what an event of that moment named.
fn is_awaited(at: Timestamp, now: Timestamp) -> bool {
    now <= at + NOT_YET_LIMIT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_event_named_is_awaited_for_a_minute() {
        let at = Timestamp::UNIX_EPOCH;
        assert!(is_awaited(at, at + NOT_YET_LIMIT));
        assert!(!is_awaited(at, at + NOT_YET_LIMIT + SignedDuration::from_millis(1)));
    }
}
