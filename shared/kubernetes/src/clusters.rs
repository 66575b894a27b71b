//! Which clusters there are, and how each is reached.

use crate::cluster::KubeCluster;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use kube::config::{
    AuthInfo, Cluster as Server, Context, KubeConfigOptions, Kubeconfig as Parsed, NamedAuthInfo,
    NamedCluster, NamedContext,
};
use roadstead_domain::name::ClusterName;
use roadstead_steps::nouns::{
    CallError, Cluster, ClusterCredentials, Clusters, Time, credentials::ClusterAccess,
};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the server may be silent within an answer.
const READ_TIMEOUT: Duration = Duration::from_secs(20);
/// What a kubeconfig made from credentials calls its only cluster, user and context.
const ONLY: &str = "only";

/// Where the kubeconfig of a cluster is. It holds credentials, so it cannot be printed.
pub enum Kubeconfig {
    /// This text.
    Text(String),
    /// The text of this file, read when the cluster is first opened.
    File(PathBuf),
}

impl From<String> for Kubeconfig {
    fn from(text: String) -> Self {
        Kubeconfig::Text(text)
    }
}

/// Clusters by kubeconfig, and those that we have credentials for. A client is made when its cluster is first opened, and
/// kept until its token ends.
pub struct KubeClusters {
    kubeconfigs: BTreeMap<ClusterName, Kubeconfig>,
    credentials: Option<(Arc<dyn ClusterCredentials>, Arc<dyn Time>)>,
    opened: Mutex<BTreeMap<ClusterName, Opened>>,
}

struct Opened {
    cluster: Arc<KubeCluster>,
    until: Option<Timestamp>,
}

impl KubeClusters {
    /// Knows these clusters.
    pub fn new<Given: Into<Kubeconfig>>(kubeconfigs: impl IntoIterator<Item = (ClusterName, Given)>) -> Self {
        let given = |(name, kubeconfig): (ClusterName, Given)| (name, kubeconfig.into());
        let kubeconfigs = kubeconfigs.into_iter().map(given).collect();
        Self { kubeconfigs, credentials: None, opened: Mutex::new(BTreeMap::new()) }
    }

    /// Reaches all other clusters with credentials.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Arc<dyn ClusterCredentials>, time: Arc<dyn Time>) -> Self {
        self.credentials = Some((credentials, time));
        self
    }

    /// Whether a client that was made with a token can still be used.
    fn holds(&self, opened: &Opened) -> bool {
        match (opened.until, &self.credentials) {
            (Some(until), Some((_, time))) => time.now() < until,
            _ => true,
        }
    }

    async fn connect(&self, name: &ClusterName) -> Result<Opened, CallError> {
        if let Some(kubeconfig) = self.kubeconfigs.get(name) {
            let cluster = connect(name, read(name, kubeconfig)?).await?;
            return Ok(Opened { cluster, until: None });
        }
        let Some((credentials, _)) = &self.credentials else {
            return Err(CallError::Missing { reason: format!("no credentials for the cluster {name}") });
        };
        let access = credentials.access(name).await?;
        let until = Some(access.until);
        Ok(Opened { cluster: connect(name, of_access(access)).await?, until })
    }
}

#[async_trait::async_trait]
impl Clusters for KubeClusters {
    async fn open(&self, name: &ClusterName) -> Result<Arc<dyn Cluster>, CallError> {
        let mut all = self.opened.lock().await;
        if let Some(opened) = all.get(name)
            && self.holds(opened)
        {
            return Ok(opened.cluster.clone());
        }
        let opened = self.connect(name).await?;
        let cluster = opened.cluster.clone();
        all.insert(name.clone(), opened);
        Ok(cluster)
    }
}

fn read(name: &ClusterName, kubeconfig: &Kubeconfig) -> Result<Parsed, CallError> {
    let parsed = match kubeconfig {
        Kubeconfig::Text(text) => Parsed::from_yaml(text),
        Kubeconfig::File(path) => Parsed::read_from(path),
    };
    parsed.map_err(|_| unusable(name))
}

fn of_access(access: ClusterAccess) -> Parsed {
    let ClusterAccess { server, certificate_authority, token, .. } = access;
    let certificate_authority_data = Some(STANDARD.encode(certificate_authority));
    let cluster = Server { server: Some(server), certificate_authority_data, ..Server::default() };
    let user = AuthInfo { token: Some(token.into()), ..AuthInfo::default() };
    let context = Context { cluster: ONLY.to_owned(), user: Some(ONLY.to_owned()), ..Context::default() };
    Parsed {
        clusters: vec![NamedCluster { name: ONLY.to_owned(), cluster: Some(cluster), ..Default::default() }],
        auth_infos: vec![NamedAuthInfo {
            name: ONLY.to_owned(),
            auth_info: Some(user),
            ..Default::default()
        }],
        contexts: vec![NamedContext { name: ONLY.to_owned(), context: Some(context), ..Default::default() }],
        current_context: Some(ONLY.to_owned()),
        ..Parsed::default()
    }
}

/// Makes a client that sends each request once.
async fn connect(name: &ClusterName, kubeconfig: Parsed) -> Result<Arc<KubeCluster>, CallError> {
    let options = KubeConfigOptions::default();
    let mut config =
        kube::Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|_| unusable(name))?;
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    config.read_timeout = Some(READ_TIMEOUT);
    let client = kube::Client::try_from(config).map_err(|_| unusable(name))?;
    Ok(Arc::new(KubeCluster::new(client)))
}

/// What is wrong with a kubeconfig is not repeated: it holds credentials.
fn unusable(name: &ClusterName) -> CallError {
    CallError::Broken { reason: format!("the kubeconfig of the cluster {name} cannot be used") }
}

#[cfg(test)]
mod tests;
