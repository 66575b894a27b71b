//! Commands from chat: whom they concern, and what whoever typed them may know.

use super::{
    AcceptTrigger, Concerned, again,
    concern::{Concern, Follows},
    extend,
    told::Told,
};
use crate::{context::Context, rows};
use jiff::SignedDuration;
use roadstead_domain::{
    actor::{Actor, Verb},
    command::{Command, NamedCommit},
    environment::{Environment, Phase},
    intent::{AbsentReason, Intent, Source},
    name::{ApplicationName, EnvironmentId, EnvironmentName, TypeName},
    platform::{Application, Platform, Previews, authorise, limits::LIFETIME_MINIMUM},
    refusal::Refusal,
    repository::{Commit, Repository},
    sentence,
    trigger::Trigger,
};

/// Whether an actor may know of environments of a type: whoever may do something with them.
pub(crate) fn may_see(
    platform: &Platform,
    actor: &Actor,
    application: &ApplicationName,
    kind: &TypeName,
) -> bool {
    [Verb::Create, Verb::Deploy, Verb::Destroy]
        .into_iter()
        .any(|verb| authorise(platform, actor, verb, application, kind))
}

/// Why an actor may not do something. Whoever may not even know of it in chat hears what everybody hears of what is not there.
pub(super) fn may_not(
    platform: &Platform,
    actor: &Actor,
    verb: Verb,
    environment: &EnvironmentId,
    kind: &TypeName,
) -> String {
    if actor.is_in_chat() && !may_see(platform, actor, &environment.application, kind) {
        sentence::no_such_environment(environment)
    } else {
        sentence::may_not(actor, verb, environment)
    }
}

/// Whether an environment is not destroyed from chat: one of a protected type, while the platform configuration names it.
pub(super) fn is_protected(
    platform: &Platform,
    actor: &Actor,
    verb: Verb,
    environment: &EnvironmentId,
    kind: &TypeName,
) -> bool {
    let application = platform.applications.get(&environment.application);
    let named = application.is_some_and(|found| found.environments.contains_key(&environment.name));
    let protected = platform.types.get(kind).is_some_and(|kind| kind.protected);
    named && protected && verb == Verb::Destroy && actor.is_in_chat()
}

/// What `/env create` asks for.
struct Wish<'a> {
    application: &'a ApplicationName,
    name: Option<&'a EnvironmentName>,
    branch: Option<&'a str>,
    lifetime: Option<SignedDuration>,
}

impl AcceptTrigger {
    /// Whom a command concerns. What only asks concerns nobody: it is answered when people are told.
    pub(super) async fn commanded(
        &self,
        context: &Context,
        platform: &Platform,
        trigger: &Trigger,
        command: &Command,
    ) -> Result<Concerned, Refusal> {
        let concern = match command {
            Command::Create { application, name, branch, lifetime } => {
                let wish =
                    Wish { application, name: name.as_ref(), branch: branch.as_deref(), lifetime: *lifetime };
                self.create(context, platform, trigger, wish).await?
            }
            Command::Destroy { environment } => Ok(Concern {
                environment: environment.clone(),
                told: Ok(Told::Wanted(Intent::Absent { reason: AbsentReason::Asked })),
                follows: None,
            }),
            Command::Retry { environment } => Ok(again::concern(environment)),
            Command::Deploy { environment, commit } => {
                self.deploy(context, platform, &trigger.actor, (environment, commit.as_ref())).await?
            }
            Command::List { .. } | Command::Status { .. } | Command::Help => Err(sentence::answered()),
            Command::Extend { environment, by } => Ok(extend::concern(environment, *by)),
        };
        Ok(concern.map_or_else(Concerned::Nobody, |concern| Concerned::These(vec![concern])))
    }

    /// A new environment of the type of previews, which follows a branch; or why there is none.
    async fn create(
        &self,
        context: &Context,
        platform: &Platform,
        trigger: &Trigger,
        wish: Wish<'_>,
    ) -> Result<Result<Concern, String>, Refusal> {
        let application = wish.application;
        let previewed =
            platform.applications.get(application).and_then(|found| Some((found, found.previews.as_ref()?)));
        let seen =
            previewed.filter(|(_, previews)| may_see(platform, &trigger.actor, application, &previews.kind));
        let Some((found, previews)) = seen else {
            return Ok(Err(sentence::nothing_to_create(application)));
        };
        let branch = wish.branch.unwrap_or_else(|| default_branch(found, previews));
        let name = wish.name.cloned().unwrap_or_else(|| EnvironmentName::of_branch(branch));
        let environment = EnvironmentId::new(application.clone(), name);
        if !authorise(platform, &trigger.actor, Verb::Create, application, &previews.kind) {
            return Ok(Err(sentence::may_not(&trigger.actor, Verb::Create, &environment)));
        }
        if let Some(reason) = unfit(platform, found, previews, &environment, wish.lifetime) {
            return Ok(Err(reason));
        }
        let known = existing(context, &environment).await?;
        if known.is_some_and(|known| known.wanted.cause.trigger() != Some(&trigger.key)) {
            return Ok(Err(sentence::exists_already(&environment)));
        }
        let Some(head) = self.host.branch(&found.repository, branch).await? else {
            return Ok(Err(sentence::branch_missing(branch)));
        };
        let follows = Follows {
            kind: previews.kind.clone(),
            source: Source::Branch { branch: branch.to_owned() },
            repository: found.repository.clone(),
            lifetime: wish.lifetime,
            seen: None,
        };
        let told = Told::Wanted(Intent::Follow { hint: Some(head) });
        Ok(Ok(Concern { environment, told: Ok(told), follows: Some(follows) }))
    }

