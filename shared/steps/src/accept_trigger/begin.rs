//! Beginning an environment that does not exist: its row, its place in the quota and what leads to it, together.

use super::{
    raise::{Raise, same, send_first},
    told::Told,
};
use crate::{
    context::Context,
    nouns::state::{Change, Condition, Row, StateError, Write},
    rows,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    environment::{Environment, Phase},
    intent::{Held, Intent, Source, Wanted},
    inventory::Inventory,
    name::{EnvironmentId, TypeName},
    refusal::Refusal,
    repository::Repository,
    sentence,
    trigger::Outcome,
};
use serde_json::Map;

/// What is needed to begin an environment that does not exist.
#[derive(Debug, Clone)]
pub(crate) struct Creation {
    pub(crate) mark: String,
    pub(crate) outside_name: String,
    pub(crate) kind: TypeName,
    pub(crate) source: Source,
    pub(crate) repository: Repository,
    pub(crate) limit: u32,
    pub(crate) chosen_lifetime: Option<SignedDuration>,
    pub(crate) lifetime: Option<SignedDuration>,
    /// A head that was refused before it existed.
    pub(crate) held: Option<Held>,
}

/// Begins an environment that does not exist, or is gone: its row and its place in the quota together.
pub(super) async fn begin_anew(
    context: &Context,
    raise: &Raise<'_>,
    gone: Option<Environment>,
) -> Result<Option<Outcome>, Refusal> {
    let (Some(creation), Told::Wanted(intent)) = (&raise.creation, &raise.told) else {
        return Ok(Some(Outcome::Nothing { reason: sentence::no_such_environment(raise.environment) }));
    };
    let newer = gone.as_ref().is_some_and(|gone| gone.wanted.cause.at > raise.cause.at);
    if newer && raise.cause.actor.is_in_chat() {
        return Ok(Some(Outcome::Nothing { reason: sentence::comes_too_late() }));
    }
    let now = context.now();
    let environment = fresh(raise, creation, intent, gone.as_ref(), now);
    let condition = match &gone {
        None => Condition::RowMissing,
        Some(gone) => same(gone, true),
    };
    let row =
        rows::row(rows::environment(raise.environment), &environment, Some(now + crate::carry::PATIENCE))?;
    let below = Condition::Any(vec![
        Condition::Missing("count".to_owned()),
        Condition::Below("count".to_owned(), i64::from(creation.limit)),
    ]);
    let quota = rows::quota(&raise.environment.application, &creation.kind);
    let mut writes = vec![
        Write::Put(row, condition),
        Write::Update(quota, vec![Change::Add("count".to_owned(), 1)], below),
    ];
    writes.extend(leads(creation, raise.environment));
    match context.state.commit(&writes).await {
        Ok(()) => {
            send_first(context, &environment).await;
            Ok(Some(Outcome::Raised { generation: environment.carrying }))
        }
        Err(StateError::Refused { write: 1, .. }) => {
            Ok(Some(Outcome::Refused { reason: sentence::limit_reached(raise.environment, creation.limit) }))
        }
        Err(StateError::Refused { .. } | StateError::Busy) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What leads to it: from its repository, and from its branch.
fn leads(creation: &Creation, environment: &EnvironmentId) -> Vec<Write> {
    let mut keys = vec![rows::repository_member(&creation.repository, environment)];
    if let Source::Branch { branch } = &creation.source {
        keys.push(rows::branch_follower(&creation.repository, branch, environment));
    }
    let row = |key| Write::Put(Row { key, attributes: Map::new() }, Condition::Always);
    keys.into_iter().map(row).collect()
}

fn fresh(
    raise: &Raise<'_>,
    creation: &Creation,
    intent: &Intent,
    gone: Option<&Environment>,
    now: Timestamp,
) -> Environment {
    let generation = gone.map_or(0, |gone| gone.wanted.generation) + 1;
    let (intent, cause) = (intent.clone(), raise.cause.clone());
    let held = creation.held.clone();
    let wanted = Wanted { generation, looks: 0, intent, cause, extension: None, forgets_tried: false, held };
    let mut environment = Environment {
        id: raise.environment.clone(),
        mark: creation.mark.clone(),
        outside_name: creation.outside_name.clone(),
        kind: creation.kind.clone(),
        source: creation.source.clone(),
        repository: creation.repository.clone(),
        incarnation: gone.map_or(0, |gone| gone.incarnation) + 1,
        wanted,
        carrying: 0,
        stage: None,
        hold: false,
        cause: raise.cause.clone(),
        returning: false,
        instead_of: None,
        commit: None,
        commit_since: None,
        picked: Default::default(),
        bound: None,
        claim: None,
        released: None,
        attempts: 0,
        late_until: None,
        phase: Phase::Resolving,
        phase_since: now,
        begun_at: now,
        stage_since: now,
        deadline: now,
        inventory: Inventory::default(),
        tried: vec![],
        revisions: None,
        ready: None,
        applied: 0,
        returns: false,
        progress: vec![],
        retires_at: None,
        retiring: false,
        left_behind: None,
        url: None,
        lifetime: creation.chosen_lifetime,
        channel: None,
        expires_at: None,
        life: None,
        warned_of: None,
    };
    environment.live(creation.lifetime, now);
    environment.begin(now);
    environment
}
