//! Patterns of tags that are followed: `release-{number}`, `{number}.{number}`, `main-{number}-{commit:7}`.
//!
//! A pattern describes the whole tag. `{number}` stands for a number without leading zeros, as often as there are numbers;
//! `{commit}` and `{commit:7}` for the digits of a commit, as in a tag template; everything else stands for itself.

use super::template::{Part, TEMPLATE_LIMIT, ambiguous, is_commit, split};
use crate::image::Tag;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many digits a whole commit has, longest first: SHA-256, SHA-1.
const WHOLE_COMMIT: [usize; 2] = [64, 40];

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
        let mut found = vec![];
        matches(&self.parts, tag.as_str(), &mut found).then_some(found)
    }
}

fn matches(parts: &[Part], text: &str, found: &mut Vec<u64>) -> bool {
    let Some((part, rest)) = parts.split_first() else { return text.is_empty() };
    let mut commit = |digits: usize| {
        let split = text.split_at_checked(digits).filter(|(commit, _)| is_commit(commit));
        split.is_some_and(|(_, text)| matches(rest, text, found))
    };
    match part {
        Part::Literal(literal) => {
            text.strip_prefix(literal.as_str()).is_some_and(|text| matches(rest, text, found))
        }
        Part::Commit => WHOLE_COMMIT.into_iter().any(commit),
        Part::ShortCommit(digits) => commit(*digits),
        Part::Number => {
            let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
            let (digits, text) = text.split_at(end);
            let number = digits.parse::<u64>().ok().filter(|number| number.to_string() == digits);
            found.extend(number);
            number.is_some() && matches(rest, text, found)
        }
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
}
