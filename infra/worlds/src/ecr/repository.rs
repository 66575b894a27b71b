use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// The most image ids of one request.
pub const IMAGE_IDS_LIMIT: usize = 100;
const NAME_LENGTHS: std::ops::RangeInclusive<usize> = 2..=256;
const TAG_LIMIT: usize = 128;
const NAME_PATTERN: &str = "(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*";

/// A repository: manifests by digest, tags that name them, and the blobs that they name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Repository {
    pub(super) name: String,
    pub(super) created_at: Timestamp,
    pub(super) immutable_tags: bool,
    pub(super) images: BTreeMap<String, Stored>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) blobs: BTreeMap<String, String>,
}

/// A manifest as it was pushed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) manifest: String,
    pub(super) media_type: String,
    pub(super) pushed_at: Timestamp,
    /// Bytes of the layers and the configuration; nothing for an index.
    pub(super) size: usize,
    /// The manifests that an index names.
    pub(super) children: Vec<String>,
}

/// How a request names an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageId {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) image_digest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) image_tag: Option<String>,
}

impl Repository {
    pub(super) fn new(name: &str, immutable_tags: bool, now: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            created_at: now,
            immutable_tags,
            images: BTreeMap::new(),
            tags: BTreeMap::new(),
            blobs: BTreeMap::new(),
        }
    }

    /// The digest and manifest that an id names; with both parts, the tag must name the digest.
    pub(super) fn find(&self, id: &ImageId) -> Option<(&str, &Stored)> {
        let by_tag = id.image_tag.as_ref().map(|tag| self.tags.get(tag));
        let digest = match (&id.image_digest, by_tag) {
            (Some(digest), None) => digest,
            (None, Some(tagged)) => tagged?,
            (Some(digest), Some(tagged)) if tagged? == digest => digest,
            _ => return None,
        };
        self.images.get_key_value(digest).map(|(digest, stored)| (digest.as_str(), stored))
    }

    pub(super) fn tags_of(&self, digest: &str) -> Vec<&str> {
        self.tags.iter().filter(|(_, named)| *named == digest).map(|(tag, _)| tag.as_str()).collect()
    }
}

pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    let part = |part: &str| {
        let word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        part.split(['.', '_', '-']).all(word)
    };
    if !NAME_LENGTHS.contains(&name.len()) {
        let (least, most) = (NAME_LENGTHS.start(), NAME_LENGTHS.end());
        return Err(Refusal::invalid_parameter(
            "repositoryName",
            &format!("must have length between {least} and {most}"),
        ));
    }
    if !name.split('/').all(part) {
        let constraint = format!("must satisfy regular expression '{NAME_PATTERN}'");
        return Err(Refusal::invalid_parameter("repositoryName", &constraint));
    }
    Ok(())
}

/// A tag as the distribution specification has it: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
pub(super) fn check_tag(tag: &str) -> Result<(), Refusal> {
    let starts = tag.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
    let rest = tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if starts && rest && tag.len() <= TAG_LIMIT {
        return Ok(());
    }
    let constraint =
        format!("must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{{0,{}}}'", TAG_LIMIT - 1);
    Err(Refusal::invalid_parameter("imageTag", &constraint))
}

fn check_digest(digest: &str) -> Result<(), Refusal> {
    let hex = digest.strip_prefix("sha256:").unwrap_or_default();
    if hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(());
    }
    let constraint = "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'";
    Err(Refusal::invalid_parameter("imageDigest", constraint))
}

pub(super) fn check_ids(ids: &[ImageId]) -> Result<(), Refusal> {
    if ids.len() > IMAGE_IDS_LIMIT {
        let constraint = format!("Member must have length less than or equal to {IMAGE_IDS_LIMIT}");
        return Err(Refusal::invalid_parameter("imageIds", &constraint));
    }
    for id in ids {
        id.image_digest.as_deref().map_or(Ok(()), check_digest)?;
        id.image_tag.as_deref().map_or(Ok(()), check_tag)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_tags_follow_their_grammar() {
        for name in ["shop", "team/shop-web", "a.b_c-d/e1"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["a", "Shop", "a--b", "-a", "a/", "a b"] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name(&"a".repeat(256)).is_ok() && check_name(&"a".repeat(257)).is_err());
        for tag in ["main", "_x", "v1.2-3"] {
            assert!(check_tag(tag).is_ok(), "{tag}");
        }
        for tag in ["", ".a", "a:b", "a@b", "a\nb", "a/../b"] {
            assert!(check_tag(tag).is_err(), "{tag:?}");
        }
        assert!(check_tag(&"a".repeat(TAG_LIMIT)).is_ok() && check_tag(&"a".repeat(TAG_LIMIT + 1)).is_err());
    }
}
