//! What a standing environment follows: a branch, or tags.

use super::shape;
use crate::{
    intent::Source,
    platform::{
        file::{FileEnvironment, FileTags},
        problem::{Problems, Text},
    },
    tag_rule::TagRule,
};

/// Exactly one of both.
pub(super) fn check_source(
    problems: &mut Problems,
    path: &str,
    environment: &FileEnvironment,
) -> Option<Source> {
    match (&environment.branch, &environment.tags) {
        (Some(branch), None) => {
            let path = format!("{path}.branch");
            let valid = shape::is_branch(&branch.value);
            let branch = problems.require(valid, &path, branch, "this is no name of a branch");
            branch.map(|branch| Source::Branch { branch })
        }
        (None, Some(tags)) => {
            check_tags(problems, &format!("{path}.tags"), tags).map(|rule| Source::Tags { rule })
        }
        _ => {
            problems.add(path, "an environment follows either a `branch` or `tags`");
            None
        }
    }
}

fn check_tags(problems: &mut Problems, path: &str, tags: &FileTags) -> Option<TagRule> {
    match (&tags.exact, &tags.pattern, &tags.semver) {
        (Some(tag), None, None) => problems.parse(&format!("{path}.exact"), tag).map(TagRule::Exact),
        (None, Some(pattern), None) => {
            problems.parse(&format!("{path}.pattern"), pattern).map(TagRule::Pattern)
        }
        (None, None, Some(requirement)) => check_semver(problems, &format!("{path}.semver"), requirement),
        _ => {
            problems.add(path, "tags are followed by one of `exact`, `pattern` and `semver`");
            None
        }
    }
}

fn check_semver(problems: &mut Problems, path: &str, text: &Text) -> Option<TagRule> {
    match text.value.parse() {
        Ok(requirement) => Some(TagRule::Semver(requirement)),
        Err(error) => {
            problems.add_at(
                text,
                path,
                format_args!("a requirement looks like `^1.2` or `>=1.2, <1.5`: {error}"),
            );
            None
        }
    }
}
