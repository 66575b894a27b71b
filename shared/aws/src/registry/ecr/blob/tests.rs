use super::*;
use crate::configuration::{Configuration, StandIn};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers one request, and returns where.
async fn serve(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        // The other side may hang up as soon as it has read enough.
        let _ = stream.write_all(&answer).await;
    });
    format!("http://{address}")
}

fn http(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nlocation: http://127.0.0.1:1/\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn digest_of(body: &[u8]) -> Digest {
    format!("sha256:{}", hex::encode(Sha256::digest(body))).parse().unwrap()
}

async fn downloaded(status: &str, body: &[u8], digest: &Digest) -> Result<Vec<u8>, CallError> {
    let endpoint = serve(http(status, body)).await;
    let url = format!("{endpoint}/layer?Signature=a%2Fb");
    let stand_in = StandIn { endpoint, access_key_id: "id".into(), secret_access_key: "secret".into() };
    let region = Some("eu-west-1".to_owned());
    download(&Aws::new(Configuration { region, stand_in: Some(stand_in) }), &url, digest).await
}

#[tokio::test]
async fn a_blob_is_what_its_digest_names() {
    assert_eq!(downloaded("200 OK", b"{}", &digest_of(b"{}")).await.as_deref(), Ok(b"{}".as_slice()));
    let other = downloaded("200 OK", b"{}", &digest_of(b"[]")).await;
    assert!(matches!(other, Err(CallError::Broken { .. })), "{other:?}");
}

#[tokio::test]
async fn a_blob_has_at_most_one_mebibyte() {
    let body = vec![b' '; BLOB_LIMIT];
    assert_eq!(downloaded("200 OK", &body, &digest_of(&body)).await.map(|body| body.len()), Ok(BLOB_LIMIT));
    let body = vec![b' '; BLOB_LIMIT + 1];
    assert!(downloaded("200 OK", &body, &digest_of(&body)).await.is_err());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer = downloaded("302 Found", b"", &digest_of(b"")).await;
    let Err(CallError::Refused { reason }) = answer else { panic!("{answer:?}") };
    assert!(reason.contains("302"), "{reason}");
}

#[test]
fn only_hosts_of_aws_are_asked() {
    let host = "https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com";
    assert!(allowed(&format!("{host}/a?X-Amz-Signature=b"), None).is_ok());
    for url in [
        "http://bucket.s3.eu-west-1.amazonaws.com/a",
        "https://bucket.s3.eu-west-1.amazonaws.com:8443/a",
        "https://bucket.s3.eu-west-1.amazonaws.com.example.com/a",
        "https://amazonaws.com.example.com/a",
        "https://evilamazonaws.com/a",
        "https://bucket.amazonaws.com@example.com/a",
        "/a",
        "",
    ] {
        assert!(allowed(url, None).is_err(), "{url}");
    }
}

#[test]
fn where_something_stands_in_only_that_is_asked() {
    let stand_in = Some("http://127.0.0.1:4000/");
    assert!(allowed("http://127.0.0.1:4000/layers/a", stand_in).is_ok());
    assert!(allowed("http://127.0.0.1:4001/layers/a", stand_in).is_err());
    assert!(allowed("https://bucket.s3.eu-west-1.amazonaws.com/a", stand_in).is_err());
}
