//! Tag templates: how a tag tells which commit its image was built from.
//!
//! `{commit}` stands for all digits of a commit, `{commit:12}` for its first twelve (7 to 40), `{number}` for the
//! number of a pull request; everything else stands for itself. A template describes the whole tag.

use crate::{image::Tag, repository::Commit};
use std::fmt;

/// The fewest digits of a commit that a template may ask for: what Git itself shortens to.
pub const SHORTEST_COMMIT: usize = 7;
/// The most digits of a commit that `{commit:…}` may ask for: a whole SHA-1.
pub const LONGEST_COMMIT: usize = 40;
/// The longest template, in bytes.
pub const TEMPLATE_LIMIT: usize = 128;
/// How many digits a whole commit has, longest first: SHA-256, SHA-1.
const WHOLE_COMMIT: [usize; 2] = [64, 40];

/// A template, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagTemplate {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Literal(String),
    Commit,
    ShortCommit(usize),
    Number,
}

/// What a tag tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagMatch {
    /// The digits of the commit, all or the first few.
    pub commit: Option<String>,
    /// The numbers in their order; in a template that of the pull request alone.
    pub numbers: Vec<u64>,
}

impl TagMatch {
    /// Whether the tag names this commit.
    pub fn is_of(&self, commit: &Commit) -> bool {
        self.commit.as_deref().is_some_and(|digits| commit.as_str().starts_with(digits))
    }
}

impl TagTemplate {
    /// What a tag tells, when it is of this template.
    pub fn matches(&self, tag: &Tag) -> Option<TagMatch> {
        match_parts(&self.parts, tag.as_str())
    }

    /// The tag that an image of a commit has; none when the template needs a number and there is none.
    pub fn render(&self, commit: &Commit, number: Option<u64>) -> Option<Tag> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Commit => text.push_str(commit.as_str()),
                Part::ShortCommit(digits) => text.push_str(&commit.as_str()[..*digits]),
                Part::Number => text.push_str(&number?.to_string()),
            }
        }
        text.parse().ok()
    }
}

/// Matches all of `text`; a whole commit is tried in each length that there is.
pub(super) fn match_parts(parts: &[Part], text: &str) -> Option<TagMatch> {
    let Some((part, rest)) = parts.split_first() else {
        return text.is_empty().then(TagMatch::default);
    };
    match part {
        Part::Literal(literal) => match_parts(rest, text.strip_prefix(literal.as_str())?),
        Part::Commit => WHOLE_COMMIT.into_iter().find_map(|digits| match_commit(digits, rest, text)),
        Part::ShortCommit(digits) => match_commit(*digits, rest, text),
        Part::Number => match_number(rest, text),
    }
}

fn match_commit(digits: usize, rest: &[Part], text: &str) -> Option<TagMatch> {
    let (commit, text) = text.split_at_checked(digits)?;
    if !commit.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let found = match_parts(rest, text)?;
    Some(TagMatch { commit: Some(commit.to_owned()), ..found })
}

/// A number is written as Roadstead would write it, so that a number has one tag only.
fn match_number(rest: &[Part], text: &str) -> Option<TagMatch> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, text) = text.split_at(end);
    let number = digits.parse::<u64>().ok().filter(|number| number.to_string() == digits)?;
    let mut found = match_parts(rest, text)?;
    found.numbers.insert(0, number);
    Some(found)
}

impl std::str::FromStr for TagTemplate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > TEMPLATE_LIMIT {
            return Err("a tag template has at most 128 characters");
        }
        let parts = split(text)?;
        let placeholders = |wanted: fn(&Part) -> bool| parts.iter().filter(|part| wanted(part)).count();
        let commits = placeholders(|part| matches!(part, Part::Commit | Part::ShortCommit(_)));
        let numbers = placeholders(|part| matches!(part, Part::Number));
        if commits > 1 || numbers > 1 {
            return Err("a tag template names the commit and the number at most once each");
        }
        if commits + numbers == 0 {
            return Err("a tag template names `{commit}` or `{number}`; otherwise it tells nothing");
        }
        if parts.windows(2).any(ambiguous) {
            return Err("a separator is needed after `{number}` and between placeholders");
        }
        Ok(Self { parts })
    }
}

pub(super) fn split(text: &str) -> Result<Vec<Part>, &'static str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (literal, placeholder) = rest.split_once('{').unwrap_or((rest, ""));
        if !literal.is_empty() {
            parts.push(self::literal(literal, parts.is_empty())?);
        }
        if literal.len() == rest.len() {
            break;
        }
        let (inner, after) = placeholder.split_once('}').ok_or("a `{` is not closed")?;
        parts.push(self::placeholder(inner)?);
        rest = after;
    }
    Ok(parts)
}

