//! Rows: the key of everything that is kept, and the way from domain types to rows and back.
//!
//! | Partition                  | Sort key                    | What                                          | Due when                |
//! |----------------------------|-----------------------------|-----------------------------------------------|-------------------------|
//! | `environment#APP/NAME`     | `environment`               | the environment's state machine               | its stage is to go on   |
//! | `environment#APP/NAME`     | `deployment#GENERATION`     | the record of one generation                  |                         |
//! | `environment#APP/NAME`     | `deployment#GENERATION#NNN` | its plan, packed                              |                         |
//! | `trigger#KEY`              | `trigger`                   | what came in                                  | until it is closed      |
//! | `commit#REPOSITORY#COMMIT` | `image#APP/WORKLOAD#…`      | an image that was built from the commit       |                         |
//! | `commit#REPOSITORY#COMMIT` | `environment#APP/NAME`      | an environment that runs the commit           |                         |
//! | `branch#REPOSITORY#BRANCH` | `environment#APP/NAME`      | an environment that follows it                |                         |
//! | `image#IMAGE#PIPELINE`     | `digest#DIGEST`             | what a pipeline told of an image              |                         |
//! | `image#IMAGE#PIPELINE`     | `tag#TAG`                   | what a tag names, where nobody else tells it  |                         |
//! | `announcement#KEY`         | `announcement`              | what people are owed                          | while shown < owed      |
//! | `zone#ID`                  | `zone`                      | who sees to what is asked of a hosted zone    | a dead claim has ended  |
//! | `zone#ID`                  | `change#APP/NAME`           | what an environment asks, and its answer      | until it is answered    |
//! | `zone#ID`                  | `wildcard#NAME`             | where a wildcard was seen to lead             |                         |
//! | `quota#APP#TYPE`           | `quota`                     | how many environments there are               |                         |
//! | `repository#KEY`           | `repository`                | when a repository is looked at                | every ten minutes       |
//! | `repository#KEY`           | `environment#APP/NAME`      | an environment that follows it                |                         |
//! | `deliveries#HOST`          | `deliveries`                | which webhooks of a host we did not take      | every three minutes     |
//! | `platform`                 | `current`                   | the hash of the configuration in force        |                         |
//! | `platform#HASH`            | `platform`                  | a platform configuration                      |                         |
//!
//! A closed trigger, and the answer to a command, expire after [`KEPT`]. The rest is history, or small.

mod kind;

pub use kind::Kind;

