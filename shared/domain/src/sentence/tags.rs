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

/// A repository has more tags than are read.
pub fn too_many_tags(repository: &str, limit: usize) -> String {
    format!(
        "The repository {repository} has more than {limit} tags, and which is the newest is decided only from all of them. \
         Let a lifecycle policy remove old images, or follow one exact tag."
    )
}

/// A pipeline told of more followed tags than are compared.
pub fn too_many_told(pipeline: &str, image: &ImageRepository, limit: usize) -> String {
    format!(
        "The pipeline {pipeline} has told of more than {limit} tags of `{image}`, and which is the newest is decided only \
         from all of them. Follow one exact tag."
    )
}

/// A pipeline told of so many tags, followed or not, that they are not all read.
pub fn too_many_to_read(pipeline: &str, image: &ImageRepository, limit: usize) -> String {
    format!(
        "The pipeline {pipeline} has told of so many tags of `{image}`, more than {limit}, that they are not all read. \
         Follow one exact tag, or let it tell only of the tags that are followed."
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
