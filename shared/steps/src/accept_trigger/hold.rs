//! Refusing, so that it stays refused: a head that somebody without the right brought is not deployed by a later look either.

use super::{
    concern::Follows,
    differences::is_going,
    notice::{notice, refused, remind},
    raise::{difference, same},
    told::Told,
};
use crate::{
    carry::{Changed, change_and_owe},
    context::{Context, Handled},
    nouns::state::Write,
    rows,
};
use roadstead_domain::{
    actor::Actor,
    announcement::{Announcement, AnnouncementKey},
    environment::{Environment, Phase},
    intent::{Held, Intent, Source},
    name::{EnvironmentId, TypeName},
    platform::Platform,
    refusal::Refusal,
    repository::{Commit, Repository},
    sentence,
    trigger::Outcome,
};

/// How often the row may change under our hands before the message is delivered again.
const TRIES: u32 = 10;

/// What somebody asks of an environment.
pub(super) struct Asked<'a> {
    pub(super) platform: &'a Platform,
    pub(super) environment: EnvironmentId,
    pub(super) kind: TypeName,
    pub(super) existing: Option<Environment>,
    pub(super) gone: Option<Environment>,
    pub(super) follows: Option<Follows>,
    pub(super) told: Told,
}

impl Asked<'_> {
    /// What it follows, or would.
    pub(super) fn source(&self) -> Option<&Source> {
        let follows = self.follows.as_ref().map(|follows| &follows.source);
        follows.or(self.existing.as_ref().map(|existing| &existing.source))
    }

    /// Where people are told of something that its row does not say.
    pub(super) fn place(&self) -> Option<AnnouncementKey> {
        let follows = self.follows.as_ref()?;
        comment_of(&follows.source, &follows.repository)
    }

    /// The head that the actor brings, unless somebody with the right did before.
    fn brought(&self) -> Option<&Commit> {
        let (Told::Wanted(Intent::Follow { hint: Some(head) }) | Told::Closed { head }) = &self.told else {
            return None;
        };
        let known = self.existing.as_ref().is_some_and(|existing| is_vouched_for(existing, head));
        let of_pull_request = self.source().is_some_and(|source| source.number().is_some());
        (of_pull_request && !known).then_some(head)
    }
}

fn comment_of(source: &Source, repository: &Repository) -> Option<AnnouncementKey> {
    let number = source.number()?;
    Some(AnnouncementKey::Comment { repository: repository.clone(), number })
}

/// Whether an environment was bound to a head, or somebody with the right asked for it. What is being taken down comes back
/// only for somebody with the right.
fn is_vouched_for(environment: &Environment, head: &Commit) -> bool {
    let runs = environment.commit.as_ref() == Some(head) && !is_going(environment);
    environment.wanted.vouches_for(head) || runs
}

/// Refuses, and says so where the pull request is.
pub(super) async fn refuse(
    context: &Context,
    asked: &Asked<'_>,
    actor: &Actor,
    reason: String,
) -> Result<Outcome, Refusal> {
    let held = hold(context, asked, &reason).await?;
    let (reason, head) = held.map_or((reason, None), |held| (held.why, Some(held.commit)));
    if let Some(place) = asked.place() {
        match (actor, head) {
            (Actor::GithubUser { login: None, .. }, _) => {
                remind(context, &place, &asked.environment, reason.clone()).await?;
            }
            (_, Some(head)) => refused(context, &place, &asked.environment, reason.clone(), head).await?,
            (_, None) => notice(context, &place, Some(&asked.environment), reason.clone()).await?,
        }
    }
    Ok(Outcome::Refused { reason })
}

/// Holds the head back that the actor brings, if any: nothing automatic is bound to it from then on.
pub(super) async fn hold(
    context: &Context,
    asked: &Asked<'_>,
    reason: &str,
) -> Result<Option<Held>, Refusal> {
    let Some(head) = asked.brought() else { return Ok(None) };
    let held = Held { commit: head.clone(), why: sentence::may_not_bring(reason, head) };
    keep(context, asked, &held).await?;
    Ok(Some(held))
}

/// Writes it beside what is wanted, also where it stands there: whoever saw another head meanwhile does not take it away.
async fn keep(context: &Context, asked: &Asked<'_>, held: &Held) -> Handled {
    let (id, place) = (&asked.environment, asked.place());
    for _ in 0..TRIES {
        let before: Option<Environment> = rows::load(context.state.as_ref(), &rows::environment(id)).await?;
        let Some(before) = before else { return Ok(()) };
        if before.phase != Phase::Gone && is_vouched_for(&before, &held.commit) {
            return Ok(());
        }
        let mut after = before.clone();
        after.wanted.held = Some(held.clone());
        after.wanted.looks += 1;
        let free = before.claim.is_none() && !before.hold;
        let change = difference(&before, &after, None)?;
        let change = Write::Update(rows::environment(id), change, same(&before, free));
        if change_and_owe(context, change, place.as_slice()).await? == Changed::Made {
            return Ok(());
        }
    }
    Err(Refusal::unavailable("the environment kept changing"))
}

/// The head that was refused last before an environment is begun: its row says so, or where it never had one, the comment's.
pub(super) async fn before(context: &Context, asked: &Asked<'_>) -> Result<Option<Held>, Refusal> {
    if let Some(gone) = &asked.gone {
        return Ok(gone.wanted.held.clone());
    }
    let Some(place) = asked.place() else { return Ok(None) };
    let known: Option<Announcement> = rows::load(context.state.as_ref(), &rows::announcement(&place)).await?;
    let told = known.and_then(|mut known| known.notices.remove(&asked.environment));
    Ok(told.and_then(|told| Some(Held { commit: told.holds?, why: told.text })))
}
