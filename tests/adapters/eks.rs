//! Credentials for clusters through the SDK.

use super::aws::answered_by;
use jiff::{SignedDuration, Timestamp};
use roadstead_aws::cluster_credentials::EksCredentials;
use roadstead_aws::cluster_credentials::eks::{CLUSTER_LIFETIME, TOKEN_LIFETIME};
use roadstead_domain::name::ClusterName;
use roadstead_steps::nouns::{ClusterCredentials as _, Time};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// An answer of `DescribeCluster` (EKS API version 2017-11-01).
const CLUSTER: &str = r#"{"cluster": {"name": "prod-1", "status": "ACTIVE", "endpoint": "https://0A1B.gr7.eu-west-1.eks.amazonaws.com",
    "certificateAuthority": {"data": "UEVN"}}}"#;

struct Hands(Mutex<Timestamp>);

#[async_trait::async_trait]
impl Time for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, _: SignedDuration) {}
}

fn name(text: &str) -> ClusterName {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_cluster_is_described_once_an_hour_and_every_access_has_a_new_token() {
    let begun = Timestamp::from_second(1_790_000_000).unwrap();
    let (asked, hands) = (Arc::new(AtomicUsize::new(0)), Arc::new(Hands(Mutex::new(begun))));
    let counted = asked.clone();
    let aws = answered_by(move |request| {
        counted.fetch_add(1, Ordering::Relaxed);
        assert_eq!((request.method().as_str(), request.uri().path()), ("GET", "/clusters/prod-1"));
        http::Response::new(CLUSTER.into())
    });
    let names = BTreeMap::from([(name("main"), "prod-1".to_owned())]);
    let credentials = EksCredentials::new(aws, names, hands.clone());
    let late = begun + CLUSTER_LIFETIME - SignedDuration::from_nanos(1);
    for (now, asks) in [(begun, 1), (late, 1), (begun + CLUSTER_LIFETIME, 2)] {
        *hands.0.lock().unwrap() = now;
        let access = credentials.access(&name("main")).await.unwrap();
        assert_eq!(access.server, "https://0A1B.gr7.eu-west-1.eks.amazonaws.com");
        assert_eq!(access.certificate_authority, b"PEM");
        assert!(access.token.starts_with("k8s-aws-v1."));
        assert_eq!(access.until.duration_since(now), TOKEN_LIFETIME);
        assert_eq!(asked.load(Ordering::Relaxed), asks, "{now}");
    }
}

#[tokio::test]
async fn a_cluster_that_is_not_mentioned_has_the_same_name_in_eks() {
    let aws = answered_by(|request| {
        assert_eq!(request.uri().path(), "/clusters/local");
        http::Response::new(CLUSTER.into())
    });
    let hands = Arc::new(Hands(Mutex::new(Timestamp::UNIX_EPOCH)));
    assert!(EksCredentials::new(aws, BTreeMap::new(), hands).access(&name("local")).await.is_ok());
}
