//! What Lambda tells a function of AWS, in reserved environment variables
//! (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>), and other endpoints that the SDKs agree on
//! (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>).

use super::{Region, SdkConfig, SharedHttpClient, Variables, identity, limited};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use std::fmt;

const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// The variables, for each client to look for the endpoint of its own service: `AWS_ENDPOINT_URL_DYNAMODB`.
struct Endpoints(Variables);

/// What they hold may be secret.
impl fmt::Debug for Endpoints {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Endpoints")
    }
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().replace(' ', "_").to_uppercase();
        (self.0)(&format!("{}_{service}", key.env()))
    }
}

pub(super) fn configured(variables: Variables, http: SharedHttpClient) -> SdkConfig {
    let variable = |name: &str| variables(name).filter(|value| !value.is_empty());
    let mut sdk = limited(http).region(variable("AWS_REGION").map(Region::new));
    if let (Some(id), Some(secret)) = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        let session = variable("AWS_SESSION_TOKEN");
        sdk.set_credentials_provider(Some(identity(id, secret, session, "Lambda")));
    }
    sdk.set_endpoint_url(variable(ENDPOINT));
    sdk.service_config(Endpoints(variables)).build()
}

#[cfg(test)]
mod tests {
    use crate::configuration::Aws;
    use aws_credential_types::provider::ProvideCredentials as _;
    use aws_types::service_config::ServiceConfigKey;
    use std::sync::Arc;

    fn variable(name: &str) -> Option<String> {
        let value = match name {
            "AWS_REGION" => "eu-west-1",
            "AWS_ACCESS_KEY_ID" => "id",
            "AWS_SECRET_ACCESS_KEY" => "hush",
            "AWS_SESSION_TOKEN" => "quiet",
            "AWS_ENDPOINT_URL_ROUTE_53" => "http://127.0.0.1:5300",
            "AWS_ENDPOINT_URL" => "",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[tokio::test]
    async fn a_function_reads_what_lambda_tells_it() {
        let aws = Aws::of_function(Arc::new(variable));
        let sdk = aws.sdk().await;
        assert_eq!(sdk.region().map(AsRef::as_ref), Some("eu-west-1"));
        assert_eq!(sdk.endpoint_url(), None);
        let identity = sdk.credentials_provider().unwrap().provide_credentials().await.unwrap();
        assert_eq!((identity.access_key_id(), identity.session_token()), ("id", Some("quiet")));
        let key = |service| {
            let key = ServiceConfigKey::builder().service_id(service).profile("endpoint_url");
            key.env("AWS_ENDPOINT_URL").build().unwrap()
        };
        let service = sdk.service_config().unwrap();
        assert_eq!(service.load_config(key("Route 53")).as_deref(), Some("http://127.0.0.1:5300"));
        assert_eq!(service.load_config(key("SQS")), None);
        assert!(!format!("{sdk:?}").contains("hush"));
    }
}
