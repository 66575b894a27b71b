//! Amazon ECR: its events on EventBridge ("Amazon ECR events and EventBridge" in its user guide). AWS proves the sender by
//! being the only one that may invoke the function.

use crate::{DoorError, Received, body::parse, grammar, limit};
use http::HeaderMap;
use jiff::Timestamp;
use roadstead_domain::{
    actor::Actor,
    trigger::{RegistryPlace, Sighting},
};
use serde::Deserialize;
use std::borrow::Cow;

/// The events that tell of a tag in a registry.
const EVENTS: [&str; 2] = ["ECR Image Action", "ECR Replication Action"];
/// What they call an image that has come: pushed to this registry, or copied there.
const ARRIVALS: [&str; 2] = ["PUSH", "REPLICATE"];

/// What tells events apart.
#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(rename = "detail-type", borrow)]
    detail_type: Cow<'a, str>,
}

/// `ECR Image Action`, and `ECR Replication Action`, which tells of the copy: account and region are the destination's, and the
/// source's are beside them in the detail.
#[derive(Deserialize)]
struct ImageAction<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    account: Cow<'a, str>,
    #[serde(borrow)]
    region: Cow<'a, str>,
    #[serde(borrow)]
    detail: Detail<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Detail<'a> {
    #[serde(borrow)]
    result: Cow<'a, str>,
    #[serde(borrow)]
    action_type: Cow<'a, str>,
    #[serde(borrow)]
    repository_name: Cow<'a, str>,
    #[serde(default, borrow)]
    image_digest: Cow<'a, str>,
    /// Absent or empty for what has no tag, such as the parts of an image of several platforms.
    #[serde(default, borrow)]
    image_tag: Cow<'a, str>,
}

/// Parses and normalises one event. Account and region are hints: what they are to us, the platform file says.
///
/// # Errors
/// [`DoorError::TooLarge`] and [`DoorError::Malformed`].
pub fn receive(event: &[u8], received_at: Timestamp) -> Result<Received, DoorError> {
    limit::check(&HeaderMap::new(), event)?;
    let kind: Kind = parse(event)?;
    if kind.source != "aws.ecr" || !EVENTS.contains(&kind.detail_type.as_ref()) {
        return Ok(Received::NoEffect { reason: "not an image or replication action of ECR" });
    }
    let action: ImageAction = parse(event)?;
    if action.detail.result != "SUCCESS" || !ARRIVALS.contains(&action.detail.action_type.as_ref()) {
        return Ok(Received::NoEffect { reason: "no image that has come" });
    }
    if action.detail.image_tag.is_empty() {
        return Ok(Received::NoEffect { reason: "only tagged images are followed" });
    }
    pushed(&action, received_at)
}

fn pushed(action: &ImageAction, received_at: Timestamp) -> Result<Received, DoorError> {
    expect("id", grammar::is_identifier(&action.id))?;
    expect("account", grammar::is_account(&action.account))?;
    expect("region", grammar::is_region(&action.region))?;
    expect("detail.repository-name", grammar::is_image_path(&action.detail.repository_name))?;
    let sighting = Sighting::ImagePushed {
        place: RegistryPlace {
            account: action.account.to_string(),
            region: action.region.to_string(),
            repository: action.detail.repository_name.to_string(),
        },
        tag: read("detail.image-tag", &action.detail.image_tag)?,
        digest: read("detail.image-digest", &action.detail.image_digest)?,
    };
    let actor = Actor::Registry { account: action.account.to_string() };
    Ok(Received::trigger(format!("ecr#{}", action.id), actor, received_at, sighting))
}

fn expect(field: &str, holds: bool) -> Result<(), DoorError> {
    if holds { Ok(()) } else { Err(DoorError::malformed(field, "not what ECR writes there")) }
}

fn read<T: std::str::FromStr<Err = &'static str>>(field: &str, text: &str) -> Result<T, DoorError> {
    text.parse().map_err(|problem| DoorError::malformed(field, problem))
}

#[cfg(test)]
mod tests;
