//! The immutable record of one generation being carried out.

use crate::{
    environment::Progress,
    intent::{AbsentReason, Cause, Revisions},
    refusal::Refusal,
    sentence,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::{Read as _, Write as _};

/// The most that one row holds of the packed manifests, in bytes: DynamoDB's item limit of 400 KB, less room for the rest.
pub const CHUNK_LIMIT: usize = 350_000;
/// The most that manifests unpack to, in bytes.
pub const MANIFESTS_LIMIT: u64 = 16 * 1024 * 1024;

/// The record of one generation. Who, when, why, from which commit, with which digests and configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// The generation.
    pub generation: u64,
    /// Where it comes from: who, when and why.
    pub cause: Cause,
    /// The content hash of the platform configuration that it is pinned to; none where it was bound to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// What it was bound to.
    pub bound: Bound,
    /// How many rows hold its manifests.
    pub chunks: u32,
    /// How it ended; none while it is being carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// What each stage took.
    #[serde(default)]
    pub progress: Vec<Progress>,
}

/// What a generation was bound to when its source was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Bound {
    /// Present with these revisions.
    Present {
        /// What runs.
        revisions: Revisions,
    },
    /// Absent.
    Absent {
        /// Why.
        reason: AbsentReason,
    },
    /// Nothing could be bound.
    Nothing,
}

/// How a generation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub at: Timestamp,
    /// With what.
    pub result: EndResult,
}

/// What a generation ended with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum EndResult {
    /// Everything was seen ready.
    Ready,
    /// Nothing is left.
    Gone,
    /// A newer generation took its place.
    Superseded {
        /// That generation.
        by: u64,
    },
    /// It did not succeed.
    Failed {
        /// Why.
        refusal: Refusal,
    },
}

/// Packs manifests for storage: JSON, deflated, as base64 in chunks of at most [`CHUNK_LIMIT`] bytes.
///
/// # Errors
/// When the manifests cannot be written as JSON, or take more than [`MANIFESTS_LIMIT`].
pub fn pack<T: Serialize>(manifests: &T) -> Result<Vec<String>, Refusal> {
    let json = serde_json::to_vec(manifests).map_err(|error| Refusal::broken(error.to_string()))?;
    if json.len() as u64 > MANIFESTS_LIMIT {
        return Err(Refusal::rejected(sentence::plan_too_large()));
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let packed = encoder.write_all(&json).and_then(|()| encoder.finish());
    let text = STANDARD.encode(packed.map_err(|error| Refusal::broken(error.to_string()))?);
    Ok(text.as_bytes().chunks(CHUNK_LIMIT).map(|chunk| String::from_utf8_lossy(chunk).into_owned()).collect())
}

/// Unpacks what [`pack`] made.
///
/// # Errors
/// When the chunks are damaged, incomplete, or unpack to more than [`MANIFESTS_LIMIT`].
pub fn unpack<T: DeserializeOwned>(chunks: &[String]) -> Result<T, Refusal> {
    let damaged = |detail: String| Refusal::broken(format!("the stored manifests are damaged: {detail}"));
    let packed = STANDARD.decode(chunks.concat()).map_err(|error| damaged(error.to_string()))?;
    let mut json = Vec::new();
    let mut decoder = DeflateDecoder::new(packed.as_slice()).take(MANIFESTS_LIMIT + 1);
    decoder.read_to_end(&mut json).map_err(|error| damaged(error.to_string()))?;
    if json.len() as u64 > MANIFESTS_LIMIT {
        return Err(damaged("they are too large".to_owned()));
    }
    serde_json::from_slice(&json).map_err(|error| damaged(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Class;

    #[test]
    fn manifests_survive_packing() {
        let manifests =
            vec![serde_json::json!({"kind": "Service"}), serde_json::json!({"kind": "Deployment"})];
        assert_eq!(unpack::<Vec<serde_json::Value>>(&pack(&manifests).unwrap()).unwrap(), manifests);
    }

    #[test]
    fn manifests_larger_than_an_item_are_chunked() {
        let noise: Vec<u64> = (0..200_000u64).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
        let manifests = vec![serde_json::json!({ "data": noise })];
        let chunks = pack(&manifests).unwrap();
        assert!(chunks.len() > 1 && chunks.iter().all(|chunk| chunk.len() <= CHUNK_LIMIT));
        assert_eq!(unpack::<Vec<serde_json::Value>>(&chunks).unwrap(), manifests);
        assert!(unpack::<Vec<serde_json::Value>>(&chunks[1..]).is_err());
    }

    #[test]
    fn what_could_not_be_unpacked_is_not_packed() {
        let of = |size: u64| "x".repeat(usize::try_from(size).unwrap() - "\"\"".len());
        let most = of(MANIFESTS_LIMIT);
        assert_eq!(unpack::<String>(&pack(&most).unwrap()).unwrap(), most);
        assert_eq!(pack(&of(MANIFESTS_LIMIT + 1)).unwrap_err().class, Class::Rejected);
    }
}
