//! What the registry lists: repositories, images, image ids.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Ecr;
use super::refusal::Refusal;
use super::repository::{ImageId, Repository, Stored, check_ids};

/// The size of a page when the request names none.
pub const DEFAULT_PAGE: usize = 100;
/// The largest page that a request may ask for.
pub const PAGE_LIMIT: usize = 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImagesRequest {
    registry_id: Option<String>,
    repository_name: String,
    image_ids: Option<Vec<ImageId>>,
    #[serde(default)]
    filter: Filter,
    #[serde(flatten)]
    page: Page,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    tag_status: Option<TagStatus>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum TagStatus {
    Tagged,
    Untagged,
    Any,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RepositoriesRequest {
    registry_id: Option<String>,
    repository_names: Option<Vec<String>>,
    #[serde(flatten)]
    page: Page,
}

/// DescribeImages: the images that are named, all of which must exist, or a page of those that there are.
pub(super) fn images(registry: &Ecr, request: &ImagesRequest) -> Result<Value, Refusal> {
    let repository = registry.repository(request.registry_id.as_deref(), &request.repository_name)?;
    let account = &registry.settings.account;
    if let Some(ids) = request.image_ids.as_ref().filter(|ids| !ids.is_empty()) {
        check_ids(ids)?;
        let detail = |id: &ImageId| {
            let (digest, stored) =
                repository.find(id).ok_or_else(|| Refusal::image_not_found(id, &repository.name, account))?;
            Ok(image_detail(account, repository, digest, stored))
        };
        let details = ids.iter().map(detail).collect::<Result<Vec<_>, Refusal>>()?;
        return Ok(json!({ "imageDetails": details }));
    }
    let filtered = repository.images.iter().filter(|(digest, _)| request.filter.admits(repository, digest));
    let details =
        filtered.map(|(digest, stored)| (digest.as_str(), image_detail(account, repository, digest, stored)));
    let Cut { page, next } = request.page.cut(details)?;
    Ok(with_token(json!({ "imageDetails": page }), next))
}

/// ListImages: one id per tag, and one for each image without.
pub(super) fn image_ids(registry: &Ecr, request: &ImagesRequest) -> Result<Value, Refusal> {
    let repository = registry.repository(request.registry_id.as_deref(), &request.repository_name)?;
    let filtered = repository.images.keys().filter(|digest| request.filter.admits(repository, digest));
    let ids: Vec<(String, ImageId)> = filtered.flat_map(|digest| ids_of(repository, digest)).collect();
    let Cut { page, next } = request.page.cut(ids.iter().map(|(key, id)| (key.as_str(), id)))?;
    Ok(with_token(json!({ "imageIds": page }), next))
}

fn ids_of(repository: &Repository, digest: &str) -> Vec<(String, ImageId)> {
    let id = |tag: Option<&str>| {
        let key = format!("{digest} {}", tag.unwrap_or_default());
        (key, ImageId { image_digest: Some(digest.to_owned()), image_tag: tag.map(str::to_owned) })
    };
    match repository.tags_of(digest).as_slice() {
        [] => vec![id(None)],
        tags => tags.iter().map(|tag| id(Some(tag))).collect(),
    }
}

/// DescribeRepositories.
pub(super) fn repositories(registry: &Ecr, request: &RepositoriesRequest) -> Result<Value, Refusal> {
    if let Some(names) = request.repository_names.as_ref().filter(|names| !names.is_empty()) {
        let shown = |name: &String| {
            Ok(repository_detail(registry, registry.repository(request.registry_id.as_deref(), name)?))
        };
        let shown = names.iter().map(shown).collect::<Result<Vec<_>, Refusal>>()?;
        return Ok(json!({ "repositories": shown }));
    }
    let all = registry.repositories.iter();
    let details = all.map(|(name, repository)| (name.as_str(), repository_detail(registry, repository)));
    let Cut { page, next } = request.page.cut(details)?;
    Ok(with_token(json!({ "repositories": page }), next))
}

impl Filter {
    fn admits(&self, repository: &Repository, digest: &str) -> bool {
        let tagged = !repository.tags_of(digest).is_empty();
        match self.tag_status {
            Some(TagStatus::Tagged) => tagged,
            Some(TagStatus::Untagged) => !tagged,
            Some(TagStatus::Any) | None => true,
        }
    }
}

/// One page of a list, and the token of the next.
struct Cut<T> {
    page: Vec<T>,
    next: Option<String>,
}

impl Page {
    /// The page of `sorted` that is asked for. A token names the key that its page begins with.
    fn cut<'a, T>(&self, sorted: impl Iterator<Item = (&'a str, T)>) -> Result<Cut<T>, Refusal> {
        let size = self.max_results.unwrap_or(DEFAULT_PAGE);
        if !(1..=PAGE_LIMIT).contains(&size) {
            let constraint = format!("Member must have value between 1 and {PAGE_LIMIT}");
            return Err(Refusal::invalid_parameter("maxResults", &constraint));
        }
        let first = self.next_token.as_deref().map(first_of_page).transpose()?.unwrap_or_default();
        let mut from_first = sorted.skip_while(|(key, _)| *key < first.as_str());
        let page = from_first.by_ref().take(size).map(|(_, item)| item).collect();
        Ok(Cut { page, next: from_first.next().map(|(key, _)| STANDARD.encode(key)) })
    }
}

fn first_of_page(token: &str) -> Result<String, Refusal> {
    let decoded = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.ok_or_else(|| Refusal::invalid_parameter("nextToken", "Invalid token"))
}

fn with_token(mut reply: Value, next: Option<String>) -> Value {
    if let Some(token) = next {
        reply["nextToken"] = token.into();
    }
    reply
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageDetail<'a> {
    registry_id: &'a str,
    repository_name: &'a str,
    image_digest: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    image_tags: Vec<&'a str>,
    image_size_in_bytes: usize,
    image_pushed_at: f64,
    image_manifest_media_type: &'a str,
}

fn image_detail(account: &str, repository: &Repository, digest: &str, stored: &Stored) -> Value {
    json!(ImageDetail {
        registry_id: account,
        repository_name: &repository.name,
        image_digest: digest,
        image_tags: repository.tags_of(digest),
        image_size_in_bytes: stored.size,
        image_pushed_at: stored.pushed_at.as_duration().as_secs_f64(),
        image_manifest_media_type: &stored.media_type,
    })
}

fn repository_detail(registry: &Ecr, repository: &Repository) -> Value {
    let (account, region, name) = (&registry.settings.account, &registry.settings.region, &repository.name);
    json!({
        "repositoryArn": format!("arn:aws:ecr:{region}:{account}:repository/{name}"),
        "registryId": account,
        "repositoryName": name,
        "repositoryUri": format!("{}/{name}", registry.host()),
        "createdAt": repository.created_at.as_duration().as_secs_f64(),
        "imageTagMutability": if repository.immutable_tags { "IMMUTABLE" } else { "MUTABLE" },
        "imageScanningConfiguration": { "scanOnPush": false },
        "encryptionConfiguration": { "encryptionType": "AES256" },
    })
}
