//! Looking at a repository: what its webhooks may have failed to tell.

use super::{
    AcceptTrigger, RAISED_AT_ONCE, branch,
    differences::{self, Place},
    pace,
    passed_over::PassedOver,
    reconfigure,
};
use crate::{
    configuration,
    context::{Context, Handled},
    listing,
    nouns::{
        git_host::OpenPullRequests,
        state::{Change, Condition, DUE_AT, Key, Write},
    },
    rows,
};
use futures::future;
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    environment::Phase,
    intent::{Cause, Occasion, Source},
    name::EnvironmentId,
    repository::{PullRequest, Repository},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;

/// How often a repository is looked at.
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// A repository as its row holds it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Watched {
    repository: Repository,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    /// The open pull requests that the tag is of.
    #[serde(default)]
    open: Vec<PullRequest>,
}

impl AcceptTrigger {
    /// Looks at a repository, and tells every environment that differs from it to look at its source.
    ///
    /// # Errors
    /// When something could not be read or written: it is looked at again. An environment that cannot be looked at or told
    /// keeps no other from it, and the look is noted all the same.
    pub async fn look_at_repository(&self, context: &Context, key: &str) -> Handled {
        let row = rows::repository(key);
        let watched: Option<Watched> = rows::load(context.state.as_ref(), &row).await?;
        let Some(watched) = watched else { return Ok(()) };
        let in_force = configuration::in_force(context.state.as_ref()).await?;
        let Some(in_force) = in_force else { return Ok(()) };
        let platform = context.platforms.by_hash(&in_force.hash).await?;
        let members = listing::of_repository(context.state.as_ref(), &watched.repository).await?;
        let place = Place { platform: &platform, repository: &watched.repository, members: &members };
        let now = context.now();
        let changed = reconfigure::changed(context, &place, &in_force).await?;
        let mut over = PassedOver::default();
        let others = self.tell_changed(context, &place, &in_force, &changed, &mut over).await;
        let others_at = others.then(|| now + reconfigure::OTHERS_AFTER);
        if let Some(until) = pace::postponed(self.host.budget(), now) {
            postpone(context, &row, others_at.unwrap_or_else(|| pace::after(&row, until))).await?;
            return over.end();
        }
        let open = self.host.open_pull_requests(&watched.repository, watched.tag.as_deref()).await?;
        let (open, tag) = match open {
            OpenPullRequests::These { pull_requests, tag } => (pull_requests, tag),
            OpenPullRequests::Unchanged => (watched.open, watched.tag),
        };
        self.tell_differing(context, &place, &open, &changed, &mut over).await;
        forget(context, &place, &open).await?;
        let next = match pace::postponed(self.host.budget(), now) {
            Some(until) => pace::after(&row, until),
            None => pace::next(&row, LOOK_EVERY, now),
        };
        looked(context, &row, open, tag, others_at.unwrap_or(next)).await?;
        over.end()
    }

    /// Tells every environment that differs from what its repository shows. Those that a newer configuration changes are told
    /// of that instead.
    async fn tell_differing(
        &self,
        context: &Context,
        place: &Place<'_>,
        open: &[PullRequest],
        changed: &BTreeSet<EnvironmentId>,
        over: &mut PassedOver,
    ) {
        let mut told = differences::of_pull_requests(place, open);
        told.extend(self.of_branches(place, over).await);
        told.extend(self.of_images(context, place, over).await);
        told.extend(self.of_tags(context, place, over).await);
        told.retain(|(concern, _)| !changed.contains(&concern.environment));
        let now = context.now();
        let occasion = Occasion::Look { repository: place.repository.key(), at: now.as_millisecond() };
        while !told.is_empty() {
            let group = told.drain(..RAISED_AT_ONCE.min(told.len()));
            let group = group.map(|(concern, actor)| {
                let cause = Cause { occasion: occasion.clone(), actor, at: now };
                async move {
                    let environment = concern.environment.clone();
                    (environment, self.tell(context, place.platform, concern, &cause).await)
                }
            });
            for (environment, outcome) in future::join_all(group).await {
                if let Err(refusal) = outcome {
                    over.pass(&environment, refusal);
                }
            }
        }
    }
}

/// Forgets environments that are gone and whose pull request is closed. A standing one is remembered: it stays gone until its
/// branch moves.
async fn forget(context: &Context, place: &Place<'_>, open: &[PullRequest]) -> Handled {
    let Place { platform, repository, members } = place;
    let is_open = |number| open.iter().any(|pull_request| Some(pull_request.number) == number);
    let over = members.values().filter(|member| {
        let comes_back = is_open(member.source.number()) || branch::is_standing(platform, &member.id);
        member.phase == Phase::Gone && !comes_back
    });
    for member in over {
        let mut keys = vec![rows::repository_member(repository, &member.id)];
        if let Source::Branch { branch } = &member.source {
            keys.push(rows::branch_follower(repository, branch, &member.id));
        }
        let deletions: Vec<Write> =
            keys.into_iter().map(|key| Write::Delete(key, Condition::Always)).collect();
        context.state.commit(&deletions).await?;
    }
    Ok(())
}

/// Remembers what was seen beside its tag: the same list may differ from its environments once more.
async fn looked(
    context: &Context,
    key: &Key,
    open: Vec<PullRequest>,
    tag: Option<String>,
    next: Timestamp,
) -> Handled {
    let mut changes = vec![Change::Set(DUE_AT.to_owned(), json!(next.as_millisecond()))];
    match tag {
        Some(tag) => {
            changes.push(Change::Set("tag".to_owned(), json!(tag)));
            changes.push(Change::Set("open".to_owned(), rows::attribute(&open)?));
        }
        None => changes.extend(["tag", "open"].map(|name| Change::Remove(name.to_owned()))),
    }
    context.state.update(key, &changes, &Condition::RowExists).await?;
    Ok(())
}

/// Does not ask the host: what is left of its limit belongs to people.
async fn postpone(context: &Context, key: &Key, until: Timestamp) -> Handled {
    tracing::info!(repository = key.partition, %until, "a look is postponed: four fifths of the host's limit are for people");
    let due_at = Change::Set(DUE_AT.to_owned(), json!(until.as_millisecond()));
    context.state.update(key, &[due_at], &Condition::RowExists).await?;
    Ok(())
}
