//! The cluster noun against the sandbox cluster, as the user `roadstead` within its fence.

use http::{Request, Response};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use kube::client::Body;
use roadstead_kubernetes::KubeCluster;
use roadstead_steps::nouns::cluster::{Apply, Delete, Kind, Reference};
use roadstead_steps::nouns::{CallError, Cluster};
use roadstead_worlds::cluster::{Answer, Cluster as World, Role, Settings, User};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

type Shared = Arc<Mutex<World>>;

fn user(name: &str, role: Role) -> User {
    User { name: name.to_owned(), groups: Vec::new(), role }
}

fn world() -> Shared {
    let settings = Settings::new(1)
        .with_user("admin", user("admin", Role::Admin))
        .with_user("ours", user("roadstead", Role::Fenced));
    Arc::new(Mutex::new(World::new(settings)))
}

/// The noun as whoever has this token.
fn cluster(world: &Shared, token: &'static str) -> KubeCluster {
    let world = Arc::clone(world);
    let service = tower::service_fn(move |request: Request<Body>| {
        let world = Arc::clone(&world);
        async move {
            let (mut parts, body) = request.into_parts();
            parts.headers.insert("authorization", format!("Bearer {token}").parse()?);
            let body = body.collect().await?.to_bytes().to_vec();
            let now = Timestamp::from_second(1_790_000_000)?;
            let answer = world.lock().unwrap().handle(&Request::from_parts(parts, body), now);
            let Answer::Now(response) = answer else { return Err("nothing here watches".into()) };
            Ok::<Response<Body>, tower::BoxError>(response.map(Body::from))
        }
    });
    KubeCluster::new(kube::Client::new(service, "default"))
}

fn reference(api_version: &str, kind: &str, plural: &str, namespace: Option<&str>, name: &str) -> Reference {
    let (api_version, namespaced) = (api_version.to_owned(), namespace.is_some());
    let kind = Kind { api_version, kind: kind.to_owned(), plural: plural.to_owned(), namespaced };
    Reference { kind, namespace: namespace.map(str::to_owned), name: name.to_owned() }
}

fn namespace() -> Reference {
    reference("v1", "Namespace", "namespaces", None, "shop")
}

fn account(name: &str) -> Reference {
    reference("v1", "ServiceAccount", "serviceaccounts", Some("shop"), name)
}

/// An object of the environment, of a generation.
fn manifest(reference: &Reference, generation: u64, more: Value) -> Value {
    let mut object = json!({
        "apiVersion": reference.kind.api_version,
        "kind": reference.kind.kind,
        "metadata": {
            "name": reference.name,
            "labels": {"roadstead.dev/environment": "x"},
            "annotations": {
                "roadstead.dev/mark": "i/shop/pr-1",
                "roadstead.dev/generation": generation.to_string(),
            },
        },
    });
    if let Some(namespace) = &reference.namespace {
        object["metadata"]["namespace"] = json!(namespace);
    }
    for (field, value) in more.as_object().into_iter().flatten() {
        object[field] = value.clone();
    }
    object
}

async fn apply(cluster: &KubeCluster, reference: &Reference, object: &Value) -> Result<Value, CallError> {
    cluster.apply(reference, object, Apply::default()).await
}

/// What a cluster is given once, without the binding of the user `roadstead`, which the sandbox knows by itself.
async fn give(admin: &KubeCluster) {
    let given =
        [include_str!("../../infra/cluster/fence.yaml"), include_str!("../../infra/cluster/rights.yaml")];
    for object in given.map(|yaml| serde_saphyr::from_multiple::<Value>(yaml).unwrap()).concat() {
        let (api_version, kind) = (object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap());
        let plural = match kind {
            "ValidatingAdmissionPolicy" => "validatingadmissionpolicies",
            "ValidatingAdmissionPolicyBinding" => "validatingadmissionpolicybindings",
            "ClusterRole" => "clusterroles",
            _ => continue,
        };
        let name = object["metadata"]["name"].as_str().unwrap();
        apply(admin, &reference(api_version, kind, plural, None, name), &object).await.unwrap();
    }
}

