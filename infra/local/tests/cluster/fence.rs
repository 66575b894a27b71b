//! What the API server itself refuses to Roadstead, seen through the calls that Roadstead makes.

use super::{Bench, PAUSE, clear};
use roadstead_domain::{
    plan::{
        mark,
        rules::{ROLE_BINDING, SERVICE_ACCOUNT},
    },
    refusal::Class,
};
use roadstead_steps::{
    nouns::{
        CallError, Cluster,
        cluster::{Apply, Delete, Reference},
    },
    step::{adoption::release, objects},
};
use serde_json::{Value, json};

/// How the mark of the only environment here begins.
const INSTALLATION: &str = "fence-test/";
/// Its mark.
const MARK: &str = "fence-test/shop/pr-1";
/// Its namespace.
const NAMESPACE: &str = "roadstead-fence-test";
/// How often a new right is looked for.
const RIGHT_TRIES: usize = 100;
/// How often it is looked whether a raised generation is seen.
const SEEN_TRIES: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_refuses_what_is_late_and_what_is_not_ours() {
    let bench = Bench::start().await;
    let cluster = bench.cluster.as_ref();
    clear(cluster, INSTALLATION).await;
    environment(cluster).await;
    raised(cluster).await;
    bound(cluster).await;
    foreign(cluster).await;
    conditional(cluster).await;
    adopted(cluster).await;
    clear(cluster, INSTALLATION).await;
    bench.stop().await;
}

/// An environment of generation 2, and the right to write within it.
async fn environment(cluster: &dyn Cluster) {
    write(cluster, &namespace(2)).await.unwrap();
    write(cluster, &binding("roadstead-environment", "roadstead-environment", "roadstead")).await.unwrap();
    for _ in 0..RIGHT_TRIES {
        match cluster.get(&reference(&account("web", 2))).await {
            Err(CallError::Forbidden { .. }) => tokio::time::sleep(PAUSE).await,
            _ => break,
        }
    }
    write(cluster, &account("web", 2)).await.unwrap();
}

/// Once the namespace is of generation 3, nothing older is created, changed or taken back.
async fn raised(cluster: &dyn Cluster) {
    write(cluster, &namespace(3)).await.unwrap();
    seen(cluster).await;
    forbidden(cluster, &account("late", 2), "a newer generation has taken it over").await;
    forbidden(cluster, &account("web", 2), "a newer generation has taken it over").await;
    forbidden(cluster, &namespace(2), "a newer generation has taken the namespace over").await;
    assert_eq!(cluster.get(&reference(&account("late", 2))).await.unwrap(), None);
    write(cluster, &account("web", 3)).await.unwrap();
    write(cluster, &account("new", 4)).await.unwrap();
    let mut unmarked = account("unmarked", 3);
    unmarked["metadata"]["annotations"] = json!({ mark::GENERATION_ANNOTATION: "3" });
    forbidden(cluster, &unmarked, "does not belong to the environment").await;
    let mut ageless = account("ageless", 3);
    ageless["metadata"]["annotations"] = json!({ mark::MARK_ANNOTATION: MARK });
    forbidden(cluster, &ageless, "a newer generation has taken it over").await;
    let mut other = account("other", 3);
    other["metadata"]["annotations"][mark::MARK_ANNOTATION] = json!("fence-test/shop/pr-2");
    forbidden(cluster, &other, "does not belong to the environment").await;
    let mut given_away = namespace(3);
    given_away["metadata"]["annotations"][mark::MARK_ANNOTATION] = json!("fence-test/shop/pr-2");
    forbidden(cluster, &given_away, "keeps its mark").await;
}

/// Waits until the API server's cache, from which its policies read the namespace, has seen the raised generation.
async fn seen(cluster: &dyn Cluster) {
    let manifest = account("late", 2);
    for _ in 0..SEEN_TRIES {
        let dry_run = Apply { dry_run: true, ..Apply::default() };
        if cluster.apply(&reference(&manifest), &manifest, dry_run).await.is_err() {
            return;
        }
    }
}

/// Roadstead binds itself, to its own role, in its own namespaces.
async fn bound(cluster: &dyn Cluster) {
    for (name, role, user) in [
        ("more", "roadstead-environment", "roadstead"),
        ("roadstead-environment", "roadstead-environment", "ada"),
        ("more", "cluster-admin", "roadstead"),
    ] {
        forbidden(cluster, &binding(name, role, user), "").await;
    }
    let mut elsewhere = binding("roadstead-environment", "roadstead-environment", "roadstead");
    elsewhere["metadata"]["namespace"] = json!("default");
    forbidden(cluster, &elsewhere, "the namespace is not an environment of Roadstead").await;
}

/// What others made is neither changed nor deleted, in a namespace of ours or elsewhere.
async fn foreign(cluster: &dyn Cluster) {
    let default = account("default", 3);
    let before = present(cluster, &reference(&default)).await;
    forbidden(cluster, &default, "does not belong to the environment").await;
    let deleted = cluster.delete(&reference(&default), &Delete::default()).await;
    assert!(matches!(&deleted, Err(CallError::Forbidden { .. })), "{deleted:?}");
    let brought = objects::bring(cluster, &default, true).await;
    assert!(matches!(&brought, Err(refusal) if refusal.class == Class::Rejected), "{brought:?}");
    assert!(objects::remove(cluster, &reference(&default), &before, MARK).await.unwrap());
    release(cluster, &reference(&default), before.clone(), MARK, 3).await.unwrap();
    assert_eq!(cluster.get(&reference(&default)).await.unwrap(), Some(before));
    let mut elsewhere = namespace(3);
    elsewhere["metadata"]["name"] = json!("default");
    forbidden(cluster, &elsewhere, "the namespace is not an environment of Roadstead").await;
}

