//! `local.json`: what a script needs to play a sender to this stack; and the kubeconfig for people.

use super::{secrets::Secrets, store::write_whole};
use crate::problem::Problem;
use roadstead_domain::name::ClusterName;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Where everything of a stack is, as `local.json` holds it. What does not exist yet is null.
#[derive(Clone, Serialize, Deserialize)]
pub struct LocalFile {
    /// The doors' addresses.
    pub doors: DoorAddresses,
    /// What the doors verify with.
    pub secrets: DoorSecrets,
    /// The desk: where this command line asks a stack that runs.
    pub desk: String,
    /// The port of the pages that stand for what environments serve.
    pub pages_port: u16,
    /// DynamoDB's address.
    pub dynamodb: String,
    /// The kubeconfig of the cluster, for people.
    pub kubeconfig: PathBuf,
    /// The platform file as it was in force at first, to be edited and pushed.
    pub platform_file: PathBuf,
    /// The address of GitHub's API.
    pub github_api: String,
    /// Where what is said in Slack can be read.
    pub slack_outbox: Option<String>,
}

/// The doors' addresses.
#[derive(Clone, Serialize, Deserialize)]
pub struct DoorAddresses {
    /// For GitHub's webhooks.
    pub github: String,
    /// For Slack's commands.
    pub slack: Option<String>,
    /// For CI systems.
    pub images: String,
    /// For platform engineers.
    pub configurations: String,
    /// For ECR's events.
    pub eventbridge: String,
}

/// What the doors verify with.
#[derive(Clone, Serialize, Deserialize)]
pub struct DoorSecrets {
    /// What GitHub signs with.
    pub github: String,
    /// What Slack signs with.
    pub slack: Option<String>,
    /// What a CI system presents.
    pub images: String,
    /// What a platform engineer presents.
    pub configurations: String,
    /// What the person at this machine presents at the desk.
    pub desk: String,
}

/// The name of the file in the data directory.
const NAME: &str = "local.json";

impl LocalFile {
    /// Reads what a stack wrote when it was started.
    ///
    /// # Errors
    /// When no stack was ever started there.
    pub fn read(data_dir: &Path) -> Result<Self, Problem> {
        let path = data_dir.join(NAME);
        let read = fs::read(&path).map_err(|error| error.to_string());
        let read = read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
        read.map_err(|error| {
            Problem::new(
                format!("no stack was found: {} cannot be read: {error}", path.display()),
                "start one with `cargo run -- up`, or say with `--data-dir` where yours is",
            )
        })
    }

    /// Writes it where only its owner can read it; returns its path.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, data_dir: &Path) -> Result<PathBuf, Problem> {
        let path = data_dir.join(NAME);
        let text = serde_json::to_vec_pretty(self);
        let text = text.map_err(|error| Problem::unexpected(format!("local.json has no form: {error}")))?;
        write_whole(&path, &text)?;
        Ok(path)
    }
}

/// Writes the kubeconfig of the sandboxes for the person who runs them; returns its path.
///
/// # Errors
/// When it cannot be written.
pub fn write_kubeconfig(
    data_dir: &Path,
    servers: &BTreeMap<ClusterName, String>,
    secrets: &Secrets,
) -> Result<PathBuf, Problem> {
    let path = data_dir.join("kubeconfig");
    write_whole(&path, kubeconfig(servers, "admin", &secrets.cluster_admin).as_bytes())?;
    Ok(path)
}

/// A kubeconfig for one user of sandboxes, with a context for each; the first is the current one.
pub fn kubeconfig<'a>(
    servers: impl IntoIterator<Item = (&'a ClusterName, &'a String)>,
    user: &str,
    token: &str,
) -> String {
    let servers: Vec<_> = servers.into_iter().collect();
    let current = servers.first().map(|(name, _)| name.to_string()).unwrap_or_default();
    let clusters: String = servers
        .iter()
        .map(|(name, server)| format!("  - name: {name}\n    cluster: {{server: \"{server}\"}}\n"))
        .collect();
    let contexts: String = servers
        .iter()
        .map(|(name, _)| format!("  - name: {name}\n    context: {{cluster: {name}, user: {user}}}\n"))
        .collect();
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {current}\nclusters:\n{clusters}\
         users:\n  - name: {user}\n    user: {{token: \"{token}\"}}\ncontexts:\n{contexts}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_file_has_the_shape_that_scripts_know() {
        let file = LocalFile {
            doors: DoorAddresses {
                github: "g".into(),
                slack: None,
                images: "i".into(),
                configurations: "c".into(),
                eventbridge: "e".into(),
            },
            secrets: DoorSecrets {
                github: "1".into(),
                slack: None,
                images: "2".into(),
                configurations: "4".into(),
                desk: "3".into(),
            },
            desk: "t".into(),
            pages_port: 80,
            dynamodb: "d".into(),
            kubeconfig: "k".into(),
            platform_file: "p".into(),
            github_api: "a".into(),
            slack_outbox: None,
        };
        let expected = json!({
            "doors": {"github": "g", "slack": null, "images": "i", "configurations": "c", "eventbridge": "e"},
            "secrets": {"github": "1", "slack": null, "images": "2", "configurations": "4", "desk": "3"},
            "desk": "t", "pages_port": 80, "dynamodb": "d", "kubeconfig": "k", "platform_file": "p", "github_api": "a", "slack_outbox": null,
        });
        assert_eq!(serde_json::to_value(file).unwrap(), expected);
    }
}
