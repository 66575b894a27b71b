//! What the service is told of the worlds: the platform configuration, and who it is at GitHub.

use super::{Worlds, sample};
use crate::{problem::Problem, stack::store::write_whole};
use roadstead_domain::{image::ImageRepository, name::ClusterName, platform::Platform};
use roadstead_steps::{configuration, context::Context, nouns::state::Consistency, record, rows};
use roadstead_web::github::{AppKey, Settings};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

pub(in crate::stack) use super::sample::APP;

/// Refuses a configuration in force whose types have several clusters, where all names lead to one.
pub(in crate::stack) async fn fits_one_cluster(context: &Context) -> Result<(), Problem> {
    let current = record::current_platform(context.state.as_ref()).await;
    let platform = current.map_err(|error| Problem::unexpected(error.to_string()))?;
    match platform.types.iter().find(|(_, kind)| kind.clusters.len() > 1) {
        None => Ok(()),
        Some((name, _)) => Err(Problem::new(
            format!("the type `{name}` has several clusters, and with --kubeconfig all of them are one"),
            "choose a `--data-dir` that was begun with --kubeconfig, or a new one",
        )),
    }
}

/// Puts a platform file in force, unless there is one already.
pub(in crate::stack) async fn store_platform(context: &Context, text: &str) -> Result<(), Problem> {
    let unanswered = |why: String| Problem::unexpected(format!("the table did not answer: {why}"));
    let current = context.state.get(&rows::current_platform(), Consistency::Strong).await;
    if current.map_err(|error| unanswered(error.to_string()))?.is_some() {
        return Ok(());
    }
    let stored = configuration::seed(context.state.as_ref(), &parsed(text)?, text, context.now()).await;
    stored.map_err(|error| unanswered(error.to_string()))
}

/// Writes the platform file in force into the data directory, to be edited and pushed, unless somebody edits one there
/// already.
pub(in crate::stack) async fn write_platform(context: &Context, data_dir: &Path) -> Result<(), Problem> {
    let path = platform_file(data_dir);
    if path.exists() {
        return Ok(());
    }
    let hash = record::current_platform_hash(context.state.as_ref()).await;
    let hash = hash.map_err(|error| Problem::unexpected(error.to_string()))?;
    let row = context.state.get(&rows::platform(&hash), Consistency::Strong).await;
    let row = row.map_err(|error| Problem::unexpected(format!("the table did not answer: {error}")))?;
    let text = row.as_ref().and_then(|row| row.attributes.get("text")).and_then(Value::as_str);
    write_whole(&path, text.unwrap_or_default().as_bytes())
}

/// Where the platform file is that can be edited and pushed.
pub(in crate::stack) fn platform_file(data_dir: &Path) -> PathBuf {
    data_dir.join("platform.yaml")
}

/// What the platform file calls its clusters.
pub(in crate::stack) fn cluster_names() -> Result<Vec<ClusterName>, Problem> {
    Ok(platform()?.clusters.into_keys().collect())
}

/// Where images of the sample are kept.
pub(in crate::stack) fn image_repositories() -> Result<BTreeSet<ImageRepository>, Problem> {
    let platform = platform()?;
    let workloads = platform.applications.values().flat_map(|application| application.workloads.values());
    Ok(workloads.map(|workload| workload.image.clone()).collect())
}

/// Who we are at the GitHub of this machine.
pub(in crate::stack) fn github_settings(worlds: &Worlds, base: &str) -> Result<Settings, Problem> {
    let key = AppKey::from_pem(sample::APP_KEY);
    let key = key.map_err(|error| Problem::unexpected(format!("infra/local/sample/app-key.pem: {error}")))?;
    let installation = worlds.code.read(|code| code.installation);
    Ok(Settings { base: base.to_owned(), app: sample::APP, key, installation })
}

/// What the sample's platform file says.
pub(super) fn platform() -> Result<Platform, Problem> {
    Ok(parsed(sample::PLATFORM)?.platform)
}

fn parsed(text: &str) -> Result<roadstead_domain::platform::Parsed, Problem> {
    Platform::parse(text.as_bytes()).map_err(|problems| {
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Problem::new(
            format!("the platform file is wrong: {}", all.join("; ")),
            "correct infra/local/sample/platform.yaml",
        )
    })
}
