//! Who is concerned by a pull request or a push, and what each is told.

use super::{
    AcceptTrigger,
    begin::Creation,
    command,
    notice::{notice, remind},
    raise::{Raise, raise, send_first},
    told::Told,
};
use crate::{context::Context, rows};
use jiff::SignedDuration;
use roadstead_domain::{
    actor::{Actor, Verb},
    announcement::AnnouncementKey,
    environment::{Environment, Phase},
    intent::{Cause, Intent, Source},
    name::{EnvironmentId, EnvironmentName, TypeName},
    platform::{Platform, authorise},
    refusal::Refusal,
    repository::{Commit, Repository},
    sentence,
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
        };
        let environment = EnvironmentId::new(name.clone(), EnvironmentName::of_pull_request(number));
        let told = Ok(Told::Wanted(Intent::Follow { hint: head.cloned() }));
        Some(Concern { environment, told, follows: Some(follows) })
    });
    previewed.collect()
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

impl AcceptTrigger {
    /// Tells one environment, if the actor may.
    pub(super) async fn tell(
        &self,
        context: &Context,
        platform: &Platform,
        concern: Concern,
        cause: &Cause,
    ) -> Result<Outcome, Refusal> {
        let Concern { environment, told, follows } = concern;
        let existing = rows::load(context.state.as_ref(), &rows::environment(&environment)).await?;
        let (existing, was) = there_or_gone(existing);
        if let Some(outcome) = raised_already(context, existing.as_ref(), cause).await {
            return Ok(outcome);
        }
        let told = match told {
            Ok(told) => told,
            Err(outcome) => return Ok(outcome),
        };
        let kind = match (&existing, &follows) {
            (Some(environment), _) => environment.kind.clone(),
            (None, Some(follows)) => follows.kind.clone(),
            (None, None) => {
                let reason = not_there(platform, &cause.actor, &environment, was);
                return Ok(Outcome::Nothing { reason });
            }
        };
        let left_out = existing.as_ref().is_some_and(|existing| platform.leaves_out(existing));
        if left_out && follows.is_none() && follows_its_source(&told) {
            return Ok(Outcome::Nothing { reason: sentence::left_out(&environment) });
        }
        let verb = verb(&told, existing.as_ref());
        let mut cause = cause.clone();
        if !authorise(platform, &cause.actor, verb, &environment.application, &kind) {
            let source = follows.as_ref().map(|follows| &follows.source);
            let source = source.or(existing.as_ref().map(|existing| &existing.source));
            let by_itself = !cause.actor.is_in_chat()
                && !matches!(told, Told::Extend { .. })
                && (follows_by_itself(&told, source, &cause.actor)
                    || self.is_seen_closed(existing.as_ref()).await?);
            if by_itself {
                cause.actor = Actor::Roadstead
            } else {
                let reason = command::may_not(platform, &cause.actor, verb, &environment, &kind);
                return refuse(context, (&environment, follows.as_ref()), &cause.actor, reason).await;
            }
        }
        if command::is_protected(platform, &cause.actor, verb, &environment, &kind) {
            return Ok(Outcome::Refused { reason: sentence::protected(&environment) });
        }
        let comes_back = follows.is_some();
        let creation = match (&existing, follows) {
            (None, Some(follows)) => match self.why_not(platform, &environment, &follows).await? {
                Some(reason) => return Ok(Outcome::Nothing { reason }),
                None => Some(creation(platform, &environment, follows)?),
            },
            _ => None,
        };
        let place = creation.as_ref().and_then(|creation| comment_of(&creation.source, &creation.repository));
        let raised = Raise { environment: &environment, told, cause: &cause, creation, comes_back };
        let outcome = raise(context, raised).await?;
        if let (Outcome::Refused { reason }, Some(place)) = (&outcome, place) {
            notice(context, &place, Some(&environment), reason.clone()).await?;
        }
        Ok(outcome)
    }

    /// Whether the source was read and says that it is closed: then anybody's word is enough.
    async fn is_seen_closed(&self, existing: Option<&Environment>) -> Result<bool, Refusal> {
        let Some(Environment { source: Source::PullRequest { number }, repository, .. }) = existing else {
            return Ok(false);
        };
        Ok(!self.host.pull_request(repository, *number).await?.open)
    }

