//! The recorded message, and what the door answers.

use super::*;
use crate::door::note::tests::Outside;
use http::{Request, StatusCode, header};
use roadstead_domain::image::ImageRepository;
use roadstead_senders::Secret;
use std::sync::Arc;

const BUILT: &str = include_str!("../../../../../events/images/built.json");
const SECRET: &str = "a secret of this test";

fn door(outside: &Arc<Outside>) -> ImagesDoor {
    let registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com".to_owned();
    let image = ImageRepository { registry, path: "shop/web".to_owned() };
    let secret = Secret::new(SECRET).unwrap();
    let key = Key { name: "web".to_owned(), secret, images: [image].into() };
    ImagesDoor { notebook: outside.notebook(), keys: vec![key] }
}

async fn answer(outside: &Arc<Outside>, secret: &str, body: &str) -> Response<String> {
    let (request, ()) = Request::post("/images")
        .header("authorization", format!("Bearer {secret}"))
        .header("content-type", "application/json")
        .header("idempotency-key", "one")
        .body(())
        .unwrap()
        .into_parts();
    images(&door(outside), &request, body.as_bytes()).await
}

#[tokio::test]
async fn a_name_stands_for_one_content() {
    let outside = Arc::new(Outside::default());
    let first = answer(&outside, SECRET, BUILT).await;
    assert_eq!(
        (first.status().as_u16(), first.body().as_str()),
        (202, r#"{"outcome":"/outcomes/aW1hZ2VzI3dlYiNnaXZlbiNvbmU","trigger":"images#web#given#one"}"#)
    );
    assert_eq!(first.headers()[header::LOCATION], "/outcomes/aW1hZ2VzI3dlYiNnaXZlbiNvbmU");
    let again = answer(&outside, SECRET, BUILT).await;
    assert_eq!(
        (again.status(), &again.headers()[header::LOCATION]),
        (StatusCode::OK, &first.headers()[header::LOCATION])
    );
    let other = BUILT.replace("417", "418");
    let other = answer(&outside, SECRET, &other).await;
    assert_eq!((other.status(), other.headers().get(header::LOCATION)), (StatusCode::CONFLICT, None));
    assert_eq!(outside.counts(), (1, 1, 3));
}

#[tokio::test]
async fn a_wrong_key_is_told_how_to_authenticate() {
    let outside = Arc::new(Outside::default());
    let response = answer(&outside, "nothing", BUILT).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
    assert_eq!(outside.counts(), (0, 0, 0));
}
