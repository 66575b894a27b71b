//! Who is concerned by a pull request or a push, and what each is told.

use super::told::Told;
use jiff::SignedDuration;
use roadstead_domain::{
    intent::{Intent, Source},
    name::{EnvironmentId, EnvironmentName, TypeName},
    platform::Platform,
    repository::{Commit, PullRequest, Repository},
    trigger::Outcome,
};

/// One environment that is concerned.
pub(super) struct Concern {
    pub(super) environment: EnvironmentId,
    /// What it is told, or what came of it without a word to it.
    pub(super) told: Result<Told, Outcome>,
    /// What it would be, should it not exist; none when only an existing one is concerned.
    pub(super) follows: Option<Follows>,
}

/// What an environment would follow.
pub(super) struct Follows {
    pub(super) kind: TypeName,
    pub(super) source: Source,
    pub(super) repository: Repository,
    /// How long it lives, where somebody said so.
    pub(super) lifetime: Option<SignedDuration>,
    /// Its pull request, where it was just read in a list.
    pub(super) seen: Option<PullRequest>,
}

/// The previews of a pull request: one for each application of the repository that has previews.
pub(super) fn of_pull_request(
    platform: &Platform,
    repository: &Repository,
    number: u64,
    head: Option<&Commit>,
) -> Vec<Concern> {
    let previewed = platform.applications_of(repository).filter_map(|(name, application)| {
        let previews = application.previews.as_ref()?;
        let follows = Follows {
            kind: previews.kind.clone(),
            source: Source::PullRequest { number },
            repository: application.repository.clone(),
            lifetime: None,
            seen: None,
        };
        let environment = EnvironmentId::new(name.clone(), EnvironmentName::of_pull_request(number));
        let told = Ok(Told::Wanted(Intent::Follow { hint: head.cloned() }));
        Some(Concern { environment, told, follows: Some(follows) })
    });
    previewed.collect()
}

/// The previews of a pull request that was closed: they are to look at it, and only those that exist are concerned.
pub(super) fn of_closed(
    platform: &Platform,
    repository: &Repository,
    number: u64,
    head: &Commit,
) -> Vec<Concern> {
    let closed = |concern: Concern| Concern {
        told: Ok(Told::Closed { head: head.clone() }),
        follows: None,
        ..concern
    };
    of_pull_request(platform, repository, number, None).into_iter().map(closed).collect()
}

/// The standing environments that follow a branch.
pub(super) fn of_push(
    platform: &Platform,
    repository: &Repository,
    branch: &str,
    head: Option<&Commit>,
) -> Vec<Concern> {
    let mut concerns = vec![];
    for (name, application) in platform.applications_of(repository) {
        for (environment, following) in
            application.environments.iter().filter(|(_, following)| following.source.branch() == Some(branch))
        {
            let follows = Follows {
                kind: following.kind.clone(),
                source: Source::Branch { branch: branch.to_owned() },
                repository: application.repository.clone(),
                lifetime: None,
                seen: None,
            };
            concerns.push(Concern {
                environment: EnvironmentId::new(name.clone(), environment.clone()),
                told: Ok(Told::Wanted(Intent::Follow { hint: head.cloned() })),
                follows: Some(follows),
            });
        }
    }
    concerns
}