    /// Why an environment that does not exist is not begun, by what its source says now.
    async fn why_not(
        &self,
        platform: &Platform,
        environment: &EnvironmentId,
        follows: &Follows,
    ) -> Result<Option<String>, Refusal> {
        let Source::PullRequest { number } = follows.source else { return Ok(None) };
        let pull_request = self.host.pull_request(&follows.repository, number).await?;
        let previews =
            platform.applications.get(&environment.application).and_then(|found| found.previews.as_ref());
        let drafts = previews.is_some_and(|previews| previews.drafts);
        Ok(match () {
            () if !pull_request.open => Some(sentence::pull_request_closed()),
            () if pull_request.is_from_fork(&follows.repository) => Some(sentence::fork_gets_nothing()),
            () if pull_request.draft && !drafts => Some(sentence::draft_gets_nothing()),
            () => None,
        })
    }
}

/// What came of it, if the very trigger was told to the environment before: the first message may have been lost.
async fn raised_already(context: &Context, existing: Option<&Environment>, cause: &Cause) -> Option<Outcome> {
    let existing = existing.filter(|existing| existing.wanted.cause.occasion == cause.occasion)?;
    send_first(context, existing).await;
    Some(Outcome::Raised { generation: existing.wanted.generation })
}

/// Where people are told of something that has no environment.
fn comment_of(source: &Source, repository: &Repository) -> Option<AnnouncementKey> {
    let number = source.number()?;
    Some(AnnouncementKey::Comment { repository: repository.clone(), number })
}

/// An environment that is there; of one that is gone, its type.
fn there_or_gone(existing: Option<Environment>) -> (Option<Environment>, Option<TypeName>) {
    match existing {
        Some(gone) if gone.phase == Phase::Gone && !gone.is_behind() => (None, Some(gone.kind)),
        existing => (existing, None),
    }
}

/// Why nothing can be done with what is not there. That it was there once is told only to who may know of it.
fn not_there(
    platform: &Platform,
    actor: &Actor,
    environment: &EnvironmentId,
    was: Option<TypeName>,
) -> String {
    let knows = |kind| command::may_see(platform, actor, &environment.application, &kind);
    if was.is_some_and(knows) {
        sentence::is_gone(environment)
    } else {
        sentence::no_such_environment(environment)
    }
}

/// What the actor must be allowed to do.
fn verb(told: &Told, existing: Option<&Environment>) -> Verb {
    match (told, existing) {
        (Told::Wanted(Intent::Absent { .. }), _) => Verb::Destroy,
        (_, Some(_)) => Verb::Deploy,
        (_, None) => Verb::Create,
    }
}

fn follows_its_source(told: &Told) -> bool {
    matches!(told, Told::Wanted(Intent::Follow { .. }))
}

/// Whether it follows a branch, or tags of a registry that is asked: whoever may push there decides what it runs, as the
/// configuration, or the one who made it, said. A pipeline's own word needs the right.
fn follows_by_itself(told: &Told, source: Option<&Source>, actor: &Actor) -> bool {
    follows_its_source(told)
        && match source {
            Some(Source::Branch { .. }) => true,
            Some(Source::Tags { .. }) => !matches!(actor, Actor::Pipeline { .. }),
            Some(Source::PullRequest { .. }) | None => false,
        }
}

/// Refuses, and says so where the pull request is.
async fn refuse(
    context: &Context,
    (environment, follows): (&EnvironmentId, Option<&Follows>),
    actor: &Actor,
    reason: String,
) -> Result<Outcome, Refusal> {
    if let Some(place) = follows.and_then(|follows| comment_of(&follows.source, &follows.repository)) {
        match actor {
            Actor::GithubUser { login: None, .. } => {
                remind(context, &place, environment, reason.clone()).await?;
            }
            _ => notice(context, &place, Some(environment), reason.clone()).await?,
        }
    }
    Ok(Outcome::Refused { reason })
}

fn creation(platform: &Platform, environment: &EnvironmentId, follows: Follows) -> Result<Creation, Refusal> {
    let kind = platform.types.get(&follows.kind);
    let kind = kind.ok_or_else(|| Refusal::rejected(sentence::type_unknown(&follows.kind)))?;
    Ok(Creation {
        mark: environment.mark(&platform.installation),
        outside_name: environment.outside_name(&platform.installation),
        kind: follows.kind,
        source: follows.source,
        repository: follows.repository,
        limit: kind.limit,
        chosen_lifetime: follows.lifetime,
        lifetime: follows.lifetime.or(kind.lifetime),
    })
}