    /// An environment that is to run a commit, which is named now; or why it does not.
    async fn deploy(
        &self,
        context: &Context,
        platform: &Platform,
        actor: &Actor,
        (environment, named): (&EnvironmentId, Option<&NamedCommit>),
    ) -> Result<Result<Concern, String>, Refusal> {
        let Some(follows) = followed(context, platform, environment).await? else {
            return Ok(Err(sentence::no_such_environment(environment)));
        };
        if !authorise(platform, actor, Verb::Deploy, &environment.application, &follows.kind) {
            return Ok(Err(may_not(platform, actor, Verb::Deploy, environment, &follows.kind)));
        }
        if named.is_some() && matches!(follows.source, Source::Tags { .. }) {
            return Ok(Err(sentence::follows_tags(environment, &follows.source)));
        }
        let head = self.head(&follows.source, &follows.repository).await?;
        let commit = match (named, &head) {
            (None, _) => head.clone(),
            (Some(named), Some(newest)) => {
                let found = self.host.named_commit(&follows.repository, named, newest).await?;
                match found {
                    None => return Ok(Err(sentence::commit_missing(named, &follows.source))),
                    found => found,
                }
            }
            (Some(named), None) => return Ok(Err(sentence::commit_missing(named, &follows.source))),
        };
        let told = match commit {
            Some(commit) => Told::Wanted(Intent::At { commit, passing: head }),
            None => Told::Wanted(Intent::Follow { hint: None }),
        };
        Ok(Ok(Concern { environment: environment.clone(), told: Ok(told), follows: Some(follows) }))
    }

    /// The newest commit that a source shows.
    async fn head(&self, source: &Source, repository: &Repository) -> Result<Option<Commit>, Refusal> {
        match source {
            Source::PullRequest { number } => {
                Ok(Some(self.host.pull_request(repository, *number).await?.head))
            }
            Source::Branch { branch } => Ok(self.host.branch(repository, branch).await?),
            Source::Tags { .. } => Ok(None),
        }
    }
}

/// The branch of an environment for which none was named: what the base of previews follows.
fn default_branch<'a>(application: &'a Application, previews: &Previews) -> &'a str {
    let base = previews.base.as_ref().and_then(|base| application.environments.get(base));
    base.and_then(|base| base.source.branch()).unwrap_or("main")
}

/// Why an environment cannot be made as it was asked for.
fn unfit(
    platform: &Platform,
    application: &Application,
    previews: &Previews,
    environment: &EnvironmentId,
    lifetime: Option<SignedDuration>,
) -> Option<String> {
    let most = platform.types.get(&previews.kind)?.lifetime;
    match lifetime {
        Some(lifetime) if lifetime < LIFETIME_MINIMUM => Some(sentence::lives_too_short(LIFETIME_MINIMUM)),
        Some(lifetime) if most.is_some_and(|most| lifetime > most) => most.map(sentence::lives_too_long),
        _ if environment.name.is_of_pull_request() => Some(sentence::name_of_pull_request(environment)),
        _ if application.environments.contains_key(&environment.name) => {
            Some(sentence::exists_already(environment))
        }
        _ => None,
    }
}

/// An environment that is there, or comes.
async fn existing(context: &Context, id: &EnvironmentId) -> Result<Option<Environment>, Refusal> {
    let found: Option<Environment> = rows::load(context.state.as_ref(), &rows::environment(id)).await?;
    Ok(found.filter(|found| found.phase != Phase::Gone || found.is_behind()))
}

/// What an environment follows: by its own row, or by the configuration where it was not begun yet.
async fn followed(
    context: &Context,
    platform: &Platform,
    id: &EnvironmentId,
) -> Result<Option<Follows>, Refusal> {
    if let Some(Environment { kind, source, repository, lifetime, .. }) = existing(context, id).await? {
        return Ok(Some(Follows { kind, source, repository, lifetime, seen: None }));
    }
    let application = platform.applications.get(&id.application);
    Ok(application.and_then(|application| {
        let standing = application.environments.get(&id.name)?;
        Some(Follows {
            kind: standing.kind.clone(),
            source: standing.source.clone(),
            repository: application.repository.clone(),
            lifetime: None,
            seen: None,
        })
    }))
}
