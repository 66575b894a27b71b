//! How AWS is reached: region, time limits, TLS and identity, in one place for all SDK clients.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use std::{fmt, sync::Arc, time::Duration};
use tokio::sync::OnceCell;

/// How long a connection, with its TLS handshake, may take to be made.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// How long one attempt may take from its first byte to the last of its answer, identity included.
pub const ATTEMPT_LIMIT: Duration = Duration::from_secs(8);

/// What is known of AWS before the first call.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    /// The region; where none is given, what the SDK finds in its environment.
    pub region: Option<String>,
    /// What answers in the place of AWS.
    pub stand_in: Option<StandIn>,
}

/// An endpoint that answers in the place of AWS, and the fixed identity that it is told.
#[derive(Clone)]
pub struct StandIn {
    /// Where it listens: `http://127.0.0.1:8000`.
    pub endpoint: String,
    /// The access key's id.
    pub access_key_id: String,
    /// The access key's secret.
    pub secret_access_key: String,
}

impl fmt::Debug for StandIn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StandIn").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Reaches AWS. Nothing is read or connected before the first call.
pub struct Aws {
    configuration: Configuration,
    http: OnceCell<SharedHttpClient>,
    sdk: OnceCell<SdkConfig>,
}

impl Aws {
    /// AWS as the environment of this process says it is reached: region, identity, and endpoints if they are others.
    pub fn from_environment() -> Arc<Self> {
        Arc::new(Self::new(Configuration::default()))
    }

    /// AWS over HTTPS.
    pub fn new(configuration: Configuration) -> Self {
        Self { configuration, http: OnceCell::new(), sdk: OnceCell::new() }
    }

    /// AWS through a given HTTP client.
    pub fn through(configuration: Configuration, http: SharedHttpClient) -> Self {
        Self { configuration, http: OnceCell::new_with(Some(http)), sdk: OnceCell::new() }
    }

    /// The endpoint that answers in the place of AWS, if one does: a stand-in, or `AWS_ENDPOINT_URL`.
    pub(crate) async fn endpoint(&self) -> Option<&str> {
        self.sdk().await.endpoint_url()
    }

    pub(crate) async fn http(&self) -> SharedHttpClient {
        self.http.get_or_init(|| async { https_client() }).await.clone()
    }

    pub(crate) async fn sdk(&self) -> &SdkConfig {
        self.sdk.get_or_init(|| self.load()).await
    }

    async fn load(&self) -> SdkConfig {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(self.http().await)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(region) = &self.configuration.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(stand_in) = &self.configuration.stand_in {
            let (id, secret) = (stand_in.access_key_id.clone(), stand_in.secret_access_key.clone());
            let credentials = Credentials::new(id, secret, None, None, "stand-in");
            loader = loader.endpoint_url(stand_in.endpoint.clone()).credentials_provider(credentials);
        }
        loader.load().await
    }
}

/// The limits of every attempt.
pub(crate) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT_LIMIT).operation_attempt_timeout(ATTEMPT_LIMIT).build()
}

fn https_client() -> SharedHttpClient {
    Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand_in() -> StandIn {
        StandIn {
            endpoint: "http://127.0.0.1:1".into(),
            access_key_id: "id".into(),
            secret_access_key: "hush".into(),
        }
    }

    #[test]
    fn a_secret_is_not_shown() {
        let configuration = Configuration { region: None, stand_in: Some(stand_in()) };
        assert!(!format!("{configuration:?}").contains("hush"));
    }

    #[tokio::test]
    async fn one_attempt_with_limits_is_configured() {
        let region = Some("eu-west-1".to_owned());
        let aws = Aws::new(Configuration { region, stand_in: Some(stand_in()) });
        let sdk = aws.sdk().await;
        assert_eq!(sdk.retry_config().map(RetryConfig::max_attempts), Some(1));
        let limits = sdk.timeout_config().unwrap();
        assert_eq!(limits.connect_timeout(), Some(CONNECT_LIMIT));
        assert_eq!(limits.operation_attempt_timeout(), Some(ATTEMPT_LIMIT));
        assert_eq!(sdk.region().map(Region::as_ref), Some("eu-west-1"));
    }
}
