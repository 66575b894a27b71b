//! How AWS is reached: region, time limits, TLS and identity, in one place for all SDK clients.

mod lambda;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::sdk_config::Builder;
use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};
use tokio::sync::OnceCell;

/// How long a connection, with its TLS handshake, may take to be made.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// How long one attempt may take from its first byte to the last of its answer, identity included.
pub const ATTEMPT_LIMIT: Duration = Duration::from_secs(8);

/// What is known of AWS before the first call.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    /// The region.
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

/// Answers what a variable of the environment holds.
pub type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Finds out how AWS is reached, with the HTTP client for it.
type Load = dyn Fn(SharedHttpClient) -> Pin<Box<dyn Future<Output = SdkConfig> + Send>> + Send + Sync;

/// Reaches AWS. Nothing is read or connected before the first call.
pub struct Aws {
    load: Box<Load>,
    http: OnceCell<SharedHttpClient>,
    sdk: OnceCell<SdkConfig>,
}

impl Aws {
    /// AWS as Lambda tells a function of it: region and identity are in its environment, and are looked for nowhere else.
    /// What looks elsewhere is a twentieth of a function's size.
    pub fn of_function(variables: Variables) -> Arc<Self> {
        Arc::new(Self::reached(OnceCell::new(), move |http| lambda::configured(variables.clone(), http)))
    }

    /// AWS as a person reaches it: by variables, profiles, a role that is assumed, or whatever else the SDK knows.
    pub fn of_person() -> Arc<Self> {
        Arc::new(Self {
            load: Box::new(|http| Box::pin(chain(http))),
            http: OnceCell::new(),
            sdk: OnceCell::new(),
        })
    }

    /// AWS over HTTPS.
    pub fn new(configuration: Configuration) -> Self {
        Self::reached(OnceCell::new(), move |http| given(&configuration, http))
    }

    /// AWS through a given HTTP client.
    pub fn through(configuration: Configuration, http: SharedHttpClient) -> Self {
        Self::reached(OnceCell::new_with(Some(http)), move |http| given(&configuration, http))
    }

    fn reached(
        http: OnceCell<SharedHttpClient>,
        load: impl Fn(SharedHttpClient) -> SdkConfig + Send + Sync + 'static,
    ) -> Self {
        Self {
            load: Box::new(move |http| Box::pin(std::future::ready(load(http)))),
            http,
            sdk: OnceCell::new(),
        }
    }

    /// The endpoint that answers in the place of AWS, if one does: a stand-in, or `AWS_ENDPOINT_URL`.
    pub(crate) async fn endpoint(&self) -> Option<&str> {
        self.sdk().await.endpoint_url()
    }

    pub(crate) async fn http(&self) -> SharedHttpClient {
        self.http.get_or_init(|| async { https_client() }).await.clone()
    }

    pub(crate) async fn sdk(&self) -> &SdkConfig {
        self.sdk.get_or_init(|| async { (self.load)(self.http().await).await }).await
    }
}

async fn chain(http: SharedHttpClient) -> SdkConfig {
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    loader.load().await
}

fn given(configuration: &Configuration, http: SharedHttpClient) -> SdkConfig {
    let mut sdk = limited(http).region(configuration.region.clone().map(Region::new));
    if let Some(StandIn { endpoint, access_key_id, secret_access_key }) = configuration.stand_in.clone() {
        sdk = sdk.endpoint_url(endpoint);
        sdk.set_credentials_provider(Some(identity(access_key_id, secret_access_key, None, "stand-in")));
    }
    sdk.build()
}

/// What all clients have in common: one attempt, and its limits.
fn limited(http: SharedHttpClient) -> Builder {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

fn identity(
    id: String,
    secret: String,
    session: Option<String>,
    source: &'static str,
) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(id, secret, session, None, source))
}

/// The limits of every attempt.
pub(crate) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT_LIMIT).operation_attempt_timeout(ATTEMPT_LIMIT).build()
}

fn https_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https()
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
