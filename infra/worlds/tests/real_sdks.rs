//! The AWS SDKs talk to the models as they talk to the services: only the wire between them is shortened.
#![allow(clippy::unwrap_used, reason = "the lint knows functions marked as tests, not their helpers")]

use std::sync::{Arc, Mutex};

use aws_sdk_ecr::types::ImageIdentifier;
use aws_sdk_route53::config::http::{HttpRequest, HttpResponse};
use aws_sdk_route53::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ChangeStatus, ResourceRecord, ResourceRecordSet, RrType,
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_types::body::SdkBody;
use jiff::Timestamp;
use roadstead_worlds::ecr::{self, Ecr};
use roadstead_worlds::route53::{Route53, Settings};

type Handler = dyn Fn(&http::Request<Vec<u8>>) -> http::Response<Vec<u8>> + Send + Sync;

/// Hands a request over without a network.
#[derive(Clone)]
struct Shortcut(Arc<Handler>);

impl std::fmt::Debug for Shortcut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Shortcut")
    }
}

impl HttpConnector for Shortcut {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request =
            request.try_into_http1x().unwrap().map(|body| body.bytes().unwrap_or_default().to_vec());
        let response = (self.0)(&request).map(SdkBody::from);
        HttpConnectorFuture::ready(Ok(HttpResponse::try_from(response).unwrap()))
    }
}

fn client_of(
    handler: impl Fn(&http::Request<Vec<u8>>) -> http::Response<Vec<u8>> + Send + Sync + 'static,
) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Shortcut(Arc::new(handler)));
    http_client_fn(move |_, _| connector.clone())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

struct Account {
    world: Arc<Mutex<Route53>>,
    now: Arc<Mutex<Timestamp>>,
    client: aws_sdk_route53::Client,
}

fn account() -> Account {
    let world = Arc::new(Mutex::new(Route53::new(Settings { throttle: None, ..Settings::default() })));
    let now = Arc::new(Mutex::new(at(0)));
    let (handled, clock) = (world.clone(), now.clone());
    let http = client_of(move |request| handled.lock().unwrap().handle(request, *clock.lock().unwrap()));
    let config = aws_sdk_route53::Config::builder()
        .behavior_version(aws_sdk_route53::config::BehaviorVersion::latest())
        .region(aws_sdk_route53::config::Region::new("us-east-1"))
        .credentials_provider(aws_sdk_route53::config::Credentials::new("id", "secret", None, None, "test"))
        .retry_config(aws_sdk_route53::config::retry::RetryConfig::disabled())
        .http_client(http)
        .build();
    Account { world, now, client: aws_sdk_route53::Client::from_conf(config) }
}

fn batch(action: ChangeAction, name: &str, text: &str) -> ChangeBatch {
    let record = ResourceRecord::builder().value(text).build().unwrap();
    let set = ResourceRecordSet::builder()
        .name(name)
        .r#type(RrType::Txt)
        .ttl(60)
        .resource_records(record)
        .build()
        .unwrap();
    let change = Change::builder().action(action).resource_record_set(set).build().unwrap();
    ChangeBatch::builder().comment("a & b").changes(change).build().unwrap()
}

fn said<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> (String, String) {
    let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
    (text(error.code()), text(error.message()))
}

#[tokio::test]
async fn a_record_is_created_waited_for_listed_and_refused_a_second_time() {
    let Account { world, now, client } = account();
    let zone = world.lock().unwrap().create_hosted_zone("example.com", at(0)).unwrap();
    let value = "\"a \\\"quoted\\\" <&> text\" \"second\"";
    let request = batch(ChangeAction::Create, "*.Preview.example.com", value);
    let change =
        |batch| client.change_resource_record_sets().hosted_zone_id(&zone).change_batch(batch).send();

    let info = change(request.clone()).await.unwrap().change_info.unwrap();
    assert_eq!((info.status, info.comment.as_deref()), (ChangeStatus::Pending, Some("a & b")));
    *now.lock().unwrap() = at(60);
    let info = client.get_change().id(&info.id).send().await.unwrap().change_info.unwrap();
    assert_eq!(info.status, ChangeStatus::Insync);

    let page = client.list_resource_record_sets().hosted_zone_id(&zone).max_items(2).send().await.unwrap();
    assert!(page.is_truncated);
    let next = page.next_record_name.unwrap();
    assert_eq!(next, "\\052.preview.example.com.");
    let list = client.list_resource_record_sets().hosted_zone_id(&zone).start_record_name(next);
    let rest = list.start_record_type(page.next_record_type.unwrap()).send().await.unwrap();
    assert!(!rest.is_truncated);
    assert_eq!(rest.resource_record_sets[0].resource_records()[0].value, value);

    let (code, message) = said(&change(request).await.unwrap_err());
    assert_eq!(code, "InvalidChangeBatch");
    assert!(message.contains("but it already exists"), "{message}");
}

