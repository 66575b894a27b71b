//! Credentials for clusters: where an API server is, and how it knows that it is we who ask.

use super::CallError;
use jiff::Timestamp;
use roadstead_domain::name::ClusterName;
use std::fmt;

/// How a cluster's API server is asked, for a while.
#[derive(Clone)]
pub struct ClusterAccess {
    /// The API server's URL.
    pub server: String,
    /// The certificate authority that signed its certificate, in PEM.
    pub certificate_authority: Vec<u8>,
    /// The bearer token that says who we are.
    pub token: String,
    /// From when the token is no longer to be used.
    pub until: Timestamp,
}

impl fmt::Debug for ClusterAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("ClusterAccess");
        shown.field("server", &self.server).field("until", &self.until).finish_non_exhaustive()
    }
}

/// Gives access to clusters.
#[async_trait::async_trait]
pub trait ClusterCredentials: Send + Sync {
    /// Access to the cluster that the platform file calls so, with a token that was made just now.
    ///
    /// # Errors
    /// [`CallError::Missing`] when there is no such cluster; [`CallError::Unavailable`] while it is being made, or when we
    /// have no identity.
    async fn access(&self, name: &ClusterName) -> Result<ClusterAccess, CallError>;
}
