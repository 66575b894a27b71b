//! Clusters: objects of a Kubernetes API server.

use super::CallError;
use roadstead_domain::name::ClusterName;
use serde_json::Value;
use std::sync::Arc;

/// A kind of object, as `apiVersion` and `kind` name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// `v1`, `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// How addresses name it: `deployments`.
    pub plural: String,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
}

/// Which object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace; none for kinds that are in none.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// How an object is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Apply {
    /// Takes fields over from other managers. Only for an object whose mark was read in the same attempt.
    pub force: bool,
    /// Checks everything and changes nothing.
    pub dry_run: bool,
}

/// How an object is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delete {
    /// Only the object with this uid.
    pub uid: Option<String>,
    /// Only the object at this version.
    pub resource_version: Option<String>,
}

/// One cluster, as one identity of ours. Objects are as the API server writes them in JSON.
#[async_trait::async_trait]
pub trait Cluster: Send + Sync {
    /// An object; none when it does not exist.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn get(&self, reference: &Reference) -> Result<Option<Value>, CallError>;

    /// All objects of a kind that carry a label, in one namespace or in all; whatever they carry, where the label is empty. A list that could not be read whole is an
    /// error, never shorter.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn list(&self, kind: &Kind, namespace: Option<&str>, label: &str) -> Result<Vec<Value>, CallError>;

    /// Server-side apply with our field manager and strict validation; answers the object as it stands then. A
    /// `metadata.uid` or `metadata.resourceVersion` in the object is a condition on what exists.
    ///
    /// # Errors
    /// [`CallError::Conflict`] for conditions and for fields of other managers; [`CallError::Forbidden`] for rights, quotas,
    /// policies and namespaces that end; [`CallError::Refused`] for what is invalid.
    async fn apply(&self, reference: &Reference, object: &Value, apply: Apply) -> Result<Value, CallError>;

    /// JSON merge patch (RFC 7396) as our field manager, of the very object whose `metadata.uid` and `metadata.resourceVersion` are
    /// in the patch; answers the object as it stands then.
    ///
    /// # Errors
    /// [`CallError::Conflict`] when it is not that one any more, or is gone; others as [`Cluster::apply`].
    async fn patch(&self, reference: &Reference, patch: &Value) -> Result<Value, CallError>;

    /// Deletes an object, its dependants in the background. One that is missing counts as deleted.
    ///
    /// # Errors
    /// [`CallError::Conflict`] when it is not the one that was meant.
    async fn delete(&self, reference: &Reference, delete: &Delete) -> Result<(), CallError>;
}

/// Opens clusters.
#[async_trait::async_trait]
pub trait Clusters: Send + Sync {
    /// The cluster that the platform file calls so.
    ///
    /// # Errors
    /// When nothing is known of it, or its credentials cannot be had.
    async fn open(&self, name: &ClusterName) -> Result<Arc<dyn Cluster>, CallError>;
}
