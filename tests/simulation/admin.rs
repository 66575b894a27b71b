//! What others do in the cluster: administrators, autoscalers.

use super::world::{ADMIN, World};
use http::Request;
use roadstead_domain::name::EnvironmentId;
use roadstead_steps::nouns::Time;
use roadstead_worlds::cluster::Answer;
use serde_json::{Value, json};

impl World {
    /// An administrator's request, which must succeed.
    pub fn admin(&self, method: &str, address: &str, body: &Value) -> Value {
        let content = match (method, address.contains("fieldManager")) {
            ("PATCH", true) => "application/apply-patch+yaml",
            ("PATCH", false) => "application/merge-patch+json",
            _ => "application/json",
        };
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header("authorization", format!("Bearer {ADMIN}"))
            .header("content-type", content)
            .body(if body.is_null() { vec![] } else { body.to_string().into_bytes() });
        let Answer::Now(response) = self.cluster.lock().unwrap().handle(&request.unwrap(), self.time.now())
        else {
            panic!("nobody watches");
        };
        let text = String::from_utf8_lossy(response.body());
        assert!(response.status().is_success(), "{method} {address}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// An object as it is now, if it is there.
    pub fn object(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let mut cluster = self.cluster.lock().unwrap();
        cluster.advance(self.time.now());
        let mut found = cluster.objects().filter(|object| {
            object["kind"] == kind
                && object["metadata"]["namespace"].as_str().unwrap_or_default() == namespace
                && object["metadata"]["name"] == name
        });
        found.next().cloned()
    }

    /// `kubectl scale deployment`.
    pub fn scale(&self, namespace: &str, name: &str, replicas: u64) {
        let address = format!("{}/scale", deployment(namespace, name));
        self.admin("PATCH", &address, &json!({ "spec": { "replicas": replicas } }));
    }
}

/// The address of a Deployment.
pub fn deployment(namespace: &str, name: &str) -> String {
    format!("/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
}

/// The namespace of an environment, before there is one.
pub fn namespace_of(id: &str) -> String {
    let id: EnvironmentId = id.parse().unwrap();
    id.outside_name(&"demo".parse().unwrap())
}
