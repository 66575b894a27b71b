//! What we are on GitHub.

use super::{Given, Settings, SettingsError, json, malformed, missing, reference::Reference};
use roadstead_steps::nouns::Secrets;
use serde::Deserialize;

const APP: &str = "ROADSTEAD_GITHUB_APP";

/// What we are on GitHub: one installation of an App.
pub struct GithubApp {
    /// The base of the addresses of its API, where that is not GitHub's own.
    pub api: Option<String>,
    /// The App's numeric id.
    pub id: u64,
    /// The numeric id of its installation.
    pub installation: u64,
    /// The key that it signs with.
    pub private_key: Given,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppText {
    api: Option<String>,
    id: u64,
    installation: u64,
    private_key: Reference,
}

impl Settings {
    /// What we are on GitHub.
    ///
    /// # Errors
    /// When it is not said, or its key cannot be read.
    pub async fn github_app(&self, secrets: &dyn Secrets) -> Result<GithubApp, SettingsError> {
        let text: AppText = json(self.variables.as_ref(), APP)?.ok_or_else(|| missing(APP))?;
        let key = text.private_key.resolve(self.variables.as_ref(), secrets).await;
        let private_key = Given::new(key.map_err(|problem| malformed(APP, problem))?);
        let AppText { api, id, installation, .. } = text;
        Ok(GithubApp { api, id, installation, private_key })
    }
}
