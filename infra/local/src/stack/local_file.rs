//! `local.json`: what a script needs to play a sender to this stack; and the kubeconfig for people.

use super::{secrets::Secrets, store::write_whole};
use crate::problem::Problem;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Where everything of a stack is, as `local.json` holds it. What does not exist yet is null.
#[derive(Clone, Serialize)]
pub struct LocalFile {
    /// The doors' addresses.
    pub doors: DoorAddresses,
    /// What the doors verify with.
    pub secrets: DoorSecrets,
    /// DynamoDB's address.
    pub dynamodb: String,
    /// The kubeconfig of the cluster, for people.
    pub kubeconfig: PathBuf,
    /// The address of GitHub's API.
    pub github_api: String,
    /// Where what is said in Slack can be read.
    pub slack_outbox: Option<String>,
}

/// The doors' addresses.
#[derive(Clone, Serialize)]
pub struct DoorAddresses {
    /// For GitHub's webhooks.
    pub github: String,
    /// For Slack's commands.
    pub slack: Option<String>,
    /// For CI systems.
    pub images: String,
    /// For ECR's events.
    pub eventbridge: String,
}

/// What the doors verify with.
#[derive(Clone, Serialize)]
pub struct DoorSecrets {
    /// What GitHub signs with.
    pub github: String,
    /// What Slack signs with.
    pub slack: Option<String>,
    /// What a CI system presents.
    pub images: String,
}

impl LocalFile {
    /// Writes it where only its owner can read it; returns its path.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, data_dir: &Path) -> Result<PathBuf, Problem> {
        let path = data_dir.join("local.json");
        let text = serde_json::to_vec_pretty(self);
        let text = text.map_err(|error| Problem::unexpected(format!("local.json has no form: {error}")))?;
        write_whole(&path, &text)?;
        Ok(path)
    }
}

/// Writes the kubeconfig of the sandbox for the person who runs it; returns its path.
///
/// # Errors
/// When it cannot be written.
pub fn write_kubeconfig(data_dir: &Path, server: &str, secrets: &Secrets) -> Result<PathBuf, Problem> {
    let path = data_dir.join("kubeconfig");
    write_whole(&path, kubeconfig(server, "admin", &secrets.cluster_admin).as_bytes())?;
    Ok(path)
}

/// A kubeconfig for one user of the sandbox.
pub fn kubeconfig(server: &str, user: &str, token: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: sandbox\n\
         clusters:\n  - name: sandbox\n    cluster: {{server: \"{server}\"}}\n\
         users:\n  - name: {user}\n    user: {{token: \"{token}\"}}\n\
         contexts:\n  - name: sandbox\n    context: {{cluster: sandbox, user: {user}}}\n"
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
                eventbridge: "e".into(),
            },
            secrets: DoorSecrets { github: "1".into(), slack: None, images: "2".into() },
            dynamodb: "d".into(),
            kubeconfig: "k".into(),
            github_api: "a".into(),
            slack_outbox: None,
        };
        let expected = json!({
            "doors": {"github": "g", "slack": null, "images": "i", "eventbridge": "e"},
            "secrets": {"github": "1", "slack": null, "images": "2"},
            "dynamodb": "d", "kubeconfig": "k", "github_api": "a", "slack_outbox": null,
        });
        assert_eq!(serde_json::to_value(file).unwrap(), expected);
    }
}
