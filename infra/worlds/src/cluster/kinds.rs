//! The closed list of kinds that the sandbox cluster knows.

use std::collections::BTreeSet;

use k8s_openapi::api::admissionregistration::v1::{
    ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
};
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{
    ConfigMap, Event, LimitRange, Namespace, PersistentVolumeClaim, Pod, ResourceQuota, Secret, Service,
    ServiceAccount,
};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::rbac::v1::{ClusterRole, RoleBinding};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One kind of object, as discovery describes it.
pub(super) struct Kind {
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) plural: &'static str,
    pub(super) kind: &'static str,
    pub(super) short: &'static str,
    pub(super) namespaced: bool,
    /// Whether `metadata.generation` counts the changes of its `spec`.
    pub(super) counted: bool,
    /// Whether `status` can only be written through its own subresource.
    pub(super) status: bool,
    /// Whether `kubectl get all` shows it.
    pub(super) in_all: bool,
    unknown_fields: fn(&Value) -> Result<BTreeSet<String>, String>,
}

impl Kind {
    /// Its `apiVersion`.
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Its resource as messages name it: `configmaps`, `deployments.apps`.
    pub(super) fn resource(&self) -> String {
        with_group(self.plural, self.group)
    }

    /// Its kind as messages name it: `ConfigMap`, `Deployment.apps`.
    pub(super) fn qualified(&self) -> String {
        with_group(self.kind, self.group)
    }

    /// Whether replicas are scaled through a subresource.
    pub(super) fn scales(&self) -> bool {
        self.group == "apps"
    }

    /// The fields of `object`, as pointers, that its published schema does not declare.
    ///
    /// # Errors
    /// What the schema refuses: a field of the wrong type.
    pub(super) fn unknown_fields(&self, object: &Value) -> Result<BTreeSet<String>, String> {
        (self.unknown_fields)(object)
    }

    /// The kind that is served under a group, a version and a plural.
    pub(super) fn served(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
        KINDS.into_iter().find(|kind| kind.group == group && kind.version == version && kind.plural == plural)
    }

    const fn cluster_wide(mut self) -> Kind {
        self.namespaced = false;
        self
    }

    const fn counted(mut self) -> Kind {
        self.counted = true;
        self
    }

    const fn plain(mut self) -> Kind {
        self.status = false;
        self
    }

    const fn in_all(mut self) -> Kind {
        self.in_all = true;
        self
    }
}

fn with_group(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}

fn unknown_fields<T: DeserializeOwned>(object: &Value) -> Result<BTreeSet<String>, String> {
    let mut unknown = BTreeSet::new();
    serde_ignored::deserialize::<_, _, T>(object, |path| {
        // A step into what may be missing is written as `?`.
        let path = path.to_string();
        let steps = path.split('.').filter(|step| *step != "?");
        unknown.insert(steps.map(|step| format!("/{step}")).collect());
    })
    .map_err(|error| error.to_string())?;
    Ok(unknown)
}

/// A namespaced kind with a status.
const fn of<T: DeserializeOwned>(
    (group, version): (&'static str, &'static str),
    plural: &'static str,
    kind: &'static str,
    short: &'static str,
) -> Kind {
    Kind {
        group,
        version,
        plural,
        kind,
        short,
        namespaced: true,
        counted: false,
        status: true,
        in_all: false,
        unknown_fields: unknown_fields::<T>,
    }
}

const CORE: (&str, &str) = ("", "v1");
const APPS: (&str, &str) = ("apps", "v1");
const NETWORKING: (&str, &str) = ("networking.k8s.io", "v1");
const RIGHTS: (&str, &str) = ("rbac.authorization.k8s.io", "v1");
const ADMISSION: (&str, &str) = ("admissionregistration.k8s.io", "v1");

pub(super) static NAMESPACE: Kind = of::<Namespace>(CORE, "namespaces", "Namespace", "ns").cluster_wide();
pub(super) static SERVICE_ACCOUNT: Kind =
    of::<ServiceAccount>(CORE, "serviceaccounts", "ServiceAccount", "sa").plain();
pub(super) static CONFIG_MAP: Kind = of::<ConfigMap>(CORE, "configmaps", "ConfigMap", "cm").plain();
pub(super) static SERVICE: Kind = of::<Service>(CORE, "services", "Service", "svc").in_all();
pub(super) static CLAIM: Kind =
    of::<PersistentVolumeClaim>(CORE, "persistentvolumeclaims", "PersistentVolumeClaim", "pvc");
pub(super) static POD: Kind = of::<Pod>(CORE, "pods", "Pod", "po").counted().in_all();
pub(super) static EVENT: Kind = of::<Event>(CORE, "events", "Event", "ev").plain();
pub(super) static QUOTA: Kind = of::<ResourceQuota>(CORE, "resourcequotas", "ResourceQuota", "quota");
pub(super) static LIMIT_RANGE: Kind = of::<LimitRange>(CORE, "limitranges", "LimitRange", "limits").plain();
pub(super) static DEPLOYMENT: Kind =
    of::<Deployment>(APPS, "deployments", "Deployment", "deploy").counted().in_all();
pub(super) static REPLICA_SET: Kind =
    of::<ReplicaSet>(APPS, "replicasets", "ReplicaSet", "rs").counted().in_all();
pub(super) static INGRESS: Kind = of::<Ingress>(NETWORKING, "ingresses", "Ingress", "ing").counted();
pub(super) static ROLE_BINDING: Kind = of::<RoleBinding>(RIGHTS, "rolebindings", "RoleBinding", "").plain();
pub(super) static POLICY_OBJECT: Kind = of::<ValidatingAdmissionPolicy>(
    ADMISSION,
    "validatingadmissionpolicies",
    "ValidatingAdmissionPolicy",
    "",
)
.counted()
.cluster_wide();
pub(super) static POLICY_BINDING: Kind = of::<ValidatingAdmissionPolicyBinding>(
    ADMISSION,
    "validatingadmissionpolicybindings",
    "ValidatingAdmissionPolicyBinding",
    "",
)
.cluster_wide()
.plain();
static SECRET: Kind = of::<Secret>(CORE, "secrets", "Secret", "").plain();
static NETWORK_POLICY: Kind =
    of::<NetworkPolicy>(NETWORKING, "networkpolicies", "NetworkPolicy", "netpol").counted().plain();
pub(super) static CLUSTER_ROLE: Kind =
    of::<ClusterRole>(RIGHTS, "clusterroles", "ClusterRole", "").plain().cluster_wide();

/// Every kind, by group and plural.
pub(super) static KINDS: [&Kind; 18] = [
    &CONFIG_MAP,
    &EVENT,
    &LIMIT_RANGE,
    &NAMESPACE,
    &CLAIM,
    &POD,
    &QUOTA,
    &SECRET,
    &SERVICE_ACCOUNT,
    &SERVICE,
    &DEPLOYMENT,
    &REPLICA_SET,
    &INGRESS,
    &NETWORK_POLICY,
    &CLUSTER_ROLE,
    &ROLE_BINDING,
    &POLICY_OBJECT,
    &POLICY_BINDING,
];
