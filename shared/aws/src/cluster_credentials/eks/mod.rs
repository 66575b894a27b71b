//! Credentials for clusters of Amazon EKS: where the API server is, and a token that it takes for a minute's use.

mod token;

use crate::configuration::Aws;
use crate::failure::{Effect, call_error};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_eks::{Client, types::Cluster};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use roadstead_steps::nouns::CallError;
use std::{collections::BTreeMap, fmt, sync::Arc};
pub use token::TOKEN_LIFETIME;
use tokio::sync::Mutex;

/// How long an answer of `DescribeCluster` is believed: address and certificate outlive it by far.
pub const CLUSTER_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// Where a cluster's API server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterAddress {
    /// The API server's URL.
    pub endpoint: String,
    /// The certificate authority that signed its certificate, in PEM.
    pub certificate_authority: Vec<u8>,
}

/// A bearer token for one cluster.
#[derive(Clone)]
pub struct BearerToken {
    /// The token.
    pub secret: String,
    /// From when it is no longer to be used.
    pub until: Timestamp,
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BearerToken").field("until", &self.until).finish_non_exhaustive()
    }
}

/// Credentials for the clusters of one account and region, as our own identity.
pub struct EksCredentials {
    aws: Arc<Aws>,
    addresses: Mutex<BTreeMap<String, (Timestamp, ClusterAddress)>>,
}

impl EksCredentials {
    /// Credentials for clusters by their EKS name.
    pub fn new(aws: Arc<Aws>) -> Self {
        Self { aws, addresses: Mutex::new(BTreeMap::new()) }
    }

    /// Where a cluster's API server is; asked once in [`CLUSTER_LIFETIME`].
    ///
    /// # Errors
    /// [`CallError::Missing`] when there is no such cluster; [`CallError::Unavailable`] while it is being made.
    pub async fn address(&self, cluster: &str, now: Timestamp) -> Result<ClusterAddress, CallError> {
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

    /// A new token for a cluster. Nothing is asked for it but our own identity.
    ///
    /// # Errors
    /// [`CallError::Unavailable`] when we have no identity.
    pub async fn token(&self, cluster: &str, now: Timestamp) -> Result<BearerToken, CallError> {
        let sdk = self.aws.sdk().await;
        let region = sdk.region().ok_or_else(|| broken("no region is known"))?;
        token::make(&self.identity().await?, region.as_ref(), cluster, now)
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

fn read_address(cluster: Option<Cluster>) -> Result<ClusterAddress, CallError> {
    let cluster = cluster.ok_or_else(|| broken("a cluster was answered without itself"))?;
    let authority = cluster.certificate_authority.and_then(|authority| authority.data);
    let (Some(endpoint), Some(authority)) = (cluster.endpoint, authority) else {
        let reason = "the cluster has no address yet".to_owned();
        return Err(CallError::Unavailable { reason, maybe_done: false });
    };
    let authority = STANDARD.decode(authority);
    let certificate_authority =
        authority.map_err(|_| broken("a cluster's certificate authority is not base64"))?;
    Ok(ClusterAddress { endpoint, certificate_authority })
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
        assert_eq!(address.endpoint, "https://a.eks.amazonaws.com");
        assert_eq!(address.certificate_authority, b"PEM");
    }

    #[test]
    fn a_cluster_that_is_being_made_is_waited_for() {
        let address = read_address(Some(Cluster::builder().build()));
        assert!(matches!(address, Err(CallError::Unavailable { maybe_done: false, .. })));
        assert!(matches!(read_address(None), Err(CallError::Broken { .. })));
    }
}