/// An object is changed and deleted only as the one that was read, and a condition never creates.
async fn conditional(cluster: &dyn Cluster) {
    let manifest = account("web", 3);
    let reference = reference(&manifest);
    let read = cluster.get(&reference).await.unwrap().unwrap();
    let delete = objects::exactly(&read);
    write(cluster, &account("web", 4)).await.unwrap();
    let stale = cluster.delete(&reference, &delete).await;
    assert!(matches!(stale, Err(CallError::Conflict { .. })), "{stale:?}");
    assert!(objects::remove(cluster, &reference, &read, MARK).await.unwrap());
    let mut same = manifest.clone();
    same["metadata"]["uid"] = json!(objects::uid_of(&read));
    let applied = write(cluster, &same).await;
    assert!(matches!(applied, Err(CallError::Conflict { .. })), "{applied:?}");
    assert_eq!(cluster.get(&reference).await.unwrap(), None);
    write(cluster, &manifest).await.unwrap();
    let replaced = write(cluster, &same).await;
    assert!(matches!(replaced, Err(CallError::Conflict { .. })), "{replaced:?}");
}

/// What a person annotated is given back, and taken over again, by the environment that is named and by no other; it is never
/// deleted.
async fn adopted(cluster: &dyn Cluster) {
    let (there, web) = (annotated(namespace(3), MARK), annotated(account("web", 3), MARK));
    write(cluster, &there).await.unwrap();
    let deleted = cluster.delete(&reference(&there), &Delete::default()).await;
    assert!(matches!(&deleted, Err(CallError::Forbidden { .. })), "{deleted:?}");
    let mut unmarked = web.clone();
    mark::wipe(&mut unmarked);
    forbidden(cluster, &unmarked, "a newer generation has taken it over").await;
    let written = write(cluster, &web).await.unwrap();
    release(cluster, &reference(&web), written, MARK, 3).await.unwrap();
    let released = cluster.get(&reference(&web)).await.unwrap().unwrap();
    assert_eq!((mark::mark_of(&released), mark::adopter_of(&released)), (None, Some(MARK)));
    let word = json!({ "f:metadata": { "f:annotations": { "f:roadstead.dev/adopt": {} } } });
    let fields: Vec<_> = entries(&released).iter().map(|entry| &entry["fieldsV1"]).collect();
    assert_eq!(fields, [&word], "and we manage nothing else of it");
    forbidden(cluster, &annotated(account("web", 2), MARK), "a newer generation has taken it over").await;
    forbidden(cluster, &unmarked, "a newer generation has taken it over").await;
    taken_over(cluster, &web).await;

    let mut other = there.clone();
    other["metadata"]["annotations"][mark::MARK_ANNOTATION] = json!("fence-test/shop/pr-2");
    forbidden(cluster, &other, "keeps its mark").await;
    write(cluster, &namespace(3)).await.unwrap();
}

/// Who manages which of its fields.
fn entries(object: &Value) -> &[Value] {
    object["metadata"]["managedFields"].as_array().unwrap()
}

fn annotated(mut object: Value, mark: &str) -> Value {
    mark::let_adopt(&mut object, mark);
    object
}

/// Takes an object over, once the API server's cache has seen that its namespace may be.
async fn taken_over(cluster: &dyn Cluster, manifest: &Value) {
    for _ in 0..SEEN_TRIES {
        if write(cluster, manifest).await.is_ok() {
            return;
        }
    }
    write(cluster, manifest).await.unwrap();
}

async fn write(cluster: &dyn Cluster, manifest: &Value) -> Result<Value, CallError> {
    cluster.apply(&reference(manifest), manifest, Apply { force: true, dry_run: false }).await
}

async fn forbidden(cluster: &dyn Cluster, manifest: &Value, why: &str) {
    let applied = write(cluster, manifest).await;
    assert!(
        matches!(&applied, Err(CallError::Forbidden { reason }) if reason.contains(why)),
        "{why}: {applied:?}"
    );
}

/// An object that the cluster makes by itself.
async fn present(cluster: &dyn Cluster, reference: &Reference) -> Value {
    loop {
        match cluster.get(reference).await.unwrap() {
            Some(object) => return object,
            None => tokio::time::sleep(PAUSE).await,
        }
    }
}

fn reference(manifest: &Value) -> Reference {
    objects::reference(manifest).unwrap()
}

fn namespace(generation: u64) -> Value {
    let object = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } });
    stamped(object, generation)
}

fn account(name: &str, generation: u64) -> Value {
    let (version, kind) = (SERVICE_ACCOUNT.api_version, SERVICE_ACCOUNT.kind);
    let metadata = json!({ "name": name, "namespace": NAMESPACE });
    stamped(json!({ "apiVersion": version, "kind": kind, "metadata": metadata }), generation)
}

fn binding(name: &str, role: &str, user: &str) -> Value {
    let group = "rbac.authorization.k8s.io";
    let object = json!({
        "apiVersion": ROLE_BINDING.api_version, "kind": ROLE_BINDING.kind,
        "metadata": { "name": name, "namespace": NAMESPACE },
        "roleRef": { "apiGroup": group, "kind": "ClusterRole", "name": role },
        "subjects": [{ "apiGroup": group, "kind": "User", "name": user }],
    });
    stamped(object, 3)
}

fn stamped(mut object: Value, generation: u64) -> Value {
    mark::stamp(&mut object, MARK, NAMESPACE, generation);
    object
}
