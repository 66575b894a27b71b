//! What functions send each other. A message is a hint: losing one costs a minute, a second one changes nothing.

use crate::{
    announcement::AnnouncementKey,
    name::EnvironmentId,
    repository::Host,
    step::{Direction, Stage, Step},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Message {
    /// To accept-trigger: a trigger has come in.
    Trigger {
        /// The trigger's key.
        key: String,
    },
    /// To a step: an environment stands there.
    Stage {
        /// The environment.
        environment: EnvironmentId,
        /// The generation that is meant.
        generation: u64,
        /// Where it stands.
        stage: Stage,
    },
    /// To create-dns: something is asked of a zone.
    Zone {
        /// The hosted zone's id.
        zone: String,
    },
    /// To announce: something is owed to people.
    Announcement {
        /// Which announcement.
        announcement: AnnouncementKey,
    },
    /// To accept-trigger: what became of a host's webhooks is to be looked at.
    Deliveries {
        /// The host.
        host: Host,
    },
    /// To accept-trigger: a repository is to be looked at.
    Repository {
        /// The repository's key.
        key: String,
    },
}

/// The function that a message is for; each has a queue of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// Who is concerned.
    AcceptTrigger,
    /// A step, or its undo.
    Stage(Stage),
    /// What we tell people.
    Announce,
}

impl Destination {
    /// All of them.
    pub fn all() -> Vec<Destination> {
        let directions = [Direction::Forward, Direction::Undo];
        let stages =
            directions.into_iter().flat_map(|direction| Step::ALL.map(|step| Stage { step, direction }));
        [Destination::AcceptTrigger, Destination::Announce]
            .into_iter()
            .chain(stages.map(Destination::Stage))
            .collect()
    }
}

/// The name of the queue: the function's, and `undo-` before it where a step is undone.
impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::AcceptTrigger => formatter.write_str("accept-trigger"),
            Destination::Announce => formatter.write_str("announce"),
            Destination::Stage(Stage { step, direction: Direction::Forward }) => step.fmt(formatter),
            Destination::Stage(Stage { step, direction: Direction::Undo }) => {
                write!(formatter, "undo-{step}")
            }
        }
    }
}

/// There is no queue of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no function has a queue of this name")]
pub struct UnknownDestination;

impl FromStr for Destination {
    type Err = UnknownDestination;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let named = |destination: &Destination| destination.to_string() == name;
        Destination::all().into_iter().find(named).ok_or(UnknownDestination)
    }
}

impl Message {
    /// The function that this message is for.
    pub fn destination(&self) -> Destination {
        match self {
            Message::Trigger { .. } | Message::Deliveries { .. } | Message::Repository { .. } => {
                Destination::AcceptTrigger
            }
            Message::Stage { stage, .. } => Destination::Stage(*stage),
            Message::Zone { .. } => {
                Destination::Stage(Stage { step: Step::CreateDns, direction: Direction::Forward })
            }
            Message::Announcement { .. } => Destination::Announce,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_destination_is_found_by_its_name() {
        for destination in Destination::all() {
            assert_eq!(destination.to_string().parse(), Ok(destination));
        }
        assert_eq!("undo-announce".parse::<Destination>(), Err(UnknownDestination));
    }

    #[test]
    fn undoing_has_queues_of_its_own() {
        let names: Vec<String> = Destination::all().iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), 12);
        assert!(names.contains(&"undo-apply-to-eks".to_owned()), "{names:?}");
    }
}
