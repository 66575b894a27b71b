//! What functions send each other. A message is a hint: losing one costs a minute, a second one changes nothing.

use crate::{announcement::AnnouncementKey, name::EnvironmentId, step::Stage};
use serde::{Deserialize, Serialize};

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
    /// To create-dns: changes of a zone wait.
    Zone {
        /// The hosted zone's id.
        zone: String,
    },
    /// To announce: something is owed to people.
    Announcement {
        /// Which announcement.
        announcement: AnnouncementKey,
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

impl Message {
    /// The function that this message is for.
    pub fn destination(&self) -> Destination {
        use crate::step::{Direction, Step};
        match self {
            Message::Trigger { .. } | Message::Repository { .. } => Destination::AcceptTrigger,
            Message::Stage { stage, .. } => Destination::Stage(*stage),
            Message::Zone { .. } => {
                Destination::Stage(Stage { step: Step::CreateDns, direction: Direction::Forward })
            }
            Message::Announcement { .. } => Destination::Announce,
        }
    }
}
