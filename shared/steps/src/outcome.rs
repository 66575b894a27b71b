//! What came of a trigger: followed from its row to the environments that it concerns, and there from generation to
//! generation until one has ended. Read row by row, by key.

use crate::{nouns::State, rows};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use roadstead_domain::{
    deployment::{Bound, Deployment, EndResult},
    environment::Environment,
    image::Digest,
    name::EnvironmentId,
    refusal::{Class, Refusal},
    sentence,
    trigger::{Closed, HowClosed, Outcome, Sighting, Trigger},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// How many generations are followed from the one that a trigger led to.
pub const GENERATIONS_LIMIT: u64 = 100;
/// How many environments are read at the same time.
const AT_ONCE: usize = 16;

/// How something stands. Of several, the greatest is what is told of them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It ended, and nothing was to be done.
    Nothing,
    /// It ended well.
    Ready,
    /// It ended, because it was refused.
    Refused,
    /// It ended without success.
    Failed,
    /// It has not ended.
    Pending,
}

impl Standing {
    const ENDED: [Standing; 4] = [Standing::Ready, Standing::Failed, Standing::Refused, Standing::Nothing];

    fn word(self) -> &'static str {
        match self {
            Standing::Nothing => "nothing",
            Standing::Ready => "ready",
            Standing::Refused => "refused",
            Standing::Failed => "failed",
            Standing::Pending => "pending",
        }
    }
}

/// What came of a trigger so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TriggerOutcome {
    /// The trigger's key.
    pub trigger: String,
    /// How it stands as a whole.
    pub state: Standing,
    /// Whether that is its end.
    pub done: bool,
    /// The same for people.
    pub text: String,
    /// How each environment stands that was told.
    pub environments: BTreeMap<EnvironmentId, EnvironmentOutcome>,
}

/// What came of a trigger for one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnvironmentOutcome {
    /// How it stands.
    pub state: Standing,
    /// The generation that this tells of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u64>,
    /// The same for people.
    pub text: String,
    /// Where it can be reached, once it is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Follows a trigger as far as it has come.
///
/// # Errors
/// When the table does not answer.
pub async fn of(state: &dyn State, trigger: &Trigger) -> Result<TriggerOutcome, Refusal> {
    let about = about(&trigger.sighting);
    let followed = stream::iter(trigger.outcomes.clone()).map(|(id, outcome)| async move {
        let outcome = of_environment(state, &id, &outcome, about).await?;
        Ok::<_, Refusal>((id, outcome))
    });
    let environments: BTreeMap<EnvironmentId, EnvironmentOutcome> =
        followed.buffer_unordered(AT_ONCE).try_collect().await?;
    let states = environments.values().map(|outcome| outcome.state);
    let state = states.chain([whole(trigger.closed.as_ref())]).max().unwrap_or(Standing::Pending);
    let text = text(trigger.closed.as_ref(), &environments);
    Ok(TriggerOutcome {
        trigger: trigger.key.clone(),
        state,
        done: state != Standing::Pending,
        text,
        environments,
    })
}

/// The image that a trigger tells of.
fn about(sighting: &Sighting) -> Option<&Digest> {
    match sighting {
        Sighting::ImageBuilt { digest, .. } | Sighting::ImagePushed { digest, .. } => Some(digest),
        _ => None,
    }
}

/// What the trigger's own end adds to that of its environments.
fn whole(closed: Option<&Closed>) -> Standing {
    match closed.map(|closed| closed.how) {
        None => Standing::Pending,
        Some(HowClosed::Told | HowClosed::ToldSome | HowClosed::Nothing) => Standing::Nothing,
        Some(HowClosed::Done) => Standing::Ready,
        Some(HowClosed::Refused) => Standing::Refused,
        Some(HowClosed::GivenUp) => Standing::Failed,
    }
}

fn text(closed: Option<&Closed>, environments: &BTreeMap<EnvironmentId, EnvironmentOutcome>) -> String {
    let some = closed.filter(|closed| closed.how == HowClosed::ToldSome);
    let told = some.is_some() || closed.is_some_and(|closed| closed.how == HowClosed::Told);
    match (closed, environments.iter().next()) {
        (None, None) => sentence::noted(),
        (Some(closed), first) if !told || first.is_none() => closed.text.clone(),
        (_, Some((id, only))) if environments.len() == 1 => sentence::outcome_of_one(id, &only.text),
        _ => {
            let count = |kind| environments.values().filter(|outcome| outcome.state == kind).count();
            let counts = Standing::ENDED.into_iter().chain([Standing::Pending]);
            let counts = counts.map(|kind| (kind.word(), count(kind))).filter(|(_, count)| *count > 0);
            let of_told = sentence::outcome_of_many(&counts.collect::<Vec<_>>());
            some.map(|some| sentence::outcome_of_some(&of_told, &some.text)).unwrap_or(of_told)
        }
    }
}

