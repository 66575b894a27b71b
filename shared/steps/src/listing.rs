//! Which environments there are, and what was done with each: read where the rows are kept together, never by a scan.

use crate::{
    configuration,
    nouns::{State, state::Consistency},
    pages, rows,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use roadstead_domain::{
    deployment::Deployment, environment::Environment, name::EnvironmentId, refusal::Refusal,
    repository::Repository,
};
use std::collections::BTreeMap;

/// How many environments are read at the same time.
const AT_ONCE: usize = 16;

/// Every environment of the applications that the configuration in force has. One that is gone is among them until its
/// pull request was seen closed.
///
/// # Errors
/// When the table does not answer, or there is no configuration yet.
pub async fn environments(state: &dyn State) -> Result<BTreeMap<EnvironmentId, Environment>, Refusal> {
    let platform = configuration::current(state).await?;
    let repositories = platform.applications.into_values().map(|application| application.repository);
    let by_key: BTreeMap<String, Repository> = repositories.map(|found| (found.key(), found)).collect();
    let mut environments = BTreeMap::new();
    for repository in by_key.values() {
        environments.extend(of_repository(state, repository).await?);
    }
    Ok(environments)
}

/// Environments of one repository: gone ones too, while their pull request is open. One that cannot be read is passed over.
///
/// # Errors
/// When the table does not answer.
pub async fn of_repository(
    state: &dyn State,
    repository: &Repository,
) -> Result<BTreeMap<EnvironmentId, Environment>, Refusal> {
    let partition = rows::repository(&repository.key()).partition;
    let rows = pages::all(state, &partition, rows::ENVIRONMENTS).await?;
    let ids = rows.iter().filter_map(|row| rows::environment_of(&row.key));
    let read = stream::iter(ids.collect::<Vec<EnvironmentId>>()).map(|id| member(state, id));
    let found: Vec<Option<_>> = read.buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

async fn member(
    state: &dyn State,
    id: EnvironmentId,
) -> Result<Option<(EnvironmentId, Environment)>, Refusal> {
    let row = state.get(&rows::environment(&id), Consistency::Strong).await?;
    match row.as_ref().map(rows::read::<Environment>).transpose() {
        Ok(environment) => Ok(environment.map(|found| (id, found))),
        Err(refusal) => {
            tracing::error!(environment = %id, %refusal, "an environment is passed over");
            Ok(None)
        }
    }
}

/// The records of an environment's newest generations, the oldest of them first. A generation that was superseded before it
/// was bound has none.
///
/// # Errors
/// When the table does not answer, or a record is damaged.
pub async fn deployments(
    state: &dyn State,
    environment: &Environment,
    at_most: u64,
) -> Result<BTreeMap<u64, Deployment>, Refusal> {
    let newest = environment.carrying;
    let mut deployments = BTreeMap::new();
    for generation in newest.saturating_sub(at_most) + 1..=newest {
        let deployment = rows::load(state, &rows::deployment(&environment.id, generation)).await?;
        deployments.extend(deployment.map(|found| (generation, found)));
    }
    Ok(deployments)
}
