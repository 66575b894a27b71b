use super::*;
use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use kube::client::Body;
use std::sync::{Arc, Mutex};

/// What a server was asked: method and address, content type, body.
type Asked = Arc<Mutex<Vec<(String, String, String)>>>;

/// A cluster that answers what it is given, in order, and writes down what it was asked.
fn cluster(answers: Vec<(u16, Value)>) -> (KubeCluster, Asked) {
    let asked = Asked::default();
    let log = Arc::clone(&asked);
    let answers = Arc::new(Mutex::new(answers.into_iter()));
    let service = tower::service_fn(move |request: Request<Body>| {
        let (log, answers) = (Arc::clone(&log), Arc::clone(&answers));
        async move {
            let (parts, body) = request.into_parts();
            let body = String::from_utf8(body.collect().await?.to_bytes().into())?;
            let content_type = parts.headers.get(CONTENT_TYPE).map_or("", |value| value.to_str().unwrap());
            log.lock().unwrap().push((
                format!("{} {}", parts.method, parts.uri),
                content_type.to_owned(),
                body,
            ));
            let (status, answer) = answers.lock().unwrap().next().ok_or("the connection broke")?;
            let response = Response::builder().status(StatusCode::from_u16(status)?);
            Ok::<_, tower::BoxError>(response.body(Body::from(answer.to_string().into_bytes()))?)
        }
    });
    (KubeCluster::new(kube::Client::new(service, "default")), asked)
}

fn deployments() -> Kind {
    let (api_version, kind, plural) =
        ("apps/v1".to_owned(), "Deployment".to_owned(), "deployments".to_owned());
    Kind { api_version, kind, plural, namespaced: true }
}

fn web() -> Reference {
    Reference { kind: deployments(), namespace: Some("shop".to_owned()), name: "web".to_owned() }
}

fn not_found(details: &Value) -> Value {
    json!({"kind": "Status", "reason": "NotFound", "message": "not found", "details": details, "code": 404})
}

#[tokio::test]
async fn an_apply_is_one_strict_patch_as_our_manager() {
    let (cluster, asked) = cluster(vec![(200, json!({"metadata": {"uid": "u"}}))]);
    let object = json!({"metadata": {"name": "web", "uid": "u", "resourceVersion": "7"}});
    let applied = cluster.apply(&web(), &object, Apply { force: true, dry_run: true }).await.unwrap();
    assert_eq!(applied["metadata"]["uid"], "u");
    let (address, content_type, body) = asked.lock().unwrap()[0].clone();
    assert_eq!(
        address,
        "PATCH /apis/apps/v1/namespaces/shop/deployments/web\
         ?fieldManager=roadstead&fieldValidation=Strict&force=true&dryRun=All"
    );
    assert_eq!((content_type.as_str(), body), ("application/apply-patch+yaml", object.to_string()));
}

#[tokio::test]
async fn an_apply_takes_nothing_by_force_unless_told() {
    let (cluster, asked) = cluster(vec![(201, json!({}))]);
    cluster.apply(&web(), &json!({}), Apply::default()).await.unwrap();
    let address = asked.lock().unwrap()[0].0.clone();
    assert!(address.ends_with("?fieldManager=roadstead&fieldValidation=Strict"), "{address}");
}

#[tokio::test]
async fn a_patch_is_a_merge_as_our_manager_of_what_is_there() {
    let (cluster, asked) = cluster(vec![
        (200, json!({"metadata": {"uid": "u"}})),
        (404, not_found(&json!({"name": "web", "kind": "deployments"}))),
    ]);
    let patch = json!({"metadata": {"uid": "u", "resourceVersion": "7", "labels": {"a": null}}});
    assert_eq!(cluster.patch(&web(), &patch).await.unwrap()["metadata"]["uid"], "u");
    let (address, content_type, body) = asked.lock().unwrap()[0].clone();
    let expected =
        "PATCH /apis/apps/v1/namespaces/shop/deployments/web?fieldManager=roadstead&fieldValidation=Strict";
    assert_eq!(address, expected);
    assert_eq!((content_type.as_str(), body), ("application/merge-patch+json", patch.to_string()));
    assert!(matches!(cluster.patch(&web(), &patch).await, Err(CallError::Conflict { .. })), "what is gone");
}

