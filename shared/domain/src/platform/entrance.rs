//! The entrance: how traffic enters a cluster. It outlives environments.

/// How traffic enters a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrance {
    /// The id of the hosted zone that holds the names.
    pub zone: String,
    /// The domain below which every environment gets its names, lower-case, without the final dot.
    pub domain: String,
    /// What the names point at.
    pub target: AliasTarget,
    /// The class of the Ingress objects.
    pub ingress_class: String,
    /// What HTTPS is served with: the ARN of a certificate in ACM, which the AWS load balancer controller is told, or
    /// [`CONTROLLER_CERTIFICATE`]; plain HTTP without one.
    pub certificate: Option<String>,
    /// Whether one name covers all environments.
    pub names: EntranceNames,
    /// The namespace that the entrance's own pods run in; environments let traffic in from there.
    pub namespace: Option<String>,
}

/// Says that the ingress controller serves HTTPS with a certificate that it has by itself.
pub const CONTROLLER_CERTIFICATE: &str = "controller";

/// What an alias record points at (Route 53 `AliasTarget`).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AliasTarget {
    /// The DNS name of the load balancer.
    pub name: String,
    /// The id of the hosted zone that the load balancer's name is in.
    pub zone: String,
}

/// Whether one name covers all environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntranceNames {
    /// `*.domain` points at the entrance already.
    Wildcard,
    /// Every environment gets records of its own.
    RecordPerEnvironment,
}