#[tokio::test]
async fn zones_are_listed_and_refusals_keep_their_type() {
    let Account { world, client, .. } = account();
    let zone = world.lock().unwrap().create_hosted_zone("example.com", at(0)).unwrap();
    let zones = client.list_hosted_zones().send().await.unwrap();
    assert_eq!(zones.hosted_zones[0].id, format!("/hostedzone/{zone}"));
    let shown = client.get_hosted_zone().id(&zone).send().await.unwrap();
    assert_eq!(shown.hosted_zone.unwrap().name, "example.com.");
    assert_eq!(shown.delegation_set.unwrap().name_servers.len(), 2);
    let error = client.get_change().id("CNONE").send().await.unwrap_err().into_service_error();
    assert!(error.is_no_such_change());
    let error = client.get_hosted_zone().id("ZNONE").send().await.unwrap_err().into_service_error();
    assert!(error.is_no_such_hosted_zone());
}

#[tokio::test]
async fn an_image_is_described_and_its_configuration_named() {
    let mut registry = Ecr::new(ecr::Settings {
        account: "123456789012".to_owned(),
        region: "eu-west-1".to_owned(),
        endpoint: "http://registry.test".to_owned(),
        throttled: false,
    });
    registry.create_repository("shop", false, at(0)).unwrap();
    let pushed = registry.push("shop", "main", &ecr::Image::of_revision("abc"), at(0)).unwrap();
    let registry = Mutex::new(registry);
    let http = client_of(move |request| registry.lock().unwrap().handle(request, at(1)));
    let config = aws_sdk_ecr::Config::builder()
        .behavior_version(aws_sdk_ecr::config::BehaviorVersion::latest())
        .region(aws_sdk_ecr::config::Region::new("eu-west-1"))
        .credentials_provider(aws_sdk_ecr::config::Credentials::new("id", "secret", None, None, "test"))
        .http_client(http)
        .build();
    let client = aws_sdk_ecr::Client::from_conf(config);
    let by_tag = |tag: &str| ImageIdentifier::builder().image_tag(tag).build();

    let described =
        client.describe_images().repository_name("shop").image_ids(by_tag("main")).send().await.unwrap();
    let detail = &described.image_details()[0];
    assert_eq!(detail.image_digest(), Some(pushed.digest.as_str()));
    assert_eq!(detail.image_pushed_at().unwrap().secs(), at(0).as_second());
    let images =
        client.batch_get_image().repository_name("shop").image_ids(by_tag("main")).send().await.unwrap();
    let manifest: serde_json::Value =
        serde_json::from_str(images.images()[0].image_manifest().unwrap()).unwrap();
    let layer = manifest["config"]["digest"].as_str().unwrap();
    let url =
        client.get_download_url_for_layer().repository_name("shop").layer_digest(layer).send().await.unwrap();
    assert!(url.download_url().unwrap().contains(layer));
    let shown = client.describe_repositories().send().await.unwrap();
    assert_eq!(
        shown.repositories()[0].repository_uri(),
        Some("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop")
    );
    assert_eq!(client.list_images().repository_name("shop").send().await.unwrap().image_ids().len(), 1);

    let missing = client.describe_images().repository_name("shop").image_ids(by_tag("none")).send().await;
    assert!(missing.unwrap_err().into_service_error().is_image_not_found_exception());
    let missing = client.describe_images().repository_name("none").send().await;
    assert!(missing.unwrap_err().into_service_error().is_repository_not_found_exception());
}