#[tokio::test]
async fn a_refusal_is_asked_once() {
    for status in [409, 429, 503, 504] {
        let (cluster, asked) = cluster(vec![(status, json!({})), (200, json!({}))]);
        assert!(cluster.apply(&web(), &json!({}), Apply::default()).await.is_err());
        assert_eq!(asked.lock().unwrap().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_broken_connection_leaves_a_write_in_doubt_but_no_read_and_no_dry_run() {
    let dry_run = Apply { dry_run: true, force: false };
    let (cluster, _) = cluster(vec![]);
    assert!(cluster.apply(&web(), &json!({}), Apply::default()).await.unwrap_err().maybe_done());
    assert!(cluster.patch(&web(), &json!({})).await.unwrap_err().maybe_done());
    assert!(cluster.delete(&web(), &Delete::default()).await.unwrap_err().maybe_done());
    for error in [
        cluster.get(&web()).await.unwrap_err(),
        cluster.apply(&web(), &json!({}), dry_run).await.unwrap_err(),
        cluster.list(&deployments(), None, "a=b").await.unwrap_err(),
    ] {
        assert!(matches!(error, CallError::Unavailable { maybe_done: false, .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_delete_carries_its_conditions() {
    let (cluster, asked) = cluster(vec![(200, json!({"kind": "Status", "status": "Success"}))]);
    let delete = Delete { uid: Some("u".to_owned()), resource_version: Some("7".to_owned()) };
    cluster.delete(&web(), &delete).await.unwrap();
    let (address, _, body) = asked.lock().unwrap()[0].clone();
    assert_eq!(address, "DELETE /apis/apps/v1/namespaces/shop/deployments/web");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["preconditions"], json!({"uid": "u", "resourceVersion": "7"}));
    assert_eq!(body["propagationPolicy"], "Background");
}

#[tokio::test]
async fn what_is_missing_is_none_and_counts_as_deleted() {
    let missing = || (404, not_found(&json!({"name": "web", "kind": "deployments"})));
    let (cluster, _) = cluster(vec![missing(), missing(), missing()]);
    assert_eq!(cluster.get(&web()).await, Ok(None));
    assert_eq!(cluster.delete(&web(), &Delete::default()).await, Ok(()));
    let applied = cluster.apply(&web(), &json!({}), Apply::default()).await;
    assert!(matches!(applied, Err(CallError::Missing { .. })));
}

#[tokio::test]
async fn an_unknown_kind_is_not_a_missing_object() {
    let unknown = || (404, not_found(&json!({})));
    let (cluster, _) = cluster(vec![unknown(), unknown()]);
    assert!(matches!(cluster.get(&web()).await, Err(CallError::Missing { .. })));
    assert!(matches!(cluster.delete(&web(), &Delete::default()).await, Err(CallError::Missing { .. })));
}

#[tokio::test]
async fn a_list_is_read_to_its_end() {
    let page = |name: &str, more: &str| json!({"metadata": {"continue": more}, "items": [{"metadata": {"name": name}}]});
    let (cluster, asked) = cluster(vec![(200, page("a", "c+/=")), (200, page("b", ""))]);
    let objects = cluster.list(&deployments(), Some("shop"), "roadstead.dev/environment=x").await.unwrap();
    assert_eq!(objects.len(), 2);
    let asked: Vec<String> = asked.lock().unwrap().iter().map(|(address, ..)| address.clone()).collect();
    let first = "GET /apis/apps/v1/namespaces/shop/deployments?labelSelector=roadstead.dev%2Fenvironment%3Dx&limit=500";
    assert_eq!(asked, [first.to_owned(), format!("{first}&continue=c%2B%2F%3D")]);
}

#[tokio::test]
async fn a_list_that_breaks_off_is_an_error() {
    let first = || (200, json!({"metadata": {"continue": "c"}, "items": []}));
    for (status, second) in [(410, json!({"reason": "Expired", "code": 410})), (200, json!({}))] {
        let (cluster, _) = cluster(vec![first(), (status, second)]);
        assert!(cluster.list(&deployments(), None, "a=b").await.is_err(), "{status}");
    }
}

#[tokio::test]
async fn a_list_has_a_limit_of_pages() {
    let more = || (200, json!({"metadata": {"continue": "c"}, "items": [{}]}));
    let last = || (200, json!({"metadata": {}, "items": [{}]}));
    let (fits, _) = cluster((1..PAGES_LIMIT).map(|_| more()).chain([last()]).collect());
    assert_eq!(fits.list(&deployments(), None, "a=b").await.unwrap().len(), PAGES_LIMIT);
    let (endless, _) = cluster((0..PAGES_LIMIT).map(|_| more()).chain([last()]).collect());
    assert!(matches!(endless.list(&deployments(), None, "a=b").await, Err(CallError::Broken { .. })));
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_not_repeated() {
    let service = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, tower::BoxError>(Response::new(Body::from(b"canary".to_vec())))
    });
    let cluster = KubeCluster::new(kube::Client::new(service, "default"));
    let error = cluster.get(&web()).await.unwrap_err();
    assert!(matches!(&error, CallError::Broken { reason } if !reason.contains("canary")), "{error:?}");
}
