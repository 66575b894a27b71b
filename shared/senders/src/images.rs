//! Images: what a CI system says it built, at a door of our own.
//!
//! `POST /images` with `Authorization: Bearer <key>` (RFC 6750) and a JSON body:
//! `{"image": "ghcr.io/acme/web", "digest": "sha256:…", "commit": "…", "run": 417, "tag": "stable"}`. `run` is the number of
//! the run, and orders what a registry that we cannot read has; it may be left out where an `Idempotency-Key` is sent. `tag`
//! is the tag that the image was pushed under, if environments follow it; then `run` is needed.

pub use crate::{
    grammar::image_repository,
    idempotency::{IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_LIMIT},
};

use crate::{DoorError, Received, Secret, bearer, body::parse, grammar, header, idempotency, limit};
use http::HeaderMap;
use jiff::Timestamp;
use roadstead_domain::{
    actor::Actor,
    image::{Digest, ImageRepository, Tag},
    repository::Commit,
    trigger::Sighting,
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::{borrow::Cow, collections::BTreeSet};

/// The highest number of a run: what the table can compare. GitHub and GitLab count up from 1.
pub const RUN_LIMIT: u64 = i64::MAX.unsigned_abs();

/// A key of this door.
pub struct Key {
    /// Its name, which is the actor's.
    pub name: String,
    /// What the sender presents.
    pub secret: Secret,
    /// The repositories that it may speak of.
    pub images: BTreeSet<ImageRepository>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Built<'a> {
    #[serde(borrow)]
    image: Cow<'a, str>,
    digest: Digest,
    commit: Commit,
    run: Option<u64>,
    tag: Option<Tag>,
}

/// Verifies, parses and normalises one message.
///
/// The trigger's key is the `Idempotency-Key` within the sender's key, or else the digest of the content. Under the same
/// key with another content the sighting differs, which whoever writes the row sees.
///
/// # Errors
/// Any [`DoorError`]; nothing but sizes and the sender's key is looked at before that key holds.
pub fn receive(
    keys: &[Key],
    headers: &HeaderMap,
    body: &[u8],
    received_at: Timestamp,
) -> Result<Received, DoorError> {
    limit::check(headers, body)?;
    let key = bearer::presented(keys, |key| &key.secret, headers)?;
    header::expect_json(headers)?;
    let built: Built = parse(body)?;
    let image = grammar::image_repository(&built.image)
        .ok_or_else(|| DoorError::malformed("image", "not `registry/repository` without tag and digest"))?;
    if !key.images.contains(&image) {
        return Err(DoorError::Forbidden { reason: "this key is not for this image" });
    }
    if built.tag.is_some() && built.run.is_none() {
        return Err(DoorError::malformed("run", "needed where `tag` is given: a later run counts more"));
    }
    if built.run.is_some_and(|run| run > RUN_LIMIT) {
        return Err(DoorError::malformed("run", &format!("at most {RUN_LIMIT}: give the number of the run")));
    }
    let identity = identity(headers, &built)?;
    let Built { digest, commit, run, tag, .. } = built;
    let sighting = Sighting::ImageBuilt { image, digest, commit, run, tag };
    let actor = Actor::Pipeline { key: key.name.clone() };
    Ok(Received::trigger(format!("images#{}#{identity}", key.name), actor, received_at, sighting))
}

/// The key of whoever asks for something at this door.
///
/// # Errors
/// [`DoorError::Unauthenticated`] unless one of the keys was presented.
pub fn sender<'a>(keys: &'a [Key], headers: &HeaderMap) -> Result<&'a Key, DoorError> {
    limit::check(headers, &[])?;
    bearer::presented(keys, |key| &key.secret, headers)
}

fn identity(headers: &HeaderMap, built: &Built) -> Result<String, DoorError> {
    match idempotency::given(headers)? {
        Some(given) => Ok(given),
        None => content(built),
    }
}

/// Without a number of the run, the same image built, replaced and built again would look like one message.
fn content(built: &Built) -> Result<String, DoorError> {
    let Some(run) = built.run else {
        return Err(DoorError::malformed(IDEMPOTENCY_KEY, "needed where `run` is not given"));
    };
    let tag = built.tag.as_ref().map_or("", Tag::as_str);
    let text = format!("{} {} {} {run} {tag}", built.image, built.digest, built.commit);
    Ok(format!("content#{}", hex::encode(Sha256::digest(text))))
}

#[cfg(test)]
mod tests;
