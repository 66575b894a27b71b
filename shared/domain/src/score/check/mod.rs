//! Checks what a Score file says; all problems are told, not the first.

mod container;
pub mod limits;
mod reference;
mod resource;
mod service;

use super::{
    ScoreFile,
    file::{File, FileMetadata},
};
use crate::platform::{
    Problem,
    problem::{Problems, Text},
    shape::is_label,
    yaml,
};
use limits::{CONTAINER_LIMIT, FILE_LIMIT};
use std::collections::BTreeMap;

const API_VERSION: &str = "score.dev/v1b1";

impl ScoreFile {
    /// Reads a Score file; `path` is what it is called in problems.
    ///
    /// # Errors
    /// Everything that is wrong with it; only what is no YAML, or not of this form, hides what comes after it.
    pub fn parse(path: &str, text: &[u8]) -> Result<ScoreFile, Vec<Problem>> {
        let file: File = yaml::read(path, text, FILE_LIMIT).map_err(|problem| vec![problem])?;
        let mut problems = Problems::of(path);
        let score = check(&mut problems, &file);
        if let Some(score) = &score {
            reference::check_references(&mut problems, score);
        }
        problems.result(score, text)
    }
}

fn check(problems: &mut Problems, file: &File) -> Option<ScoreFile> {
    problems.require(
        file.api_version.value == API_VERSION,
        "apiVersion",
        &file.api_version,
        "the version that is understood is `score.dev/v1b1`",
    );
    let name = check_name(problems, &file.metadata);
    let ports = service::check_ports(problems, file.service.as_ref());
    let resources = resource::check_resources(problems, &file.resources);
    problems.at_most("containers", file.containers.len(), CONTAINER_LIMIT);
    if file.containers.is_empty() {
        problems.add("containers", "a workload has at least one container");
    }
    let mut containers = BTreeMap::new();
    for (name, container) in &file.containers {
        let path = format!("containers.{name}");
        check_label(problems, &path, name);
        containers.extend(
            container::check_container(problems, &path, container).map(|checked| (name.clone(), checked)),
        );
    }
    let (metadata, annotations) = (file.metadata.texts.clone(), file.metadata.annotations.clone());
    Some(ScoreFile { name: name?, metadata, annotations, containers, ports, resources })
}

/// `metadata.name`: a DNS label of at least two characters (`score-v1b1.json`).
fn check_name(problems: &mut Problems, metadata: &FileMetadata) -> Option<String> {
    let name = metadata.texts.get("name").filter(|name| name.len() >= 2 && is_label(name)).cloned();
    if name.is_none() {
        problems
            .add("metadata.name", "a workload has a name of 2 to 63 lower-case letters, digits and hyphens");
    }
    name
}

/// Names of containers become names in Kubernetes.
fn check_label(problems: &mut Problems, path: &str, name: &str) {
    if !is_label(name) {
        problems.add(path, "a name has at most 63 lower-case letters, digits and hyphens");
    }
}

/// A problem when something is written that is not supported.
fn refuse<T>(problems: &mut Problems, path: &str, value: Option<&T>, instead: &str) {
    if value.is_some() {
        problems.add(path, format_args!("this is not supported; {instead}"));
    }
}

/// What is not there is right; what is there must be.
fn optional<T>(text: Option<&Text>, check: impl FnOnce(&Text) -> Option<T>) -> Option<Option<T>> {
    text.map_or(Some(None), |text| check(text).map(Some))
}