/// A cluster that was given what it needs, a namespace of ours at generation 4, and our right within it.
async fn prepared() -> (Shared, KubeCluster) {
    let world = world();
    give(&cluster(&world, "admin")).await;
    let ours = cluster(&world, "ours");
    apply(&ours, &namespace(), &manifest(&namespace(), 4, json!({}))).await.unwrap();
    let role = "roadstead-environment";
    let binding =
        reference("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", Some("shop"), role);
    let api_group = "rbac.authorization.k8s.io";
    let binds = json!({
        "roleRef": {"apiGroup": api_group, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": api_group, "kind": "User", "name": "roadstead"}],
    });
    apply(&ours, &binding, &manifest(&binding, 4, binds)).await.unwrap();
    (world, ours)
}

#[tokio::test]
async fn an_object_is_applied_read_listed_and_deleted() {
    let (_, ours) = prepared().await;
    let data = json!({"automountServiceAccountToken": false});
    let applied = apply(&ours, &account("a"), &manifest(&account("a"), 4, data)).await.unwrap();
    assert_eq!(applied["metadata"]["managedFields"][0]["manager"], "roadstead");
    assert_eq!(ours.get(&account("a")).await.unwrap().unwrap()["automountServiceAccountToken"], json!(false));
    let found = ours.list(&account("a").kind, Some("shop"), "roadstead.dev/environment=x").await.unwrap();
    assert_eq!(found.len(), 1);
    let none = ours.list(&account("a").kind, Some("shop"), "roadstead.dev/environment=y").await.unwrap();
    assert!(none.is_empty());
    let uid = applied["metadata"]["uid"].as_str().map(str::to_owned);
    let other = Delete { uid: Some("11111111-1111-1111-1111-111111111111".to_owned()), ..Delete::default() };
    assert!(matches!(ours.delete(&account("a"), &other).await, Err(CallError::Conflict { .. })));
    ours.delete(&account("a"), &Delete { uid, ..Delete::default() }).await.unwrap();
    assert_eq!(ours.get(&account("a")).await, Ok(None));
    ours.delete(&account("a"), &Delete::default()).await.unwrap();
}

#[tokio::test]
async fn conditions_in_an_object_are_conflicts_when_they_do_not_hold() {
    let (_, ours) = prepared().await;
    let mut object = manifest(&account("a"), 4, json!({}));
    object["metadata"]["uid"] = json!("11111111-1111-1111-1111-111111111111");
    let missing = apply(&ours, &account("a"), &object).await;
    assert!(
        matches!(missing, Err(CallError::Conflict { .. })),
        "an apply with a uid never creates: {missing:?}"
    );
    apply(&ours, &account("a"), &manifest(&account("a"), 4, json!({}))).await.unwrap();
    let another = apply(&ours, &account("a"), &object).await;
    assert!(matches!(another, Err(CallError::Conflict { .. })), "{another:?}");
}

#[tokio::test]
async fn a_patch_is_of_the_very_version_that_was_read_and_never_creates() {
    let (_, ours) = prepared().await;
    let read = apply(&ours, &account("a"), &manifest(&account("a"), 4, json!({}))).await.unwrap();
    let conditions = |of: &Value| json!({"uid": of["metadata"]["uid"], "resourceVersion": of["metadata"]["resourceVersion"]});
    let patch = |of: &Value| json!({"metadata": conditions(of), "automountServiceAccountToken": true});
    let patched = ours.patch(&account("a"), &patch(&read)).await.unwrap();
    assert_eq!(patched["automountServiceAccountToken"], json!(true));
    let stale = json!({"metadata": conditions(&read), "automountServiceAccountToken": false});
    for (name, patch) in [("a", stale), ("b", patch(&patched))] {
        let refused = ours.patch(&account(name), &patch).await;
        assert!(matches!(refused, Err(CallError::Conflict { .. })), "{name}: {refused:?}");
    }
    assert_eq!(ours.get(&account("b")).await, Ok(None));
}

#[tokio::test]
async fn what_is_late_or_not_ours_is_forbidden_by_the_cluster() {
    let (world, ours) = prepared().await;
    let late = apply(&ours, &account("a"), &manifest(&account("a"), 3, json!({}))).await;
    assert!(matches!(late, Err(CallError::Forbidden { .. })), "{late:?}");
    assert_eq!(ours.get(&account("a")).await, Ok(None));
    let admin = cluster(&world, "admin");
    let foreign =
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "b", "namespace": "shop"}});
    apply(&admin, &account("b"), &foreign).await.unwrap();
    let deleted = ours.delete(&account("b"), &Delete::default()).await;
    assert!(matches!(deleted, Err(CallError::Forbidden { .. })), "{deleted:?}");
}

#[tokio::test]
async fn an_invalid_object_is_refused_with_its_field() {
    let (_, ours) = prepared().await;
    let invalid = apply(&ours, &account("a"), &manifest(&account("a"), 4, json!({"automount": false}))).await;
    let Err(CallError::Refused { reason }) = invalid else { panic!("{invalid:?}") };
    assert!(reason.contains("automount"), "{reason}");
}
