//! Workloads: Score files, images and tag templates.

use super::{
    limits::{TEMPLATE_COUNT_LIMIT, WORKLOAD_LIMIT},
    shape,
};
use crate::{
    image::ImageRepository,
    name::WorkloadName,
    platform::{
        Workload,
        file::{FileApplication, FileWorkload},
        problem::{Problems, Text},
    },
};
use std::collections::BTreeMap;

pub(super) fn check_workloads(
    problems: &mut Problems,
    path: &str,
    workloads: &BTreeMap<String, FileWorkload>,
) -> BTreeMap<WorkloadName, Workload> {
    let path = format!("{path}.workloads");
    problems.at_most(&path, workloads.len(), WORKLOAD_LIMIT);
    if workloads.is_empty() {
        problems.add(&path, "an application has at least one workload");
    }
    let mut checked = BTreeMap::new();
    for (name, workload) in workloads {
        let path = format!("{path}.{name}");
        let name = check_name(problems, &path, name);
        let workload = check_workload(problems, &path, workload);
        if let (Some(name), Some(workload)) = (name, workload) {
            checked.insert(name, workload);
        }
    }
    checked
}

/// A workload gives its Service the name, and that begins with a letter (RFC 1035).
fn check_name(problems: &mut Problems, path: &str, name: &str) -> Option<WorkloadName> {
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        problems.add(path, "a workload's name begins with a letter");
    }
    problems.parse_key(path, name)
}

fn check_workload(problems: &mut Problems, path: &str, workload: &FileWorkload) -> Option<Workload> {
    let score = problems.require(
        shape::is_path(&workload.score.value),
        &format!("{path}.score"),
        &workload.score,
        "a path has letters, digits, `.`, `_` and `-` between slashes, and stays within the repository",
    );
    let image = check_image(problems, &format!("{path}.image"), &workload.image);
    let tags_path = format!("{path}.tags");
    problems.at_most(&tags_path, workload.tags.len(), TEMPLATE_COUNT_LIMIT);
    let tags = workload.tags.iter().filter_map(|text| problems.parse(&tags_path, text)).collect();
    Some(Workload { score: score?, image: image?, tags })
}

fn check_image(problems: &mut Problems, path: &str, text: &Text) -> Option<ImageRepository> {
    let Some((registry, repository)) = shape::image(&text.value) else {
        problems.add_at(
            text,
            path,
            "where images are kept is `registry.example/path`, without tag or digest",
        );
        return None;
    };
    Some(ImageRepository { registry: registry.to_owned(), path: repository.to_owned() })
}

/// A push to a repository concerns one workload.
pub(super) fn check_images(problems: &mut Problems, applications: &BTreeMap<String, FileApplication>) {
    let mut owners: BTreeMap<&str, String> = BTreeMap::new();
    for (application, content) in applications {
        for (workload, FileWorkload { image, .. }) in &content.workloads {
            let owner = format!("{application}/{workload}");
            if let Some(other) = owners.get(image.value.as_str()) {
                let path = format!("applications.{application}.workloads.{workload}.image");
                problems.add_at(image, &path, format_args!("the images of {other} are kept there"));
            } else {
                owners.insert(&image.value, owner);
            }
        }
    }
}
