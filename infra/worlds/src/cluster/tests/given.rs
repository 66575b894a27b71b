//! A cluster that was given what a real one is given once, and an environment in it.

use serde_json::{Value, json};

use super::{APPLY, Bench, JSON};

pub(super) const RIGHTS: &str = "/apis/rbac.authorization.k8s.io/v1/namespaces/n/rolebindings";

/// What a real cluster is given once: the roles of Roadstead's user, and its fence.
const GIVEN: [&str; 2] =
    [include_str!("../../../../cluster/rights.yaml"), include_str!("../../../../cluster/fence.yaml")];

fn given(bench: &mut Bench, text: &str) {
    for object in text.split("\n---\n") {
        let object: Value = serde_saphyr::from_str(object).unwrap();
        let path = match object["kind"].as_str().unwrap() {
            "ClusterRole" => "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            "ValidatingAdmissionPolicy" => {
                "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
            }
            "ValidatingAdmissionPolicyBinding" => {
                "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
            }
            // What the one ClusterRoleBinding gives, the model's user is given by its settings.
            _ => continue,
        };
        let path =
            format!("{path}/{}?fieldManager=admin&force=true", object["metadata"]["name"].as_str().unwrap());
        let reply = bench.ask("admin", "PATCH", &path, APPLY, object);
        assert_eq!(reply.status, 201, "{path}: {}", reply.body);
    }
}

/// A cluster that was given everything.
pub(super) fn fenced() -> Bench {
    let mut bench = Bench::new();
    GIVEN.iter().for_each(|text| given(&mut bench, text));
    bench
}

/// The same without the fence.
pub(super) fn unfenced() -> Bench {
    let mut bench = Bench::new();
    given(&mut bench, GIVEN[0]);
    bench
}

pub(super) fn marked(mut object: Value, mark: &str, generation: u64) -> Value {
    object["metadata"]["annotations"] =
        json!({ "roadstead.dev/generation": generation.to_string(), "roadstead.dev/mark": mark });
    object
}

pub(super) fn account(generation: Option<u64>) -> Value {
    let object = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "c" } });
    match generation {
        Some(generation) => marked(object, MARK, generation),
        None => object,
    }
}

pub(super) const MARK: &str = "here/shop/pr-1";

pub(super) fn binding(role: &str) -> Value {
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": { "name": role },
        "roleRef": { "kind": "ClusterRole", "name": role },
        "subjects": [{ "kind": "User", "name": "roadstead" }],
    });
    marked(binding, MARK, 3)
}

/// A namespace `n` of generation 3, made and bound by Roadstead's user.
pub(super) fn environment(bench: &mut Bench) {
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "n" } });
    let namespace = marked(namespace, MARK, 3);
    assert_eq!(bench.ask("roadstead", "POST", "/api/v1/namespaces", JSON, namespace).status, 201);
    assert_eq!(bench.ask("roadstead", "POST", RIGHTS, JSON, binding("roadstead-environment")).status, 201);
}

pub(super) fn apply(bench: &mut Bench, namespace: &str, generation: Option<u64>) -> u16 {
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/c?fieldManager=roadstead&force=true");
    bench.ask("roadstead", "PATCH", &path, APPLY, account(generation)).status
}
