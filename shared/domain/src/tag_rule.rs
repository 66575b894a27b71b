//! Which tags an environment follows, and which of them is the newest.

use crate::{image::Tag, platform::TagPattern};
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A rule that says which tags are followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TagRule {
    /// This tag, wherever it moves.
    Exact(Tag),
    /// Of the tags of a pattern the one with the highest numbers, the first number counting most.
    Pattern(TagPattern),
    /// Of the tags that are versions (Semantic Versioning 2.0.0, a leading `v` allowed) the highest that the requirement
    /// admits. A pre-release only if the requirement names one of the same version, as Cargo decides it. A tag cannot hold a
    /// `+`, so there is no build metadata; of `1.2.0` and `v1.2.0` the one without `v` is taken.
    Semver(VersionReq),
}

/// What decides between the tags of a rule: the greatest wins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Only,
    Numbers(Vec<u64>),
    Version(Version, bool),
}

impl TagRule {
    /// Whether a tag is followed.
    pub fn matches(&self, tag: &Tag) -> bool {
        self.rank(tag).is_some()
    }

    /// The tag that counts, of those that there are.
    pub fn pick<'a>(&self, tags: impl IntoIterator<Item = &'a Tag>) -> Option<&'a Tag> {
        let ranked = tags.into_iter().filter_map(|tag| Some((self.rank(tag)?, tag)));
        ranked.max().map(|(_, tag)| tag)
    }

    fn rank(&self, tag: &Tag) -> Option<Rank> {
        match self {
            TagRule::Exact(followed) => (followed == tag).then_some(Rank::Only),
            TagRule::Pattern(pattern) => pattern.numbers(tag).map(Rank::Numbers),
            TagRule::Semver(requirement) => {
                let text = tag.as_str();
                let plain = text.strip_prefix('v').unwrap_or(text);
                let version = Version::parse(plain).ok().filter(|version| requirement.matches(version))?;
                Some(Rank::Version(version, plain.len() == text.len()))
            }
        }
    }
}

impl fmt::Display for TagRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TagRule::Exact(tag) => write!(formatter, "the tag `{tag}`"),
            TagRule::Pattern(pattern) => write!(formatter, "the tags `{pattern}`"),
            TagRule::Semver(requirement) => write!(formatter, "the versions `{requirement}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(rule: &TagRule, tags: &[&str]) -> Option<String> {
        let tags: Vec<Tag> = tags.iter().map(|tag| tag.parse().unwrap()).collect();
        rule.pick(&tags).map(ToString::to_string)
    }

    fn semver(requirement: &str) -> TagRule {
        TagRule::Semver(VersionReq::parse(requirement).unwrap())
    }

    fn pattern(text: &str) -> TagRule {
        TagRule::Pattern(text.parse().unwrap())
    }

    #[test]
    fn an_exact_tag_is_that_tag() {
        let rule = TagRule::Exact("stable".parse().unwrap());
        assert_eq!(picked(&rule, &["latest", "stable", "stable-1"]).as_deref(), Some("stable"));
        assert_eq!(picked(&rule, &["Stable", "unstable"]), None);
    }

    #[test]
    fn the_highest_version_within_the_requirement_wins() {
        let rule = semver("^1.2");
        assert_eq!(
            picked(&rule, &["1.2.0", "1.10.0", "1.9.9", "2.0.0", "latest"]).as_deref(),
            Some("1.10.0")
        );
        assert_eq!(picked(&rule, &["v1.3.0", "1.2.9"]).as_deref(), Some("v1.3.0"));
        assert_eq!(picked(&rule, &["1.3", "1.03.0", "V1.3.0", "vv1.3.0", "1.1.9"]), None);
    }

    #[test]
    fn of_one_version_the_tag_without_a_v_is_taken() {
        for tags in [["1.2.0", "v1.2.0"], ["v1.2.0", "1.2.0"]] {
            assert_eq!(picked(&semver("^1.2"), &tags).as_deref(), Some("1.2.0"));
        }
    }

    #[test]
    fn a_pre_release_counts_only_where_one_is_named() {
        assert_eq!(picked(&semver("^1.2"), &["1.2.0", "1.3.0-rc.1"]).as_deref(), Some("1.2.0"));
        let named = semver(">=1.3.0-rc.1, <2");
        assert_eq!(
            picked(&named, &["1.3.0-rc.1", "1.3.0-rc.11", "1.3.0-rc.2"]).as_deref(),
            Some("1.3.0-rc.11")
        );
        assert_eq!(picked(&named, &["1.3.0-rc.1", "1.3.0"]).as_deref(), Some("1.3.0"));
        assert_eq!(picked(&named, &["1.4.0-rc.1"]), None, "of another version than the one that is named");
    }

    #[test]
    fn the_highest_numbers_win_and_the_whole_tag_counts() {
        let rule = pattern("release-{number}");
        assert_eq!(picked(&rule, &["release-9", "release-10", "release-2"]).as_deref(), Some("release-10"));
        for other in
            ["release-", "release-01", "release-1-rc", "my-release-1", "release-99999999999999999999"]
        {
            assert_eq!(picked(&rule, &[other]), None, "{other}");
        }
        let months = pattern("{number}.{number}");
        assert_eq!(picked(&months, &["2025.12", "2026.2", "2026.11"]).as_deref(), Some("2026.11"));
    }

    #[test]
    fn a_pattern_may_have_the_commit_in_it() {
        let rule = pattern("main-{number}-{commit:7}");
        assert_eq!(picked(&rule, &["main-9-0123abc", "main-10-fffffff"]).as_deref(), Some("main-10-fffffff"));
        assert_eq!(picked(&rule, &["main-9-0123abx", "main-9-0123abcd"]), None);
    }
}
