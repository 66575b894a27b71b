//! Images and how they are named.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest tag, in bytes (OCI distribution specification 1.1).
pub const TAG_LIMIT: usize = 128;

/// The digest of a manifest: `sha256:` and 64 lower-case hexadecimal digits (OCI image specification 1.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    /// The digest as written in references.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The algorithm and the first twelve digits, as people write them.
    pub fn short(&self) -> &str {
        &self.0[..19]
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.strip_prefix("sha256:").unwrap_or_default();
        if digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            Ok(Self(text))
        } else {
            Err("a digest is `sha256:` and 64 lower-case hexadecimal digits")
        }
    }
}

impl std::str::FromStr for Digest {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A tag: a name that moves. It is looked up, and never applied (grammar of the OCI distribution specification 1.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

impl Tag {
    /// The tag as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Tag {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let rest =
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
        if first && rest && text.len() <= TAG_LIMIT {
            Ok(Self(text))
        } else {
            Err("a tag has at most 128 letters, digits, `_`, `.` and `-`, and does not begin with `.` or `-`")
        }
    }
}

impl std::str::FromStr for Tag {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> Self {
        tag.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Where images of one workload are kept: `registry/repository`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ImageRepository {
    /// The registry's host: `123456789012.dkr.ecr.eu-west-1.amazonaws.com`.
    pub registry: String,
    /// The path within it: `shop/web`.
    pub path: String,
}

impl ImageRepository {
    /// A reference to one image of this repository, by digest.
    pub fn at(&self, digest: &Digest) -> String {
        format!("{self}@{digest}")
    }
}

impl fmt::Display for ImageRepository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.registry, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_at_most_128_bytes() {
        assert!("t".repeat(TAG_LIMIT).parse::<Tag>().is_ok());
        assert!("t".repeat(TAG_LIMIT + 1).parse::<Tag>().is_err());
    }

    #[test]
    fn hostile_tags_are_refused() {
        for text in ["", ".x", "-x", "a:b", "a@b", "a\nb", "../x", "ä"] {
            assert!(text.parse::<Tag>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_digest_is_sha256_and_64_digits() {
        assert!(format!("sha256:{}", "0".repeat(64)).parse::<Digest>().is_ok());
        assert!(format!("sha256:{}", "0".repeat(63)).parse::<Digest>().is_err());
        assert!(format!("sha256:{}", "A".repeat(64)).parse::<Digest>().is_err());
        assert!("0".repeat(64).parse::<Digest>().is_err());
    }
}