async fn of_environment(
    state: &dyn State,
    id: &EnvironmentId,
    outcome: &Outcome,
    about: Option<&Digest>,
) -> Result<EnvironmentOutcome, Refusal> {
    let of =
        |state, text: &str| EnvironmentOutcome { state, generation: None, text: text.to_owned(), url: None };
    let first = match outcome {
        Outcome::Extended { until, latest } => {
            return Ok(of(Standing::Ready, &sentence::extended(*until, *latest)));
        }
        Outcome::Nothing { reason } => return Ok(of(Standing::Nothing, reason)),
        Outcome::Refused { reason } => return Ok(of(Standing::Refused, reason)),
        Outcome::Raised { generation } | Outcome::Looked { generation } => *generation,
    };
    match follow(state, id, first, about).await {
        Err(refusal) if refusal.class == Class::Broken => {
            tracing::error!(environment = %id, %refusal, "an outcome cannot be read");
            Ok(of(Standing::Failed, &sentence::outcome_unreadable()))
        }
        followed => followed,
    }
}

/// Follows an environment from one generation to the one that took its place. A generation without a record was superseded
/// before it was bound. What has ended stays as it is, so that the answer does too.
async fn follow(
    state: &dyn State,
    id: &EnvironmentId,
    first: u64,
    about: Option<&Digest>,
) -> Result<EnvironmentOutcome, Refusal> {
    let Some(environment) = read(state, id).await? else {
        return Ok(told(Standing::Nothing, (first, first), sentence::no_such_environment(id)));
    };
    let mut generation = first;
    while generation < first + GENERATIONS_LIMIT {
        if generation > environment.carrying {
            return Ok(told(Standing::Pending, (first, generation), sentence::outcome_waits()));
        }
        let record: Option<Deployment> = rows::load(state, &rows::deployment(id, generation)).await?;
        match record.as_ref().and_then(|record| Some((&record.bound, &record.ended.as_ref()?.result))) {
            Some((_, EndResult::Superseded { by })) => generation = (*by).max(generation + 1),
            Some((bound, result)) => {
                let ended = ended((first, generation), bound, result, about);
                let url = match ended.state {
                    Standing::Ready => read(state, id).await?.and_then(|now| now.ready.and(now.url)),
                    _ => None,
                };
                return Ok(EnvironmentOutcome { url, ..ended });
            }
            None if generation < environment.carrying => generation += 1,
            None => return Ok(under_way((first, generation), &environment, record.as_ref(), about)),
        }
    }
    Ok(told(Standing::Nothing, (first, first), sentence::outcome_lost(GENERATIONS_LIMIT)))
}

async fn read(state: &dyn State, id: &EnvironmentId) -> Result<Option<Environment>, Refusal> {
    rows::load(state, &rows::environment(id)).await
}

/// A generation that has not ended. Where it takes the environment away, whoever waits for an image waits no longer.
fn under_way(
    generations: (u64, u64),
    environment: &Environment,
    record: Option<&Deployment>,
    about: Option<&Digest>,
) -> EnvironmentOutcome {
    let goes = record.is_some_and(|record| matches!(record.bound, Bound::Absent { .. }));
    if goes && about.is_some() {
        return told(Standing::Nothing, generations, sentence::outcome_absent());
    }
    let text = sentence::under_way(&environment.phase, environment.stage, environment.attempts);
    told(Standing::Pending, generations, text)
}

fn ended(
    generations: (u64, u64),
    bound: &Bound,
    result: &EndResult,
    about: Option<&Digest>,
) -> EnvironmentOutcome {
    let runs_it = match (bound, about) {
        (Bound::Present { revisions }, Some(digest)) => {
            revisions.images.values().any(|chosen| chosen.digest == *digest)
        }
        _ => true,
    };
    let standing = match result {
        EndResult::Ready if runs_it => Standing::Ready,
        EndResult::Failed { .. } => Standing::Failed,
        EndResult::Ready | EndResult::Gone | EndResult::Superseded { .. } => Standing::Nothing,
    };
    told(standing, generations, sentence::outcome_ended(result, runs_it))
}

fn told(state: Standing, (first, generation): (u64, u64), text: String) -> EnvironmentOutcome {
    let text = sentence::outcome_superseded(first, generation, &text);
    EnvironmentOutcome { state, generation: Some(generation), text, url: None }
}
