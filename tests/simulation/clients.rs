//! The real clients, over wires instead of sockets.

use super::wire::{Broken, Wire};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use http::{Request, Response};
use roadstead_aws::configuration::{Aws, Configuration, StandIn};
use roadstead_kubernetes::KubeCluster;
use roadstead_steps::nouns::{CallError, Cluster, Clusters};
use roadstead_web::Transport;
use std::sync::Arc;

/// The address that signed requests are told; nothing listens there.
pub const NOWHERE: &str = "http://127.0.0.1:9";

#[derive(Debug, Clone)]
struct AwsWire(DebugWire);

#[derive(Clone)]
struct DebugWire(Wire);

impl std::fmt::Debug for DebugWire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0.name)
    }
}

impl HttpConnector for AwsWire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.0.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let (parts, body) = request.into_parts();
            let request = Request::from_parts(parts, body.bytes().unwrap_or_default().to_vec());
            match wire.call(request).await {
                Ok(response) => {
                    let (parts, body) = response.into_parts();
                    let response = Response::from_parts(parts, SdkBody::from(body));
                    response.try_into().map_err(|error: aws_smithy_runtime_api::http::HttpError| {
                        ConnectorError::other(error.into(), None)
                    })
                }
                Err(Broken::NotSent) => {
                    Err(ConnectorError::io("the connection was refused".into()).never_connected())
                }
                Err(Broken::NoAnswer) => Err(ConnectorError::timeout("no answer came".into())),
            }
        })
    }
}

impl HttpClient for AwsWire {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// AWS over a wire.
pub fn aws(wire: Wire) -> Arc<Aws> {
    let stand_in = StandIn {
        endpoint: NOWHERE.to_owned(),
        access_key_id: "simulation".to_owned(),
        secret_access_key: "simulation".to_owned(),
    };
    let configuration = Configuration { region: Some("eu-west-1".to_owned()), stand_in: Some(stand_in) };
    Arc::new(Aws::through(configuration, SharedHttpClient::new(AwsWire(DebugWire(wire)))))
}

/// The transport of GitHub and of Slack, over a wire.
pub struct WebWire(pub Wire);

#[async_trait::async_trait]
impl Transport for WebWire {
    async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        self.0.call(request).await.map_err(|broken| CallError::Unavailable {
            reason: format!("{} did not answer", self.0.name),
            maybe_done: broken == Broken::NoAnswer,
        })
    }
}

/// Clusters over wires, by the names that lead to each.
pub struct WiredClusters(pub Vec<(&'static [&'static str], Arc<KubeCluster>)>);

impl WiredClusters {
    pub fn over(wire: Wire, token: &'static str) -> Arc<KubeCluster> {
        let service = tower::service_fn(move |request: Request<kube::client::Body>| {
            let wire = wire.clone();
            async move {
                let (mut parts, body) = request.into_parts();
                let body = body.collect_bytes().await?.to_vec();
                parts.headers.insert("authorization", format!("Bearer {token}").parse()?);
                match wire.call(Request::from_parts(parts, body)).await {
                    Ok(response) => Ok(response.map(kube::client::Body::from)),
                    Err(Broken::NotSent) => Err(tower::BoxError::from(std::io::Error::from(
                        std::io::ErrorKind::ConnectionRefused,
                    ))),
                    Err(Broken::NoAnswer) => {
                        Err(tower::BoxError::from(std::io::Error::from(std::io::ErrorKind::TimedOut)))
                    }
                }
            }
        });
        Arc::new(KubeCluster::new(kube::Client::new(service, "default")))
    }
}

#[async_trait::async_trait]
impl Clusters for WiredClusters {
    async fn open(&self, name: &roadstead_domain::name::ClusterName) -> Result<Arc<dyn Cluster>, CallError> {
        let found = self.0.iter().find(|(names, _)| names.contains(&name.as_str()));
        let (_, cluster) = found.ok_or(CallError::Missing { reason: format!("no cluster {name}") })?;
        Ok(cluster.clone())
    }
}
