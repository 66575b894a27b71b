//! The AWS SDKs without a network: each request is answered by a function.

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use roadstead_aws::{Aws, Configuration, StandIn};
use std::{fmt, sync::Arc};

/// Where the models say that they are.
pub(super) const ENDPOINT: &str = "http://aws.test";

type Answer = dyn Fn(&http::Request<Vec<u8>>) -> http::Response<Vec<u8>> + Send + Sync;

struct Wire(Arc<Answer>);

impl fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Wire")
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = request.try_into_http1x().unwrap();
        let request = request.map(|body| body.bytes().unwrap_or_default().to_vec());
        let response = (self.0)(&request).map(SdkBody::from);
        HttpConnectorFuture::ready(Ok(HttpResponse::try_from(response).unwrap()))
    }
}

/// AWS as this function answers.
pub(super) fn answered_by(
    answer: impl Fn(&http::Request<Vec<u8>>) -> http::Response<Vec<u8>> + Send + Sync + 'static,
) -> Arc<Aws> {
    let connector = SharedHttpConnector::new(Wire(Arc::new(answer)));
    let (access_key_id, secret_access_key) = ("test".to_owned(), "test".to_owned());
    let stand_in = Some(StandIn { endpoint: ENDPOINT.into(), access_key_id, secret_access_key });
    let configuration = Configuration { region: Some("eu-west-1".into()), stand_in };
    Arc::new(Aws::through(configuration, http_client_fn(move |_, _| connector.clone())))
}
