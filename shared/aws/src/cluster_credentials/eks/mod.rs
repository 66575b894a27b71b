//! Credentials for clusters of Amazon EKS: where the API server is, and a token that it takes for a minute's use.

mod token;

use crate::configuration::Aws;
use crate::failure::{Effect, call_error};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_eks::{Client, types::Cluster};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::name::ClusterName;
use roadstead_steps::nouns::credentials::{ClusterAccess, ClusterCredentials};
use roadstead_steps::nouns::{CallError, Time};
use std::{collections::BTreeMap, fmt, sync::Arc};
pub use token::TOKEN_LIFETIME;
use tokio::sync::Mutex;

/// How long an answer of `DescribeCluster` is believed: address and certificate outlive it by far.
pub const CLUSTER_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// Where a cluster's API server is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ClusterAddress {
    server: String,
    /// In PEM.
    certificate_authority: Vec<u8>,
}

/// Credentials for the clusters of one account and region, as our own identity.
pub struct EksCredentials {
    aws: Arc<Aws>,
    names: BTreeMap<ClusterName, String>,
    time: Arc<dyn Time>,
    addresses: Mutex<BTreeMap<String, (Timestamp, ClusterAddress)>>,
}

impl EksCredentials {
    /// Credentials for clusters that have these names in EKS; a cluster that is not among them has the same name there.
    pub fn new(aws: Arc<Aws>, names: BTreeMap<ClusterName, String>, time: Arc<dyn Time>) -> Self {
        Self { aws, names, time, addresses: Mutex::new(BTreeMap::new()) }
    }

    /// Asked once in [`CLUSTER_LIFETIME`].
    async fn address(&self, cluster: &str, now: Timestamp) -> Result<ClusterAddress, CallError> {
        let mut addresses = self.addresses.lock().await;
        if let Some((asked, address)) = addresses.get(cluster)
            && now.duration_since(*asked) < CLUSTER_LIFETIME
        {
            return Ok(address.clone());
        }
        let client = Client::new(self.aws.sdk().await);
        let answer = client.describe_cluster().name(cluster).send().await;
        let answer = answer.map_err(|error| call_error(error, Effect::Reads))?;
        let address = read_address(answer.cluster)?;
        addresses.insert(cluster.to_owned(), (now, address.clone()));
        Ok(address)
    }

    async fn identity(&self) -> Result<Credentials, CallError> {
        let provider =
            self.aws.sdk().await.credentials_provider().ok_or_else(|| broken("no identity is known"))?;
        let unavailable = |error: &dyn fmt::Display| CallError::Unavailable {
            reason: error.to_string(),
            maybe_done: false,
        };
        provider.provide_credentials().await.map_err(|error| unavailable(&error))
    }
}

#[async_trait::async_trait]
impl ClusterCredentials for EksCredentials {
    async fn access(&self, name: &ClusterName) -> Result<ClusterAccess, CallError> {
        let (now, own) = (self.time.now(), name.to_string());
        let cluster = self.names.get(name).unwrap_or(&own);
        let ClusterAddress { server, certificate_authority } = self.address(cluster, now).await?;
        let region = self.aws.sdk().await.region().ok_or_else(|| broken("no region is known"))?;
        let (token, until) = token::make(&self.identity().await?, region.as_ref(), cluster, now)?;
        Ok(ClusterAccess { server, certificate_authority, token, until })
    }
}

fn read_address(cluster: Option<Cluster>) -> Result<ClusterAddress, CallError> {
    let cluster = cluster.ok_or_else(|| broken("a cluster was answered without itself"))?;
    let authority = cluster.certificate_authority.and_then(|authority| authority.data);
    let (Some(server), Some(authority)) = (cluster.endpoint, authority) else {
        let reason = "the cluster has no address yet".to_owned();
        return Err(CallError::Unavailable { reason, maybe_done: false });
    };
    let authority = STANDARD.decode(authority);
    let certificate_authority =
        authority.map_err(|_| broken("a cluster's certificate authority is not base64"))?;
    Ok(ClusterAddress { server, certificate_authority })
}

fn broken(reason: &str) -> CallError {
    CallError::Broken { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_eks::types::Certificate;

    #[test]
    fn an_address_is_read_whole() {
        let authority = Certificate::builder().data(STANDARD.encode("PEM")).build();
        let cluster =
            Cluster::builder().endpoint("https://a.eks.amazonaws.com").certificate_authority(authority);
        let address = read_address(Some(cluster.build())).unwrap();
        assert_eq!(address.server, "https://a.eks.amazonaws.com");
        assert_eq!(address.certificate_authority, b"PEM");
    }

    #[test]
    fn a_cluster_that_is_being_made_is_waited_for() {
        let address = read_address(Some(Cluster::builder().build()));
        assert!(matches!(address, Err(CallError::Unavailable { maybe_done: false, .. })));
        assert!(matches!(read_address(None), Err(CallError::Broken { .. })));
    }
}
