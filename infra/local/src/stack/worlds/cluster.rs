//! The sandbox cluster: who may speak to it, and what it is given once.

use crate::{problem::Problem, stack::secrets::Secrets};
use http::{Method, Request, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use roadstead_worlds::cluster::{Answer, Cluster, Role, Settings, User};
use serde_json::Value;

/// What every cluster is given once, in the order of its README.
const GIVEN: [&str; 2] =
    [include_str!("../../../../cluster/fence.yaml"), include_str!("../../../../cluster/rights.yaml")];
/// Roadstead's user. That the fence and the rights concern it, the sandbox knows from its role.
const ROADSTEAD: &str = "roadstead";
/// How long a Pod takes to be ready.
const READY_AFTER: SignedDuration = SignedDuration::from_millis(100);
/// How long a namespace takes to be swept; some seconds on a real cluster.
const SWEPT_AFTER: SignedDuration = SignedDuration::from_millis(300);

/// How the sandbox begins.
pub(super) fn settings(secrets: &Secrets, seed: u64) -> Settings {
    let user = |name: &str, role| User { name: name.to_owned(), groups: vec![], role };
    let mut settings = Settings::new(seed)
        .with_user(&secrets.cluster_roadstead, user(ROADSTEAD, Role::Fenced))
        .with_user(&secrets.cluster_admin, user("admin", Role::Admin));
    settings.ready_after = READY_AFTER;
    settings.namespace_swept_after = SWEPT_AFTER;
    settings
}

/// Gives the cluster the fence and the rights, as the person who runs it.
pub(super) fn equip(cluster: &mut Cluster, token: &str, now: Timestamp) -> Result<(), Problem> {
    for text in GIVEN.iter().flat_map(|file| file.split("\n---\n")) {
        apply(cluster, token, text, now)?;
    }
    Ok(())
}

/// Applies one object. A kind that the sandbox does not serve is passed over: a role stands in its place.
fn apply(cluster: &mut Cluster, token: &str, text: &str, now: Timestamp) -> Result<(), Problem> {
    let unusable = |why: String| Problem::unexpected(format!("a file of infra/cluster was refused: {why}"));
    let object: Value = serde_saphyr::from_str(text).map_err(|error| unusable(error.to_string()))?;
    let request = Request::builder()
        .method(Method::PATCH)
        .uri(address(&object))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/apply-patch+yaml")
        .body(text.as_bytes().to_vec())
        .map_err(|error| unusable(error.to_string()))?;
    match cluster.handle(&request, now) {
        Answer::Now(response) if response.status().is_success() => Ok(()),
        Answer::Now(response) if response.status() == StatusCode::NOT_FOUND => {
            tracing::debug!(kind = %object["kind"], "the sandbox has no such kind");
            Ok(())
        }
        Answer::Now(response) => Err(unusable(String::from_utf8_lossy(response.body()).into_owned())),
        Answer::Watch(_) => Err(unusable("it was watched".to_owned())),
    }
}

/// Where a cluster-wide object is applied.
fn address(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let kind = text("/kind").to_lowercase();
    let plural = match kind.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{kind}s"),
    };
    format!("/apis/{}/{plural}/{}?fieldManager=platform", text("/apiVersion"), text("/metadata/name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fence_and_the_role_are_there_from_the_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::of(folder.path()).unwrap();
        let mut cluster = Cluster::new(settings(&secrets, 1));
        equip(&mut cluster, &secrets.cluster_admin, Timestamp::UNIX_EPOCH).unwrap();
        let there: Vec<String> = cluster
            .objects()
            .map(|object| format!("{} {}", object["kind"], object["metadata"]["name"]))
            .collect();
        for wanted in [
            r#""ValidatingAdmissionPolicy" "roadstead-fence""#,
            r#""ValidatingAdmissionPolicyBinding" "roadstead-fence""#,
            r#""ClusterRole" "roadstead-environment""#,
        ] {
            assert!(there.iter().any(|object| object == wanted), "{wanted} in {there:?}");
        }
    }
}
