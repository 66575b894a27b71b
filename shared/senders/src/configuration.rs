//! Platform configurations: what platform engineers push, at a door of our own.
//!
//! `POST /configurations` with `Authorization: Bearer <key>` (RFC 6750) and the platform file itself as
//! `application/yaml` (RFC 9512). Whoever holds a key decides what every environment is made of and who has which right: the
//! key is the right. The file cannot say who may change it, because then one mistake in it would lock everybody out.

use crate::{DoorError, Secret, bearer, header, idempotency, limit, received};
use http::HeaderMap;
use jiff::Timestamp;
use roadstead_domain::{
    actor::Actor,
    platform::{Parsed, Platform, Problem, limits::FILE_LIMIT},
    trigger::{Sighting, Trigger},
};

/// The media type of a platform file.
pub const MEDIA_TYPE: &str = "application/yaml";

/// A key of this door.
pub struct Key {
    /// Its name, which is the actor's.
    pub name: String,
    /// What the sender presents.
    pub secret: Secret,
}

/// A configuration that is as it must be, and the trigger that is to put it in force.
pub struct Pushed<'a> {
    /// The configuration's hash.
    pub hash: String,
    /// The configuration as it was written.
    pub text: &'a str,
    /// The trigger.
    pub trigger: Trigger,
}

/// Why a configuration was turned away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The request is not as it must be.
    Door(DoorError),
    /// The file is wrong, and this is everything that is wrong with it.
    Problems(Vec<Problem>),
}

impl From<DoorError> for Refused {
    fn from(error: DoorError) -> Self {
        Refused::Door(error)
    }
}

/// Verifies, parses and checks one configuration as a whole.
///
/// The trigger's key is the `Idempotency-Key` within the sender's key, or else the hash and the moment: what is pushed again
/// later is meant to be in force again.
///
/// # Errors
/// [`Refused`]; nothing but sizes and the sender's key is looked at before that key holds.
pub fn receive<'a>(
    keys: &[Key],
    headers: &HeaderMap,
    body: &'a [u8],
    received_at: Timestamp,
) -> Result<Pushed<'a>, Refused> {
    limit::check(headers, body)?;
    let key = sender(keys, headers)?;
    if body.len() > FILE_LIMIT {
        return Err(DoorError::TooLarge.into());
    }
    if !header::is_media_type(headers, MEDIA_TYPE) {
        return Err(DoorError::Unsupported { reason: "send the platform file as application/yaml" }.into());
    }
    let text = std::str::from_utf8(body).map_err(|_| DoorError::malformed("body", "it is not UTF-8"))?;
    let Parsed { hash, .. } = Platform::parse(body).map_err(Refused::Problems)?;
    let identity = match idempotency::given(headers)? {
        Some(given) => given,
        None => format!("content#{hash}#{}", received_at.as_millisecond()),
    };
    let actor = Actor::PlatformEngineer { key: key.name.clone() };
    let sighting = Sighting::Configuration { hash: hash.clone() };
    let identity = format!("configurations#{}#{identity}", key.name);
    Ok(Pushed { hash, text, trigger: received::trigger(identity, actor, received_at, sighting) })
}

/// The key of whoever asks for something at this door.
///
/// # Errors
/// [`DoorError::Unauthenticated`] unless one of the keys was presented.
pub fn sender<'a>(keys: &'a [Key], headers: &HeaderMap) -> Result<&'a Key, DoorError> {
    limit::check(headers, &[])?;
    bearer::presented(keys, |key| &key.secret, headers)
}

#[cfg(test)]
mod tests;
