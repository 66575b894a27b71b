//! What one environment wants of a zone, and what became of it: one row for each environment in each zone.

use crate::{
    carry::{PATIENCE, Work},
    context::Context,
    nouns::state::{Change, Condition, Consistency, DUE_AT, Query, StateError, Write},
    rows,
};
use jiff::Timestamp;
use roadstead_domain::{
    environment::Environment,
    name::EnvironmentId,
    platform::AliasTarget,
    refusal::Refusal,
    step::{Direction, Stage},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How many rows one query answers.
const PAGE: usize = 100;

/// What a name is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wanted {
    /// The full name, lower-case, without the final dot.
    pub(super) name: String,
    /// What it leads to; none if it is to go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<AliasTarget>,
}

/// What became of what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Fate {
    /// Nothing yet.
    Waits,
    /// There was nothing to change.
    Nothing {
        /// Until when a batch that was given up may still change it, if there was one.
        #[serde(default, with = "jiff::fmt::serde::timestamp::millisecond::optional")]
        late: Option<Timestamp>,
    },
    /// It was changed, and does not answer everywhere yet.
    Sent {
        /// The id under which its arrival can be asked.
        change: String,
        /// When it was sent.
        #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
        at: Timestamp,
    },
    /// It answers everywhere.
    Arrived {
        /// Since when, at the latest.
        #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
        at: Timestamp,
    },
    /// The zone would never take it.
    Refused {
        /// Why, and what to do.
        why: String,
    },
}

impl Fate {
    /// Why the zone would never take it, if that is so.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        match self {
            Fate::Refused { why } => Some(Refusal::rejected(why)),
            Fate::Waits | Fate::Nothing { .. } | Fate::Sent { .. } | Fate::Arrived { .. } => None,
        }
    }
}

/// What one environment asks of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) environment: EnvironmentId,
    pub(super) generation: u64,
    pub(super) stage: Stage,
    pub(super) mark: String,
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub(super) since: Timestamp,
    pub(super) wanted: Vec<Wanted>,
    pub(super) fate: Fate,
}

impl Asked {
    /// Whether names are to be made: otherwise all are to go.
    pub(super) fn is_forward(&self) -> bool {
        self.stage.direction == Direction::Forward
    }
}

/// What became of what an environment wants of a zone. What was not asked yet is asked with the release, and waits.
///
/// # Errors
/// When the table does not answer.
pub(super) async fn ask(
    context: &Context,
    work: &mut Work,
    zone: &str,
    wanted: Vec<Wanted>,
) -> Result<Fate, Refusal> {
    let environment = &work.environment;
    if let Some(asked) = stored(context, zone, environment).await?
        && asked.wanted == wanted
        && Some(asked.stage) == environment.stage
    {
        return Ok(asked.fate);
    }
    let asked = Asked {
        environment: environment.id.clone(),
        generation: environment.carrying,
        stage: environment.stage.unwrap_or(Stage::FIRST),
        mark: environment.mark.clone(),
        since: context.now(),
        wanted,
        fate: Fate::Waits,
    };
    let row = rows::row(rows::zone_change(zone, &environment.id), &asked, None)?;
    let due = Change::Set(DUE_AT.to_owned(), json!((context.now() + PATIENCE).as_millisecond()));
    work.beside.push(Write::Put(row, Condition::Always));
    work.beside.push(Write::Update(rows::zone(zone), vec![due], Condition::Always));
    Ok(Fate::Waits)
}

/// The write that takes back whatever an environment asked of a zone.
pub(super) fn forget(environment: &Environment, zone: &str) -> Write {
    Write::Delete(rows::zone_change(zone, &environment.id), Condition::Always)
}

/// What the carried generation asked of a zone.
async fn stored(context: &Context, zone: &str, environment: &Environment) -> Result<Option<Asked>, Refusal> {
    let key = rows::zone_change(zone, &environment.id);
    let row = context.state.get(&key, Consistency::Strong).await?;
    let asked: Option<Asked> = row.as_ref().map(rows::read).transpose()?;
    Ok(asked.filter(|asked| asked.generation == environment.carrying))
}

/// Whether every name that an environment asked for answers everywhere; if so, what was asked is taken back with the release.
///
/// # Errors
/// When the table does not answer.
pub(crate) async fn has_arrived(context: &Context, work: &mut Work) -> Result<bool, Refusal> {
    let mut beside = vec![];
    for zone in work.environment.inventory.zones() {
        match stored(context, &zone, &work.environment).await?.map(|asked| asked.fate) {
            None => {}
            Some(Fate::Waits | Fate::Sent { .. }) => return Ok(false),
            Some(Fate::Nothing { .. } | Fate::Arrived { .. } | Fate::Refused { .. }) => {
                beside.push(forget(&work.environment, &zone));
            }
        }
    }
    work.beside.extend(beside);
    Ok(true)
}

/// Everything that was asked of a zone.
///
/// # Errors
/// When the table does not answer.
pub(super) async fn all(context: &Context, zone: &str) -> Result<Vec<Asked>, Refusal> {
    let (mut all, mut after) = (vec![], None);
    loop {
        let query = Query {
            partition: rows::zone(zone).partition,
            prefix: "change#".to_owned(),
            consistency: Consistency::Strong,
            backwards: false,
            limit: PAGE,
            after: after.take(),
        };
        let page = context.state.query(&query).await?;
        all.extend(page.iter().map(rows::read::<Asked>).collect::<Result<Vec<_>, _>>()?);
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.key.sort.clone()),
            _ => return Ok(all),
        }
    }
}

/// Writes what became of it, unless something else was asked meanwhile, or somebody else wrote it.
///
/// # Errors
/// When the table does not answer.
pub(super) async fn answer(context: &Context, zone: &str, asked: &Asked, fate: &Fate) -> Result<(), Refusal> {
    let same = Condition::All(vec![
        Condition::Equals("generation".to_owned(), json!(asked.generation)),
        Condition::Equals("since".to_owned(), json!(asked.since.as_millisecond())),
        Condition::Equals("wanted".to_owned(), rows::attribute(&asked.wanted)?),
        Condition::Equals("fate".to_owned(), rows::attribute(&asked.fate)?),
    ]);
    let change = Change::Set("fate".to_owned(), rows::attribute(fate)?);
    match context.state.update(&rows::zone_change(zone, &asked.environment), &[change], &same).await {
        Ok(_) | Err(StateError::Refused { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
