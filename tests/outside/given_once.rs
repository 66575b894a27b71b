//! What a cluster is given once, as requests.

use serde_json::Value;

const FILES: [&str; 2] =
    [include_str!("../../infra/cluster/rights.yaml"), include_str!("../../infra/cluster/fence.yaml")];

/// Every manifest of `infra/cluster` with the address that it is applied at.
pub fn manifests() -> Vec<(String, Value)> {
    let documents = FILES.iter().flat_map(|file| serde_saphyr::from_multiple::<Value>(file).unwrap());
    documents.map(|manifest| (address(&manifest), manifest)).collect()
}

fn address(manifest: &Value) -> String {
    let version = manifest["apiVersion"].as_str().unwrap();
    let plural = match manifest["kind"].as_str().unwrap() {
        "ClusterRole" => "clusterroles",
        "ClusterRoleBinding" => "clusterrolebindings",
        "ValidatingAdmissionPolicy" => "validatingadmissionpolicies",
        "ValidatingAdmissionPolicyBinding" => "validatingadmissionpolicybindings",
        other => panic!("a {other} is given to no cluster"),
    };
    format!("/apis/{version}/{plural}/{}", manifest["metadata"]["name"].as_str().unwrap())
}
