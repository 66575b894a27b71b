//! What one environment wants of a zone, and what became of it: one row for each environment in each zone.

use super::{RECORD_LIFE, UNKNOWN_LIFE, holding};
use crate::{
    carry::{PATIENCE, Work},
    context::Context,
    nouns::state::{Change, Condition, DUE_AT, StateError, Write},
    pages, rows,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Asking once more would not help.
    Refused {
        /// Why, and what to do.
        refusal: Refusal,
    },
}

impl Fate {
    /// Why asking once more would not help, if that is so.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        match self {
            Fate::Refused { refusal } => Some(refusal.clone()),
            Fate::Waits | Fate::Nothing { .. } | Fate::Sent { .. } | Fate::Arrived { .. } => None,
        }
    }

    /// Whether its change is under way.
    pub(super) fn is_sent(&self) -> bool {
        matches!(self, Fate::Sent { .. })
    }

    /// From when on nobody remembers what was taken away.
    pub(super) fn quiet_at(&self) -> Option<Timestamp> {
        match self {
            Fate::Arrived { at } => Some(*at + RECORD_LIFE),
            Fate::Nothing { late } => late.map(|late| late + UNKNOWN_LIFE),
            Fate::Waits | Fate::Sent { .. } | Fate::Refused { .. } => None,
        }
    }
}

/// What one environment asks of a zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(super) environment: EnvironmentId,
    pub(super) generation: u64,
    pub(super) stage: Stage,
    pub(super) mark: String,
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub(super) since: Timestamp,
    /// Until when names that are to be made are of use.
    #[serde(
        default,
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) until: Option<Timestamp>,
    pub(super) wanted: Vec<Wanted>,
    /// A change that was under way when this was asked: where nothing else must change, its arrival is awaited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Fate>,
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
    let before = stored(context, zone, environment).await?;
    let same = |asked: &Asked| {
        asked.generation == environment.carrying
            && Some(asked.stage) == environment.stage
            && asked.wanted == wanted
    };
    let before = match before {
        Some(asked) if same(&asked) => return Ok(asked.fate),
        Some(Asked { fate, before, .. }) => Some(fate).filter(Fate::is_sent).or(before),
        None => None,
    };
    let stage = environment.stage.unwrap_or(Stage::FIRST);
    let asked = Asked {
        environment: environment.id.clone(),
        generation: environment.carrying,
        stage,
        mark: environment.mark.clone(),
        since: context.now(),
        until: (stage.direction == Direction::Forward).then_some(environment.deadline),
        wanted,
        before,
        fate: Fate::Waits,
    };
    let key = rows::zone_change(zone, &environment.id);
    let row = rows::row(key, &asked, Some(context.now() + PATIENCE))?;
    work.beside.push(Write::Put(row, Condition::Always));
    Ok(Fate::Waits)
}

/// The write that takes back whatever an environment asked of a zone.
pub(super) fn forget(environment: &Environment, zone: &str) -> Write {
    Write::Delete(rows::zone_change(zone, &environment.id), Condition::Always)
}

/// What an environment asked of a zone, in this generation or before.
async fn stored(context: &Context, zone: &str, environment: &Environment) -> Result<Option<Asked>, Refusal> {
    let key = rows::zone_change(zone, &environment.id);
    rows::load(context.state.as_ref(), &key).await
}

/// Whether every name that an environment asked for answers everywhere; if so, what was asked is taken back with the release.
///
/// # Errors
/// When the table does not answer, or it will never be known.
pub(crate) async fn has_arrived(context: &Context, work: &mut Work) -> Result<bool, Refusal> {
    let Environment { carrying, retiring, .. } = work.environment;
    let mut beside = vec![];
    for zone in work.environment.inventory.zones() {
        let asked = stored(context, &zone, &work.environment).await?;
        let Some(fate) = asked.filter(|asked| asked.generation == carrying).map(|asked| asked.fate) else {
            continue;
        };
        let remembered = matches!(fate, Fate::Nothing { .. })
            && retiring
            && fate.quiet_at().is_some_and(|quiet| quiet > context.now());
        match fate {
            Fate::Waits | Fate::Sent { .. } => return Ok(false),
            Fate::Refused { refusal } => return Err(refusal),
            Fate::Nothing { .. } | Fate::Arrived { .. } if remembered => return Ok(false),
            Fate::Nothing { .. } | Fate::Arrived { .. } => beside.push(forget(&work.environment, &zone)),
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
    let all = pages::all(context.state.as_ref(), &rows::zone(zone).partition, rows::ZONE_CHANGES).await?;
    all.iter().map(rows::read).collect()
}

/// Writes what became of it, unless something else was asked meanwhile, or somebody else wrote it. What has come to its end is
/// due no more.
///
/// # Errors
/// When the table does not answer.
pub(super) async fn answer(context: &Context, zone: &str, asked: &Asked, fate: &Fate) -> Result<(), Refusal> {
    let same = Condition::All(vec![
        Condition::Equals("generation".to_owned(), json!(asked.generation)),
        Condition::Equals("since".to_owned(), json!(asked.since.as_millisecond())),
        Condition::Equals("fate".to_owned(), rows::attribute(&asked.fate)?),
    ]);
    let mut changes = vec![Change::Set("fate".to_owned(), rows::attribute(fate)?)];
    if !matches!(fate, Fate::Waits | Fate::Sent { .. }) {
        changes.push(Change::Remove(DUE_AT.to_owned()));
    }
    let key = rows::zone_change(zone, &asked.environment);
    match holding::update(context, &key, &changes, &same).await {
        Ok(_) | Err(StateError::Refused { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
