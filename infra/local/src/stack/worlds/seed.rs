//! What the service is told of the worlds: the platform configuration, and who it is at GitHub.

use super::{Worlds, sample};
use crate::{problem::Problem, stack::store::write_whole};
use roadstead_domain::{image::ImageRepository, name::ClusterName, platform::Platform, refusal::Refusal};
use roadstead_steps::{configuration, context::Context};
use roadstead_web::github::{AppKey, Settings};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

pub(in crate::stack) use super::sample::APP;

/// Refuses a configuration in force whose types have several clusters, where all names lead to one.
pub(in crate::stack) async fn fits_one_cluster(context: &Context) -> Result<(), Problem> {
    let current = configuration::current(context.state.as_ref()).await;
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
    let state = context.state.as_ref();
    if configuration::in_force(state).await.map_err(|refusal| unread(&refusal))?.is_some() {
        return Ok(());
    }
    let stored = configuration::seed(state, &parsed(text)?, text, context.now()).await;
    stored.map_err(|refusal| unread(&refusal))
}

/// Writes the platform file in force into the data directory, to be edited and pushed, unless somebody edits one there
/// already.
pub(in crate::stack) async fn write_platform(context: &Context, data_dir: &Path) -> Result<(), Problem> {
    let path = platform_file(data_dir);
    if path.exists() {
        return Ok(());
    }
    let state = context.state.as_ref();
    let hash = configuration::hash_in_force(state).await.map_err(|refusal| unread(&refusal))?;
    let text = configuration::text(state, &hash).await.map_err(|refusal| unread(&refusal))?;
    write_whole(&path, text.as_bytes())
}

fn unread(refusal: &Refusal) -> Problem {
    Problem::unexpected(format!("the platform configuration was neither read nor stored: {refusal}"))
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
