//! Which clusters there are, and how each is reached.

use crate::cluster::KubeCluster;
use kube::config::{KubeConfigOptions, Kubeconfig as Parsed};
use roadstead_domain::name::ClusterName;
use roadstead_steps::nouns::{CallError, Cluster, Clusters};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the server may be silent within an answer.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Where the kubeconfig of a cluster is. It holds credentials, so it cannot be printed.
pub enum Kubeconfig {
    /// This text.
    Text(String),
    /// The text of this file, read when the cluster is first opened.
    File(PathBuf),
}

/// Clusters by kubeconfig. A client is made when its cluster is first opened, and kept.
pub struct KubeClusters {
    clusters: BTreeMap<ClusterName, Entry>,
}

struct Entry {
    kubeconfig: Kubeconfig,
    cluster: OnceCell<Arc<KubeCluster>>,
}

impl KubeClusters {
    /// Knows these clusters.
    pub fn new(kubeconfigs: impl IntoIterator<Item = (ClusterName, Kubeconfig)>) -> Self {
        let entry = |kubeconfig| Entry { kubeconfig, cluster: OnceCell::new() };
        Self { clusters: kubeconfigs.into_iter().map(|(name, given)| (name, entry(given))).collect() }
    }
}

#[async_trait::async_trait]
impl Clusters for KubeClusters {
    async fn open(&self, name: &ClusterName) -> Result<Arc<dyn Cluster>, CallError> {
        let entry = self
            .clusters
            .get(name)
            .ok_or_else(|| CallError::Missing { reason: format!("no credentials for the cluster {name}") })?;
        let cluster = entry.cluster.get_or_try_init(|| connect(name, &entry.kubeconfig)).await?;
        Ok(Arc::clone(cluster) as Arc<dyn Cluster>)
    }
}

/// Makes a client that sends each request once. What is wrong with a kubeconfig is not repeated: it holds credentials.
async fn connect(name: &ClusterName, kubeconfig: &Kubeconfig) -> Result<Arc<KubeCluster>, CallError> {
    let unusable =
        || CallError::Broken { reason: format!("the kubeconfig of the cluster {name} cannot be used") };
    let parsed = match kubeconfig {
        Kubeconfig::Text(text) => Parsed::from_yaml(text),
        Kubeconfig::File(path) => Parsed::read_from(path),
    };
    let options = KubeConfigOptions::default();
    let mut config = kube::Config::from_custom_kubeconfig(parsed.map_err(|_| unusable())?, &options)
        .await
        .map_err(|_| unusable())?;
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    config.read_timeout = Some(READ_TIMEOUT);
    let client = kube::Client::try_from(config).map_err(|_| unusable())?;
    Ok(Arc::new(KubeCluster::new(client)))
}

#[cfg(test)]
mod tests;
