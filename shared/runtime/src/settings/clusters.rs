//! How clusters are reached.

use super::{Settings, SettingsError, json, malformed, reference::Reference};
use roadstead_domain::name::ClusterName;
use roadstead_steps::nouns::Secrets;
use serde::Deserialize;
use std::collections::BTreeMap;

const CLUSTERS: &str = "ROADSTEAD_CLUSTERS";

/// The text of a kubeconfig for each cluster that is reached by one.
pub type Kubeconfigs = BTreeMap<ClusterName, String>;

/// How the clusters of the platform file are reached.
#[derive(Default)]
pub struct Reached {
    /// By kubeconfig.
    pub kubeconfigs: Kubeconfigs,
    /// As clusters of EKS that have another name there. A cluster that is not mentioned has the same name.
    pub eks_names: BTreeMap<ClusterName, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum ClusterText {
    Eks(String),
    Kubeconfig(Reference),
}

impl Settings {
    /// How clusters are reached.
    ///
    /// # Errors
    /// When a name is no name, or a kubeconfig cannot be read.
    pub async fn clusters(&self, secrets: &dyn Secrets) -> Result<Reached, SettingsError> {
        let texts: BTreeMap<String, ClusterText> =
            json(self.variables.as_ref(), CLUSTERS)?.unwrap_or_default();
        let mut reached = Reached::default();
        for (name, text) in texts {
            let wrong = |problem: String| malformed(CLUSTERS, format!("{name}: {problem}"));
            let cluster: ClusterName =
                name.parse().map_err(|_| wrong("not a name of a cluster".to_owned()))?;
            match text {
                ClusterText::Eks(eks) => drop(reached.eks_names.insert(cluster, eks)),
                ClusterText::Kubeconfig(reference) => {
                    let bytes = reference.resolve(self.variables.as_ref(), secrets).await.map_err(wrong)?;
                    let text = String::from_utf8(bytes).map_err(|_| wrong("not text".to_owned()))?;
                    reached.kubeconfigs.insert(cluster, text);
                }
            }
        }
        Ok(reached)
    }
}
