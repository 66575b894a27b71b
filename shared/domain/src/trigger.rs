//! Triggers: what came in, verified and normalised.

use crate::{
    actor::Actor,
    command::{Command, ReplyAddress},
    image::{Digest, ImageRepository, Tag},
    name::EnvironmentId,
    repository::{Commit, Repository},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A trigger as its row holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// The delivery's identity, by which it is written once.
    pub key: String,
    /// Who is behind it.
    pub actor: Actor,
    /// When the door received it.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub received_at: Timestamp,
    /// What it says. Only a hint: the source is asked.
    pub sighting: Sighting,
    /// Where the answer to a command goes, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<ReplyAddress>,
    /// What came of it for each environment that it concerns; those that are missing are still to be asked.
    #[serde(default)]
    pub outcomes: BTreeMap<EnvironmentId, Outcome>,
    /// What came of it as a whole; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
}

/// The end of a trigger as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// How it ended.
    pub how: HowClosed,
    /// What came of it, in a few words.
    pub text: String,
}

/// How a trigger ended as a whole. What came of it for each environment stands beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HowClosed {
    /// Everybody whom it concerns was told.
    Told,
    /// As many were told as one trigger tells, and more are concerned.
    ToldSome,
    /// It was done, and concerns no environment by itself.
    Done,
    /// It concerns nobody, or changes nothing.
    Nothing,
    /// It was refused.
    Refused,
    /// It could not be brought to another end within its life.
    GivenUp,
}

impl HowClosed {
    /// The end with its words.
    pub fn because(self, text: impl Into<String>) -> Closed {
        Closed { how: self, text: text.into() }
    }
}

/// What a trigger says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Sighting {
    /// Something happened to a pull request.
    PullRequest {
        /// Its repository.
        repository: Repository,
        /// Its number.
        number: u64,
        /// The head that the sender named.
        head: Commit,
        /// Whether its branch is in another repository.
        from_fork: bool,
        /// Whether the sender said that it is closed; what counts is what its host says when it is looked at.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        closed: bool,
    },
    /// A branch moved.
    Push {
        /// Its repository.
        repository: Repository,
        /// The branch, without `refs/heads/`.
        branch: String,
        /// Where it stands now; none when it was deleted.
        head: Option<Commit>,
    },
    /// A registry has an image under a tag.
    ImagePushed {
        /// Which repository of which account and region, as the sender calls them.
        place: RegistryPlace,
        /// The tag.
        tag: Tag,
        /// The digest that the sender named: a hint.
        digest: Digest,
    },
    /// A CI system says what it built.
    ImageBuilt {
        /// The image's repository.
        image: ImageRepository,
        /// The image.
        digest: Digest,
        /// What it was built from.
        commit: Commit,
        /// The run that built it.
        run: Option<u64>,
        /// The tag that it was pushed under, where the sender said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tag: Option<Tag>,
    },
    /// A team typed a command in chat.
    Command {
        /// What they want.
        command: Command,
    },
    /// Somebody asks the Git host for our checks of a commit once more.
    ChecksAgain {
        /// Its repository.
        repository: Repository,
        /// The commit.
        commit: Commit,
        /// The environment whose check it is; none when all checks of the commit are meant.
        environment: Option<EnvironmentId>,
    },
    /// A platform configuration is to be put in force.
    Configuration {
        /// The hash that it is stored by.
        hash: String,
    },
    /// Somebody wants what failed to be tried again.
    Retry {
        /// The environment.
        environment: EnvironmentId,
    },
    /// Somebody wants an environment to live longer.
    Extend {
        /// The environment.
        environment: EnvironmentId,
        /// By how much; by its lifetime, if nothing is said.
        by: Option<SignedDuration>,
    },
}

/// A repository in a registry, as an event names it. What it is to us, the platform file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryPlace {
    /// The AWS account, twelve digits.
    pub account: String,
    /// The AWS region.
    pub region: String,
    /// The repository's path.
    pub repository: String,
}

/// What came of a trigger for one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outcome {
    /// It raised what is wanted to this generation.
    Raised {
        /// The generation.
        generation: u64,
    },
    /// It made a waiting generation look again.
    Looked {
        /// The generation.
        generation: u64,
    },
    /// The environment lives longer.
    Extended {
        /// Until then.
        #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
        until: Timestamp,
        /// Whether somebody asked for more, and this is the latest that may be.
        #[serde(default)]
        latest: bool,
    },
    /// It changes nothing, and this is why.
    Nothing {
        /// Why.
        reason: String,
    },
    /// It was refused, and this is why.
    Refused {
        /// Why.
        reason: String,
    },
}
