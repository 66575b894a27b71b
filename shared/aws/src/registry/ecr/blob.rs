//! Blobs, from the presigned URLs that ECR itself answers.

use super::broken;
use crate::configuration::{Aws, timeouts};
use crate::failure::{Effect, call_error};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::ErrorMetadata;
use http::Uri;
use http_body_util::Limited;
use roadstead_domain::image::Digest;
use roadstead_steps::nouns::CallError;
use sha2::{Digest as _, Sha256};

/// The largest configuration that is read, in bytes.
pub(super) const BLOB_LIMIT: usize = 1024 * 1024;

/// Downloads a blob: one attempt, no redirects, at most [`BLOB_LIMIT`] bytes, and only what its digest names.
pub(super) async fn download(aws: &Aws, url: &str, digest: &Digest) -> Result<Vec<u8>, CallError> {
    let url = allowed(url, aws.endpoint().await)?;
    let operation = Operation::builder()
        .service_name("ecr")
        .operation_name("DownloadLayer")
        .http_client(aws.http().await)
        .endpoint_url(&origin(&url))
        .no_auth()
        .no_retry()
        .timeout_config(timeouts())
        .interceptor(Limit)
        .serializer(request)
        .deserializer(answer)
        .build();
    let path = url.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let bytes = operation.invoke(path).await.map_err(|error| call_error(error, Effect::Reads))?;
    if hex::encode(Sha256::digest(&bytes)) == digest.as_str().trim_start_matches("sha256:") {
        Ok(bytes)
    } else {
        Err(broken("a downloaded layer is not what its digest names"))
    }
}

/// Only HTTPS to hosts of AWS; or, where something stands in for AWS, only what stands in.
fn allowed(url: &str, stand_in: Option<&str>) -> Result<Uri, CallError> {
    let url = url.parse::<Uri>().map_err(|_| broken("a layer was answered with what is not a URL"))?;
    let allowed = match stand_in.map(str::parse::<Uri>) {
        Some(endpoint) => endpoint.is_ok_and(|endpoint| origin(&endpoint) == origin(&url)),
        None => {
            let host = url.host().is_some_and(|host| host.ends_with(".amazonaws.com"));
            host && url.scheme_str() == Some("https") && url.port().is_none()
        }
    };
    if allowed { Ok(url) } else { Err(broken("a layer was answered with a URL that is not of AWS")) }
}

fn origin(url: &Uri) -> String {
    let authority = url.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    format!("{}://{authority}", url.scheme_str().unwrap_or_default())
}

fn request(path: String) -> Result<HttpRequest, BoxError> {
    Ok(http::Request::get(path).body(SdkBody::empty())?.try_into()?)
}

fn answer(response: &HttpResponse) -> Result<Vec<u8>, OrchestratorError<ErrorMetadata>> {
    let status = response.status().as_u16();
    match response.body().bytes() {
        Some(bytes) if status == 200 => Ok(bytes.to_vec()),
        _ => {
            let said = format!("a layer's download was answered with status {status}");
            Err(OrchestratorError::operation(ErrorMetadata::builder().code("Download").message(said).build()))
        }
    }
}

/// Lets no more than [`BLOB_LIMIT`] bytes of an answer in.
#[derive(Debug)]
struct Limit;

impl Intercept for Limit {
    fn name(&self) -> &'static str {
        "Limit"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().take_body();
        *context.response_mut().body_mut() = SdkBody::from_body_1_x(Limited::new(body, BLOB_LIMIT));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
