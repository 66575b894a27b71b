//! Looking at a repository: what its webhooks may have failed to tell.

use super::{
    AcceptTrigger,
    concern::{self, Concern},
    raise::Told,
};
use crate::{
    context::{Context, Handled},
    nouns::{
        git_host::OpenPullRequests,
        state::{Change, Condition, Consistency, DUE_AT, Query, StateError},
    },
    record, rows,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    actor::Actor,
    environment::{Environment, Phase},
    intent::{Cause, Intent, Source},
    name::EnvironmentId,
    platform::Platform,
    refusal::Refusal,
    repository::{PullRequest, Repository},
    sentence,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// How often a repository is looked at.
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// The most environments of one repository.
const MEMBERS_LIMIT: usize = 2_000;

/// A repository as its row holds it.
#[derive(Debug, Serialize, Deserialize)]
struct Watched {
    repository: Repository,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
}

/// Lets a repository be looked at from now on.
pub(super) async fn watch(context: &Context, repository: &Repository) -> Handled {
    let changes = [
        Change::Set("repository".to_owned(), rows::attribute(repository)?),
        Change::Set(DUE_AT.to_owned(), json!((context.now() + LOOK_EVERY).as_millisecond())),
    ];
    match context.state.update(&rows::repository(&repository.key()), &changes, &Condition::RowMissing).await {
        Ok(_) | Err(StateError::Refused { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl AcceptTrigger {
    /// Looks at a repository, and tells every environment that differs from it to look at its source.
    ///
    /// # Errors
    /// When something could not be read or written: it is looked at again.
    pub async fn look_at_repository(&self, context: &Context, key: &str) -> Handled {
        let row = context.state.get(&rows::repository(key), Consistency::Strong).await?;
        let Some(row) = row else { return Ok(()) };
        let watched: Watched = rows::read(&row)?;
        let (_, platform) = record::current_platform(context.state.as_ref()).await?;
        let members = members(context, &watched.repository).await?;
        let open = self.host.open_pull_requests(&watched.repository, watched.tag.as_deref()).await?;
        let mut tag = watched.tag.clone();
        let mut concerns = vec![];
        if let OpenPullRequests::These { pull_requests, tag: newer } = open {
            concerns.extend(of_pull_requests(&platform, &watched.repository, &pull_requests, &members));
            tag = newer;
        }
        concerns.extend(self.of_branches(&platform, &watched.repository, &members).await?);
        let now = context.now();
        let trigger = format!("look at {key} {}", now.as_millisecond());
        for (concern, actor) in concerns {
            let cause = Cause { trigger: trigger.clone(), actor, at: now };
            self.tell(context, &platform, concern, &cause).await?;
        }
        looked(context, key, tag, now).await
    }

    /// Standing environments whose branch has moved.
    async fn of_branches(
        &self,
        platform: &Platform,
        repository: &Repository,
        members: &BTreeMap<EnvironmentId, Environment>,
    ) -> Result<Vec<(Concern, Actor)>, Refusal> {
        let mut concerns = vec![];
        for environment in members.values() {
            let Source::Branch { branch } = &environment.source else { continue };
            let head = self.host.branch(repository, branch).await?;
            let bound = environment.bound.as_ref().map(|bound| &bound.commit);
            if head.is_some() && head.as_ref() != bound && environment.is_at_rest() {
                let moved = concern::of_push(platform, repository, branch, head.as_ref());
                let this = moved.into_iter().filter(|concern| concern.environment == environment.id);
                concerns.extend(this.map(|concern| (concern, Actor::Roadstead)));
            }
        }
        Ok(concerns)
    }
}

/// Environments of this repository that are not gone.
async fn members(
    context: &Context,
    repository: &Repository,
) -> Result<BTreeMap<EnvironmentId, Environment>, Refusal> {
    let query = Query {
        partition: format!("repository#{}", repository.key()),
        prefix: "environment#".to_owned(),
        consistency: Consistency::Strong,
        backwards: false,
        limit: MEMBERS_LIMIT,
        after: None,
    };
    let mut members = BTreeMap::new();
    for row in context.state.query(&query).await? {
        let Ok(id) = row.key.sort.trim_start_matches("environment#").parse::<EnvironmentId>() else {
            continue;
        };
        let row = context.state.get(&rows::environment(&id), Consistency::Strong).await?;
        let environment = row.as_ref().map(rows::read::<Environment>).transpose()?;
        members.extend(environment.filter(|found| found.phase != Phase::Gone).map(|found| (id, found)));
    }
    Ok(members)
}

/// Open pull requests that are not as their previews are, and previews that are in no open one: those are told to look at
/// their source, which must positively say closed.
fn of_pull_requests(
    platform: &Platform,
    repository: &Repository,
    open: &[PullRequest],
    members: &BTreeMap<EnvironmentId, Environment>,
) -> Vec<(Concern, Actor)> {
    let mut concerns = vec![];
    for pull_request in open.iter().filter(|pull_request| !pull_request.is_from_fork(repository)) {
        for concern in concern::of_pull_request(platform, repository, pull_request.number, None) {
            let known = members.get(&concern.environment).and_then(|found| found.bound.as_ref());
            if known.is_none_or(|bound| bound.commit != pull_request.head) {
                let author = Actor::GithubUser { id: pull_request.author, login: sentence::author() };
                concerns.push((concern, author));
            }
        }
    }
    for environment in members.values() {
        let Source::PullRequest { number } = environment.source else { continue };
        if !open.iter().any(|pull_request| pull_request.number == number) {
            let told = Told::Wanted(Intent::Follow { hint: None });
            concerns.push((
                Concern { environment: environment.id.clone(), told, follows: None },
                Actor::Roadstead,
            ));
        }
    }
    concerns
}

async fn looked(context: &Context, key: &str, tag: Option<String>, now: Timestamp) -> Handled {
    let due = Change::Set(DUE_AT.to_owned(), json!((now + LOOK_EVERY).as_millisecond()));
    let tag = match tag {
        Some(tag) => Change::Set("tag".to_owned(), json!(tag)),
        None => Change::Remove("tag".to_owned()),
    };
    context.state.update(&rows::repository(key), &[due, tag], &Condition::RowExists).await?;
    Ok(())
}