use crate::nouns::{
    State,
    state::{Change, Consistency, DUE_AT, KEPT_UNTIL, Key, Row},
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    announcement::AnnouncementKey,
    fact::ImageFact,
    image::{Digest, ImageRepository, Tag},
    intent::Evidence,
    name::{ApplicationName, EnvironmentId, TypeName},
    refusal::Refusal,
    repository::{Commit, Host, Repository},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// How long a trigger is kept after it was closed, and the answer to a command after it was given: by then no sender sends it
/// again, and whoever does is told anew what is true then.
pub const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How the rows begin of environments that are kept beside something else.
pub const ENVIRONMENTS: &str = "environment#";
/// How the rows begin of what is asked of a zone.
pub const ZONE_CHANGES: &str = "change#";

/// The environment's own row.
pub fn environment(id: &EnvironmentId) -> Key {
    Kind::Environment.row(id)
}

/// The record of one generation. Generations sort as numbers do.
pub fn deployment(id: &EnvironmentId, generation: u64) -> Key {
    Key::new(Kind::Environment.partition(id), format!("deployment#{generation:020}"))
}

/// One part of the packed plan of a generation.
pub fn deployment_chunk(id: &EnvironmentId, generation: u64, chunk: usize) -> Key {
    Key::new(Kind::Environment.partition(id), format!("deployment#{generation:020}#{chunk:03}"))
}

/// A trigger, by the identity of its delivery.
pub fn trigger(key: &str) -> Key {
    Kind::Trigger.row(key)
}

/// An image of a workload that was built from a commit. What a pipeline told is a row of its own, so that nobody's word takes
/// the place of another's.
pub fn image_fact(repository: &Repository, commit: &Commit, fact: &ImageFact) -> Key {
    let ImageFact { application, workload, digest, evidence, pipeline, merged, .. } = fact;
    let evidence = match evidence {
        Evidence::Told => format!("told#{}", pipeline.as_deref().unwrap_or_default()),
        Evidence::Label => "label".to_owned(),
        Evidence::Tag => "tag".to_owned(),
    };
    Key::new(
        commit_partition(repository, commit),
        format!(
            "{}{workload}#{evidence}#{digest}{}",
            image_facts(application),
            if *merged { "#merged" } else { "" }
        ),
    )
}

/// How the rows begin of images of an application that were built from a commit.
pub fn image_facts(application: &ApplicationName) -> String {
    format!("image#{application}/")
}

/// An environment that runs, or waits for, a commit.
pub fn commit_follower(repository: &Repository, commit: &Commit, environment: &EnvironmentId) -> Key {
    Key::new(commit_partition(repository, commit), beside(environment))
}

/// Everything that is known of a commit.
pub fn commit_partition(repository: &Repository, commit: &Commit) -> String {
    Kind::Commit.partition(format_args!("{}#{commit}", repository.key()))
}

/// How the rows of told tags begin.
pub const TOLD_TAG: &str = "tag#";

/// What a pipeline told of the images of a repository.
pub fn told_partition(image: &ImageRepository, pipeline: &str) -> String {
    Kind::Image.partition(format_args!("{image}#{pipeline}"))
}

/// What a pipeline told of one image.
pub fn told_digest(image: &ImageRepository, pipeline: &str, digest: &Digest) -> Key {
    Key::new(told_partition(image, pipeline), format!("digest#{digest}"))
}

/// What a tag names, as a pipeline told it.
pub fn told_tag(image: &ImageRepository, pipeline: &str, tag: &Tag) -> Key {
    Key::new(told_partition(image, pipeline), format!("{TOLD_TAG}{tag}"))
}

/// An announcement.
pub fn announcement(key: &AnnouncementKey) -> Key {
    Kind::Announcement.row(key)
}

/// A hosted zone.
pub fn zone(zone: &str) -> Key {
    Kind::Zone.row(zone)
}

/// What one environment asks of a zone.
pub fn zone_change(zone: &str, environment: &EnvironmentId) -> Key {
    Key::new(Kind::Zone.partition(zone), format!("{ZONE_CHANGES}{environment}"))
}

/// Where a wildcard of a zone was seen to lead.
pub fn wildcard(zone: &str, name: &str) -> Key {
    Key::new(Kind::Zone.partition(zone), format!("wildcard#{name}"))
}

/// How many environments of a type an application has.
pub fn quota(application: &ApplicationName, kind: &TypeName) -> Key {
    Kind::Quota.row(format_args!("{application}#{kind}"))
}

/// A repository that is looked at.
pub fn repository(key: &str) -> Key {
    Kind::Repository.row(key)
}

/// What became of a host's webhooks.
pub fn deliveries(host: Host) -> Key {
    Kind::Deliveries.row(host)
}

/// An environment whose source is in a repository.
pub fn repository_member(repository: &Repository, environment: &EnvironmentId) -> Key {
    Key::new(Kind::Repository.partition(repository.key()), beside(environment))
}

/// An environment that follows a branch.
pub fn branch_follower(repository: &Repository, branch: &str, environment: &EnvironmentId) -> Key {
    Key::new(branch_partition(repository, branch), beside(environment))
}

/// The environments that follow a branch. Standing ones are named by the configuration, too.
pub fn branch_partition(repository: &Repository, branch: &str) -> String {
    Kind::Branch.partition(format_args!("{}#{branch}", repository.key()))
}

/// The pointer to the configuration in force.
pub fn current_platform() -> Key {
    Key::new(Kind::Platform.name(), "current")
}

/// A platform configuration, by content.
pub fn platform(hash: &str) -> Key {
    Kind::Platform.row(hash)
}

fn beside(environment: &EnvironmentId) -> String {
    format!("{ENVIRONMENTS}{environment}")
}

/// How the rows begin of environments of one application that are kept beside something else.
pub fn environments_of(application: &ApplicationName) -> String {
    format!("{ENVIRONMENTS}{application}/")
}

/// The environment that a row beside something else stands for.
pub fn environment_of(key: &Key) -> Option<EnvironmentId> {
    key.sort.strip_prefix(ENVIRONMENTS)?.parse().ok()
}

/// The value that is kept under a key, as all writes before left it.
///
/// # Errors
/// As [`read`], and when the table does not answer.
pub async fn load<T: DeserializeOwned>(state: &dyn State, key: &Key) -> Result<Option<T>, Refusal> {
    state.get(key, Consistency::Strong).await?.as_ref().map(read).transpose()
}

/// A row that holds a value, due at a moment or never.
///
/// # Errors
/// When the value is not an object in JSON.
pub fn row<T: Serialize>(key: Key, value: &T, due_at: Option<Timestamp>) -> Result<Row, Refusal> {
    let Ok(Value::Object(mut attributes)) = serde_json::to_value(value) else {
        return Err(Refusal::broken(format!("{} cannot be stored", key.partition)));
    };
    if let Some(due_at) = due_at {
        attributes.insert(DUE_AT.to_owned(), json!(due_at.as_millisecond()));
    }
    Ok(Row { key, attributes })
}

/// A row that nobody needs once it was [`KEPT`].
pub fn kept_until(now: Timestamp) -> Change {
    Change::Set(KEPT_UNTIL.to_owned(), json!((now + KEPT).as_second()))
}

/// The value that a row holds.
///
/// # Errors
/// When the row is damaged, or was written by a version that this one cannot read.
pub fn read<T: DeserializeOwned>(row: &Row) -> Result<T, Refusal> {
    serde_json::from_value(Value::Object(row.attributes.clone()))
        .map_err(|error| Refusal::broken(format!("the row {} cannot be read: {error}", row.key.partition)))
}

/// A value as an attribute.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn attribute<T: Serialize>(value: &T) -> Result<Value, Refusal> {
    serde_json::to_value(value).map_err(|error| Refusal::broken(error.to_string()))
}

#[cfg(test)]
mod attributes;
