//! Patterns of tags that are followed: `release-{number}`, `{number}.{number}`, `main-{number}-{commit:7}`.
//!
//! A pattern describes the whole tag. `{number}` stands for a number without leading zeros, as often as there are numbers;
//! `{commit}` and `{commit:7}` for the digits of a commit, as in a tag template; everything else stands for itself.

use super::template::{Part, TEMPLATE_LIMIT, ambiguous, match_parts, split};
use crate::image::Tag;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A pattern, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagPattern {
    text: String,
    parts: Vec<Part>,
}

impl TagPattern {
    /// The numbers in a tag, in their order; none when it is not of this pattern.
    pub fn numbers(&self, tag: &Tag) -> Option<Vec<u64>> {
        match_parts(&self.parts, tag.as_str()).map(|found| found.numbers)
    }
}

impl TryFrom<String> for TagPattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() > TEMPLATE_LIMIT {
            return Err("a pattern of tags has at most 128 characters");
        }
        let parts = split(&text)?;
        if !parts.contains(&Part::Number) {
            return Err(
                "a pattern of tags names `{number}`: the highest one wins. For one tag, write `exact`",
            );
        }
        if parts.windows(2).any(ambiguous) {
            return Err("a separator is needed after `{number}` and between placeholders");
        }
        Ok(Self { text, parts })
    }
}

impl std::str::FromStr for TagPattern {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl From<TagPattern> for String {
    fn from(pattern: TagPattern) -> Self {
        pattern.text
    }
}

impl fmt::Display for TagPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_a_number_and_is_read_in_one_way_only() {
        for text in ["release-{number}", "{number}", "{number}.{number}.{number}", "b{number}-{commit}"] {
            assert_eq!(String::from(text.parse::<TagPattern>().unwrap()), text);
        }
        for text in
            ["", "stable", "sha-{commit}", "{number}{number}", "{number}0", "{number", "a b{number}", "{x}"]
        {
            assert!(text.parse::<TagPattern>().is_err(), "{text:?}");
        }
        let of = |length: usize| format!("{}{{number}}", "r".repeat(length - "{number}".len()));
        assert!(of(TEMPLATE_LIMIT).parse::<TagPattern>().is_ok());
        assert!(of(TEMPLATE_LIMIT + 1).parse::<TagPattern>().is_err());
    }

    #[test]
    fn what_was_tried_as_a_longer_commit_leaves_no_number_behind() {
        let pattern: TagPattern = "{commit}aaaa{number}aaaa{number}".parse().unwrap();
        let number = 10_000_000_000_000_000_000;
        let tag = format!("{}aaaa{number}aaaa5", "0".repeat(40)).parse().unwrap();
        assert_eq!(pattern.numbers(&tag), Some(vec![number, 5]));
    }
}
