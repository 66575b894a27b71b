//! Trying a commit again, because somebody asks the Git host for its checks once more.

use super::{AcceptTrigger, Concerned, concern::Concern, these, told::Told};
use crate::{context::Context, pages, rows};
use roadstead_domain::{
    environment::{Environment, Phase},
    name::EnvironmentId,
    platform::Platform,
    refusal::Refusal,
    repository::{Commit, Repository},
    sentence,
    trigger::Outcome,
};

impl AcceptTrigger {
    /// The environments of the repository that were ever bound to the commit, or the one that is named of them. What the
    /// event says is only a hint: who they are, our own rows and the platform configuration say.
    pub(super) async fn checks_again(
        &self,
        context: &Context,
        platform: &Platform,
        (repository, commit): (&Repository, &Commit),
        named: Option<&EnvironmentId>,
    ) -> Result<Concerned, Refusal> {
        let partition = rows::commit_partition(repository, commit);
        let rows = pages::all(context.state.as_ref(), &partition, rows::ENVIRONMENTS).await?;
        let bound = rows.iter().filter_map(|row| rows::environment_of(&row.key));
        let known = |id: &EnvironmentId| {
            platform.applications_of(repository).any(|(name, _)| *name == id.application)
        };
        let meant = bound.filter(|id| known(id) && named.is_none_or(|named| named == id));
        let concerns = meant.map(|environment| Concern {
            environment,
            told: Ok(Told::CommitAgain { commit: commit.clone() }),
            follows: None,
        });
        Ok(these(concerns.collect(), sentence::nobody_ran))
    }
}

/// What comes of it where no new generation is needed: what is under way goes on, and an older commit does not come back.
pub(super) fn without_a_generation(environment: &Environment, commit: &Commit) -> Option<Outcome> {
    let given_up = environment.instead_of.as_ref().and_then(|instead_of| instead_of.commit.as_ref());
    let newest = environment.commit.as_ref() == Some(commit) || given_up == Some(commit);
    let stands =
        matches!(environment.phase, Phase::Ready | Phase::Failed { .. } | Phase::NeedsAttention { .. });
    match () {
        () if environment.is_behind() || !environment.is_at_rest() => {
            Some(Outcome::Nothing { reason: sentence::under_way_already(&environment.id) })
        }
        () if !newest => {
            Some(Outcome::Nothing { reason: sentence::commit_is_older(&environment.id, commit) })
        }
        () if !stands => Some(Outcome::Nothing { reason: sentence::no_such_environment(&environment.id) }),
        () => None,
    }
}
