//! What is read of an image: its manifest, and its blobs by a URL that is good for an hour.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode, Uri};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Ecr;
use super::image::digest;
use super::refusal::Refusal;
use super::repository::{ImageId, Repository, check_ids};

/// How long a download URL is good for.
pub const URL_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ManifestsRequest {
    registry_id: Option<String>,
    repository_name: String,
    image_ids: Vec<ImageId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LayerRequest {
    registry_id: Option<String>,
    repository_name: String,
    layer_digest: String,
}

/// BatchGetImage: what is not there is listed as a failure beside what is.
pub(super) fn manifests(registry: &Ecr, request: &ManifestsRequest) -> Result<Value, Refusal> {
    let repository = registry.repository(request.registry_id.as_deref(), &request.repository_name)?;
    if request.image_ids.is_empty() {
        return Err(Refusal::invalid_parameter(
            "imageIds",
            "Member must have length greater than or equal to 1",
        ));
    }
    check_ids(&request.image_ids)?;
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in &request.image_ids {
        match repository.find(id) {
            Some((digest, stored)) => images.push(json!({
                "registryId": registry.settings.account,
                "repositoryName": repository.name,
                "imageId": ImageId { image_digest: Some(digest.to_owned()), image_tag: id.image_tag.clone() },
                "imageManifest": stored.manifest,
                "imageManifestMediaType": stored.media_type,
            })),
            None => failures.push(failure(repository, id)),
        }
    }
    Ok(json!({ "images": images, "failures": failures }))
}

fn failure(repository: &Repository, id: &ImageId) -> Value {
    let tagged = id.image_tag.as_ref().is_some_and(|tag| repository.tags.contains_key(tag));
    let (code, reason) = match (&id.image_digest, &id.image_tag) {
        (None, None) => {
            ("MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null")
        }
        (Some(_), Some(_)) if tagged => ("ImageTagDoesNotMatchDigest", "Tag does not match digest"),
        _ => ("ImageNotFound", "Requested image not found"),
    };
    json!({ "imageId": id, "failureCode": code, "failureReason": reason })
}

/// GetDownloadUrlForLayer: configurations are layers here too.
pub(super) fn download_url(registry: &Ecr, request: &LayerRequest, now: Timestamp) -> Result<Value, Refusal> {
    let repository = registry.repository(request.registry_id.as_deref(), &request.repository_name)?;
    let (layer, account) = (&request.layer_digest, &registry.settings.account);
    if !repository.blobs.contains_key(layer) {
        return Err(Refusal::layers_not_found(layer, &repository.name, account));
    }
    let path = format!("/layers/{account}/{}/{layer}", repository.name);
    let expires_at = now.saturating_add(URL_LIFETIME).unwrap_or(now).as_second();
    let signature = signature(&path, expires_at);
    let endpoint = registry.settings.endpoint.trim_end_matches('/');
    let url = format!("{endpoint}{path}?Expires={expires_at}&Signature={signature}");
    Ok(json!({ "downloadUrl": url, "layerDigest": layer }))
}

/// It keeps a URL that was not given out from working; it guards nothing.
fn signature(path: &str, expires_at: i64) -> String {
    digest(&format!("layer {path} {expires_at}")).replace("sha256:", "")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SignedQuery {
    expires: i64,
    signature: String,
}

/// The GET of a download URL, refused as S3 refuses.
pub(super) fn download(registry: &Ecr, uri: &Uri, now: Timestamp) -> Response<Vec<u8>> {
    let query: Option<SignedQuery> = uri.query().and_then(|query| serde_urlencoded::from_str(query).ok());
    let Some(query) = query else {
        return storage_refusal(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied");
    };
    if query.signature != signature(uri.path(), query.expires) {
        let message = "The request signature we calculated does not match the signature you provided.";
        return storage_refusal(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message);
    }
    if now.as_second() >= query.expires {
        return storage_refusal(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired");
    }
    match blob(registry, uri.path()) {
        Some(text) => with_type(Response::new(text.as_bytes().to_vec()), "application/octet-stream"),
        None => storage_refusal(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist."),
    }
}

fn blob<'a>(registry: &'a Ecr, path: &str) -> Option<&'a str> {
    let (repository, layer) =
        path.strip_prefix(&format!("/layers/{}/", registry.settings.account))?.rsplit_once('/')?;
    registry.repositories.get(repository)?.blobs.get(layer).map(String::as_str)
}

fn storage_refusal(status: StatusCode, code: &str, message: &str) -> Response<Vec<u8>> {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let mut response = with_type(Response::new(body.into_bytes()), "application/xml");
    *response.status_mut() = status;
    response
}

fn with_type(mut response: Response<Vec<u8>>, content_type: &'static str) -> Response<Vec<u8>> {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