fn literal(text: &str, first: bool) -> Result<Part, &'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if !text.bytes().all(allowed) || (first && text.starts_with(['.', '-'])) {
        return Err("a tag has letters, digits, `_`, `.` and `-`, and does not begin with `.` or `-`");
    }
    Ok(Part::Literal(text.to_owned()))
}

fn placeholder(text: &str) -> Result<Part, &'static str> {
    match text {
        "commit" => Ok(Part::Commit),
        "number" => Ok(Part::Number),
        _ => text
            .strip_prefix("commit:")
            .and_then(|digits| digits.parse().ok())
            .filter(|digits| (SHORTEST_COMMIT..=LONGEST_COMMIT).contains(digits))
            .map(Part::ShortCommit)
            .ok_or("a placeholder is `{commit}`, `{commit:7}` to `{commit:40}`, or `{number}`"),
    }
}

/// Whether a tag could be read in two ways where these two meet.
pub(super) fn ambiguous(pair: &[Part]) -> bool {
    match pair {
        [Part::Literal(_), _] | [Part::Commit | Part::ShortCommit(_), Part::Literal(_)] => false,
        [Part::Number, Part::Literal(literal)] => literal.starts_with(|first: char| first.is_ascii_digit()),
        _ => true,
    }
}

impl fmt::Display for TagTemplate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Literal(literal) => formatter.write_str(literal),
            Part::Commit => formatter.write_str("{commit}"),
            Part::ShortCommit(digits) => write!(formatter, "{{commit:{digits}}}"),
            Part::Number => formatter.write_str("{number}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

    fn template(text: &str) -> TagTemplate {
        text.parse().unwrap()
    }

    fn tag(text: &str) -> Tag {
        text.parse().unwrap()
    }

    #[test]
    fn a_rendered_tag_is_read_back() {
        let commit: Commit = SHA.parse().unwrap();
        for text in
            ["sha-{commit}", "pr-{number}-{commit}", "{commit:7}", "v{number}.{commit:40}-x", "{number}"]
        {
            let rendered = template(text).render(&commit, Some(42)).unwrap();
            let found = template(text).matches(&rendered).unwrap();
            assert_eq!(found.numbers.first(), text.contains("number").then_some(&42), "{text}");
            assert_eq!(found.is_of(&commit), text.contains("commit"), "{text}");
            assert_eq!(template(text).to_string(), text);
        }
    }

    #[test]
    fn a_template_describes_the_whole_tag() {
        let whole = template("sha-{commit}");
        assert!(whole.matches(&tag(&format!("sha-{SHA}"))).is_some());
        for other in
            [format!("sha-{SHA}0"), format!("xsha-{SHA}"), format!("sha-{SHA}-arm64"), "sha-0123456".into()]
        {
            assert!(whole.matches(&tag(&other)).is_none(), "{other}");
        }
        assert!(whole.matches(&tag(&format!("sha-{}", "a".repeat(64)))).is_some());
        assert!(whole.matches(&tag(&format!("sha-{}", SHA.to_uppercase()))).is_none());
    }

    #[test]
    fn a_number_is_written_in_one_way() {
        let numbered = template("pr-{number}");
        assert_eq!(numbered.matches(&tag("pr-7")).unwrap().numbers, [7]);
        for other in ["pr-07", "pr-", "pr-x", "pr-7x", "pr-18446744073709551616"] {
            assert!(numbered.matches(&tag(other)).is_none(), "{other}");
        }
        assert!(numbered.render(&SHA.parse().unwrap(), None).is_none());
    }

    #[test]
    fn a_short_commit_has_7_to_40_digits() {
        for (digits, allowed) in [(6, false), (7, true), (40, true), (41, false)] {
            assert_eq!(format!("{{commit:{digits}}}").parse::<TagTemplate>().is_ok(), allowed, "{digits}");
        }
        assert!(template("{commit:7}").matches(&tag("0123456")).unwrap().is_of(&SHA.parse().unwrap()));
        assert!(!template("{commit:7}").matches(&tag("0123457")).unwrap().is_of(&SHA.parse().unwrap()));
    }

    #[test]
    fn a_template_has_at_most_128_bytes() {
        let of = |length: usize| format!("{}{{commit}}", "t".repeat(length - "{commit}".len()));
        assert!(of(TEMPLATE_LIMIT).parse::<TagTemplate>().is_ok());
        assert!(of(TEMPLATE_LIMIT + 1).parse::<TagTemplate>().is_err());
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for text in [
            "{number}{commit}",
            "{commit}{number}",
            "{number}0-x",
            "{commit}-{commit:7}",
            "{number}.{number}",
            "latest",
            "",
            "{commit",
            "{sha}",
            "-{commit}",
            "a/{commit}",
            "{commit}}",
        ] {
            assert!(text.parse::<TagTemplate>().is_err(), "{text:?}");
        }
    }
}
