//! Tags that are followed.

use crate::{
    image::{ImageRepository, Tag},
    intent::{Origin, Revisions},
    name::WorkloadName,
    tag_rule::TagRule,
};

/// No image of these workloads has a tag that is followed.
pub fn no_tag(rule: &TagRule, missing: &[WorkloadName]) -> String {
    let names: Vec<&str> = missing.iter().map(WorkloadName::as_str).collect();
    format!("No image of {} is among {rule}. Push one under such a tag.", names.join(", "))
}

/// Nothing tells which commit an image was built from.
pub fn commit_unknown(workload: &WorkloadName, image: &ImageRepository, tag: &Tag) -> String {
    format!(
        "Which commit `{image}:{tag}` was built from is not known, so the Score file of `{workload}` cannot be read. Set the \
         label `org.opencontainers.image.revision` when the image is built, name the commit in its tag, or let the pipeline \
         tell it."
    )
}

/// A tag that is followed names what it named before.
pub fn named_already(tag: &Tag) -> String {
    format!("`{tag}` names what is known already")
}

/// No tag that is followed names anything new.
pub fn no_tag_moved() -> String {
    "no tag that it follows has moved".to_owned()
}

/// Another tag counts more than the one that was pushed.
pub fn counts_more(tag: &Tag) -> String {
    format!("{tag} is newer")
}

/// Which tags a generation was bound to, after its commit.
pub fn by_tags(revisions: &Revisions) -> String {
    let told = revisions.images.iter().filter_map(|(workload, chosen)| match &chosen.origin {
        Origin::Tagged { tag, .. } => Some(format!("{workload} {tag}")),
        Origin::Kept => Some(format!("{workload} as before, no tag is left")),
        Origin::Built { .. } | Origin::Base { .. } => None,
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}
