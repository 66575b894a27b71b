//! Credentials for clusters through the SDK.

use super::aws::answered_by;
use jiff::{SignedDuration, Timestamp};
use roadstead_aws::cluster_credentials::EksCredentials;
use roadstead_aws::cluster_credentials::eks::CLUSTER_LIFETIME;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// An answer of `DescribeCluster` (EKS API version 2017-11-01).
const CLUSTER: &str = r#"{"cluster": {"name": "main", "status": "ACTIVE", "endpoint": "https://0A1B.gr7.eu-west-1.eks.amazonaws.com",
    "certificateAuthority": {"data": "UEVN"}}}"#;

fn credentials() -> (EksCredentials, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let aws = answered_by(move |request| {
        counted.fetch_add(1, Ordering::Relaxed);
        assert_eq!((request.method().as_str(), request.uri().path()), ("GET", "/clusters/main"));
        http::Response::new(CLUSTER.into())
    });
    (EksCredentials::new(aws), asked)
}

#[tokio::test]
async fn a_cluster_is_asked_for_once_an_hour() {
    let (credentials, asked) = credentials();
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    let late = now + CLUSTER_LIFETIME - SignedDuration::from_nanos(1);
    let address = credentials.address("main", now).await.unwrap();
    assert_eq!(address.endpoint, "https://0A1B.gr7.eu-west-1.eks.amazonaws.com");
    assert_eq!(address.certificate_authority, b"PEM");
    assert_eq!(credentials.address("main", late).await, Ok(address.clone()));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    assert_eq!(credentials.address("main", now + CLUSTER_LIFETIME).await, Ok(address));
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_token_needs_no_call() {
    let (credentials, asked) = credentials();
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    let token = credentials.token("main", now).await.unwrap();
    assert!(token.secret.starts_with("k8s-aws-v1."));
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}
