//! Telling one environment, if the actor may.

use super::{
    AcceptTrigger,
    begin::Creation,
    command,
    concern::{Concern, Follows},
    hold::{self, Asked},
    notice::notice,
    raise::{Raise, raise, send_first},
    told::Told,
};
use crate::{context::Context, rows};
use roadstead_domain::{
    actor::{Actor, Verb},
    environment::{Environment, Phase},
    intent::{Cause, Held, Intent, Source},
    name::EnvironmentId,
    platform::{Platform, authorise},
    refusal::Refusal,
    sentence,
    trigger::Outcome,
};

/// Whether something is done.
enum Leave {
    /// It is, for this cause.
    Given(Cause),
    /// It is not.
    Refused(Outcome),
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
        let (existing, gone) = there_or_gone(existing);
        if let Some(outcome) = raised_already(context, existing.as_ref(), cause).await {
            return Ok(outcome);
        }
        let told = match told {
            Ok(told) => told,
            Err(outcome) => return Ok(outcome),
        };
        let known = existing.as_ref().map(|existing| &existing.kind);
        let Some(kind) = known.or(follows.as_ref().map(|follows| &follows.kind)).cloned() else {
            let reason = not_there(platform, &cause.actor, &environment, gone);
            return Ok(Outcome::Nothing { reason });
        };
        let left_out = existing.as_ref().is_some_and(|existing| platform.leaves_out(existing));
        if left_out && follows.is_none() && follows_its_source(&told) {
            return Ok(Outcome::Nothing { reason: sentence::left_out(&environment) });
        }
        let asked = Asked { platform, environment, kind, existing, gone, follows, told };
        match self.leave(context, &asked, cause).await? {
            Leave::Given(cause) => self.tell_asked(context, asked, &cause).await,
            Leave::Refused(outcome) => Ok(outcome),
        }
    }

    /// Whether the actor may; what goes by itself, Roadstead does.
    async fn leave(&self, context: &Context, asked: &Asked<'_>, cause: &Cause) -> Result<Leave, Refusal> {
        let Asked { platform, environment, kind, existing, told, .. } = asked;
        let (actor, verb) = (&cause.actor, verb(told, existing.as_ref()));
        if authorise(platform, actor, verb, &environment.application, kind) {
            return Ok(if command::is_protected(platform, actor, verb, environment, kind) {
                Leave::Refused(Outcome::Refused { reason: sentence::protected(environment) })
            } else {
                Leave::Given(cause.clone())
            });
        }
        let reason = command::may_not(platform, actor, verb, environment, kind);
        if matches!(told, Told::Closed { .. }) {
            hold::hold(context, asked, &reason).await?;
        } else if !self.goes_by_itself(asked, actor).await? {
            return Ok(Leave::Refused(hold::refuse(context, asked, actor, reason).await?));
        }
        Ok(Leave::Given(Cause { actor: Actor::Roadstead, ..cause.clone() }))
    }

    /// Whether it needs nobody's right.
    async fn goes_by_itself(&self, asked: &Asked<'_>, actor: &Actor) -> Result<bool, Refusal> {
        if actor.is_in_chat() || matches!(asked.told, Told::Extend { .. }) {
            return Ok(false);
        }
        Ok(follows_by_itself(&asked.told, asked.source(), actor)
            || self.is_seen_closed(asked.existing.as_ref()).await?)
    }

    /// Tells what was allowed; an environment that does not exist is begun, unless its source says otherwise.
    async fn tell_asked(
        &self,
        context: &Context,
        asked: Asked<'_>,
        cause: &Cause,
    ) -> Result<Outcome, Refusal> {
        let comes_back = asked.follows.is_some();
        let place = asked.place().filter(|_| asked.existing.is_none());
        let creation = match asked.follows.as_ref().filter(|_| asked.existing.is_none()) {
            Some(follows) => {
                let held = hold::before(context, &asked).await?;
                if let Some(outcome) = self.why_not(&asked, follows, held.as_ref()).await? {
                    return Ok(outcome);
                }
                Some(creation(&asked, follows, held)?)
            }
            None => None,
        };
        let Asked { environment, told, .. } = asked;
        let raised = Raise { environment: &environment, told, cause, creation, comes_back };
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
        asked: &Asked<'_>,
        follows: &Follows,
        held: Option<&Held>,
    ) -> Result<Option<Outcome>, Refusal> {
        let Source::PullRequest { number } = follows.source else { return Ok(None) };
        let pull_request = match &follows.seen {
            Some(seen) => seen.clone(),
            None => self.host.pull_request(&follows.repository, number).await?,
        };
        let held = held.filter(|held| asked.told.names().is_none() && held.commit == pull_request.head);
        if let Some(held) = held {
            return Ok(Some(Outcome::Refused { reason: held.why.clone() }));
        }
        let reason = match () {
            () if !pull_request.open => sentence::pull_request_closed(),
            () if pull_request.is_from_fork(&follows.repository) => sentence::fork_gets_nothing(),
            () if asked.platform.wants_no_draft(&asked.environment.application, &pull_request) => {
                sentence::draft_gets_nothing()
            }
            () => return Ok(None),
        };
        Ok(Some(Outcome::Nothing { reason }))
    }
}

/// What came of it, if the very trigger was told to the environment before: the first message may have been lost.
async fn raised_already(context: &Context, existing: Option<&Environment>, cause: &Cause) -> Option<Outcome> {
    let existing = existing.filter(|existing| existing.wanted.cause.occasion == cause.occasion)?;
    send_first(context, existing).await;
    Some(Outcome::Raised { generation: existing.wanted.generation })
}

/// An environment that is there, or one that is gone.
fn there_or_gone(existing: Option<Environment>) -> (Option<Environment>, Option<Environment>) {
    match existing {
        Some(gone) if gone.phase == Phase::Gone && !gone.is_behind() => (None, Some(gone)),
        existing => (existing, None),
    }
}

/// Why nothing can be done with what is not there. That it was there once is told only to who may know of it.
fn not_there(
    platform: &Platform,
    actor: &Actor,
    environment: &EnvironmentId,
    gone: Option<Environment>,
) -> String {
    let knows = |gone: Environment| command::may_see(platform, actor, &environment.application, &gone.kind);
    if gone.is_some_and(knows) {
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

fn creation(asked: &Asked<'_>, follows: &Follows, held: Option<Held>) -> Result<Creation, Refusal> {
    let (platform, environment) = (asked.platform, &asked.environment);
    let kind = platform.types.get(&follows.kind);
    let kind = kind.ok_or_else(|| Refusal::rejected(sentence::type_unknown(&follows.kind)))?;
    Ok(Creation {
        mark: environment.mark(&platform.installation),
        outside_name: environment.outside_name(&platform.installation),
        kind: follows.kind.clone(),
        source: follows.source.clone(),
        repository: follows.repository.clone(),
        limit: kind.limit,
        chosen_lifetime: follows.lifetime,
        lifetime: follows.lifetime.or(kind.lifetime),
        held: held.filter(|held| asked.told.names() != Some(&held.commit)),
    })
}
