//! Environments that somebody let follow a branch: the configuration does not name them.

use super::{concern::Concern, told::Told};
use crate::{context::Context, pages, rows};
use roadstead_domain::{
    intent::Intent,
    name::EnvironmentId,
    platform::Platform,
    refusal::Refusal,
    repository::{Commit, Repository},
};

/// The environments that follow a branch, without the standing ones.
pub(super) async fn followers(
    context: &Context,
    platform: &Platform,
    repository: &Repository,
    branch: &str,
    head: Option<&Commit>,
) -> Result<Vec<Concern>, Refusal> {
    let partition = rows::branch_partition(repository, branch);
    let found = pages::all(context.state.as_ref(), &partition, rows::ENVIRONMENTS).await?;
    let ids = found.iter().filter_map(|row| rows::environment_of(&row.key));
    Ok(ids.filter(|id| !is_standing(platform, id)).map(|id| concern(id, head)).collect())
}

/// Whether the configuration names it.
pub(super) fn is_standing(platform: &Platform, id: &EnvironmentId) -> bool {
    platform.applications.get(&id.application).is_some_and(|found| found.environments.contains_key(&id.name))
}

/// It is to look at its branch, if it is still there.
pub(super) fn concern(environment: EnvironmentId, head: Option<&Commit>) -> Concern {
    let told = Ok(Told::Wanted(Intent::Follow { hint: head.cloned() }));
    Concern { environment, told, follows: None }
}
