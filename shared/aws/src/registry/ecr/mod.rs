//! Private registries of Amazon ECR (API version 2015-09-21).

mod blob;
mod host;
mod manifest;

use crate::configuration::Aws;
use crate::failure::{Effect, call_error};
use aws_sdk_ecr::Client;
use aws_sdk_ecr::config::Region;
use aws_sdk_ecr::operation::describe_images::DescribeImagesError;
use aws_sdk_ecr::types::{ImageFailureCode, ImageIdentifier, ListImagesFilter, TagStatus};
use host::Host;
use manifest::{Configuration, Manifest};
use roadstead_domain::image::{Digest, ImageRepository, Tag};
use roadstead_domain::sentence;
use roadstead_steps::nouns::registry::ImageDetails;
use roadstead_steps::nouns::{CallError, Registry};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::Mutex;

/// The most tags of a repository that are read.
pub const TAGS_LIMIT: usize = 10_000;
/// How many of them come in one answer: the most that ListImages gives.
const PAGE: i32 = 1_000;

/// The private registries that our identity may read, in any region.
pub struct Ecr {
    aws: Arc<Aws>,
    clients: Mutex<BTreeMap<String, Client>>,
}

impl Ecr {
    /// Registries whose host is `<account>.dkr.ecr.<region>.amazonaws.com`.
    pub fn new(aws: Arc<Aws>) -> Self {
        Self { aws, clients: Mutex::new(BTreeMap::new()) }
    }

    async fn repository<'name>(&self, name: &'name ImageRepository) -> Result<Repository<'name>, CallError> {
        let host = Host::parse(&name.registry)?;
        Ok(Repository { client: self.client(host.region).await, account: host.account, path: &name.path })
    }

    async fn client(&self, region: &str) -> Client {
        let mut clients = self.clients.lock().await;
        if let Some(client) = clients.get(region) {
            return client.clone();
        }
        let configuration = aws_sdk_ecr::config::Builder::from(self.aws.sdk().await);
        let client = Client::from_conf(configuration.region(Region::new(region.to_owned())).build());
        clients.insert(region.to_owned(), client.clone());
        client
    }

    async fn configuration(
        &self,
        repository: &Repository<'_>,
        digest: &Digest,
    ) -> Result<Configuration, CallError> {
        let url = repository.download_url(digest).await?;
        let bytes = blob::download(&self.aws, &url, digest).await?;
        Configuration::parse(&bytes)
    }
}

#[async_trait::async_trait]
impl Registry for Ecr {
    async fn digest(&self, repository: &ImageRepository, tag: &Tag) -> Result<Option<Digest>, CallError> {
        self.repository(repository).await?.digest(tag).await
    }

    fn reads(&self, repository: &ImageRepository) -> bool {
        Host::parse(&repository.registry).is_ok()
    }

    async fn tags(&self, repository: &ImageRepository) -> Result<Vec<Tag>, CallError> {
        self.repository(repository).await?.tags().await
    }

    async fn details(
        &self,
        repository: &ImageRepository,
        digest: &Digest,
    ) -> Result<Option<ImageDetails>, CallError> {
        let repository = self.repository(repository).await?;
        let Some(mut manifest) = repository.manifest(digest).await? else { return Ok(None) };
        let platforms = manifest.platforms();
        if let Some(first) = manifest.first_image() {
            let found = repository.manifest(first).await?;
            manifest = found.ok_or_else(|| missing("the manifest of an image's first platform"))?;
        }
        let Some(configuration) = manifest.configuration()? else {
            return Ok(Some(ImageDetails { revision: None, platforms }));
        };
        Ok(Some(self.configuration(&repository, configuration).await?.into_details(platforms)))
    }
}

struct Repository<'name> {
    client: Client,
    account: &'name str,
    path: &'name str,
}

impl Repository<'_> {
    async fn digest(&self, tag: &Tag) -> Result<Option<Digest>, CallError> {
        let image = ImageIdentifier::builder().image_tag(tag.as_str()).build();
        let call = self
            .client
            .describe_images()
            .registry_id(self.account)
            .repository_name(self.path)
            .image_ids(image);
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DescribeImagesError::is_image_not_found_exception) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(call_error(error, Effect::Reads)),
        };
        let digest =
            answer.image_details.unwrap_or_default().into_iter().find_map(|image| image.image_digest);
        digest.map(read_digest).transpose()
    }

    /// All tags, page by page.
    async fn tags(&self) -> Result<Vec<Tag>, CallError> {
        let mut tags = vec![];
        let mut next = None;
        loop {
            let call = self
                .client
                .list_images()
                .registry_id(self.account)
                .repository_name(self.path)
                .filter(ListImagesFilter::builder().tag_status(TagStatus::Tagged).build())
                .max_results(PAGE)
                .set_next_token(next);
            let answer = call.send().await.map_err(|error| call_error(error, Effect::Reads))?;
            next = answer.next_token;
            let found = answer.image_ids.unwrap_or_default();
            tags.extend(found.into_iter().filter_map(|image| image.image_tag?.parse::<Tag>().ok()));
            if tags.len() > TAGS_LIMIT {
                let reason = sentence::too_many_tags(self.path, TAGS_LIMIT);
                return Err(CallError::Refused { reason });
            }
            if next.is_none() {
                return Ok(tags);
            }
        }
    }

    async fn manifest(&self, digest: &Digest) -> Result<Option<Manifest>, CallError> {
        let image = ImageIdentifier::builder().image_digest(digest.as_str()).build();
        let call = self
            .client
            .batch_get_image()
            .registry_id(self.account)
            .repository_name(self.path)
            .image_ids(image)
            .set_accepted_media_types(Some(manifest::MEDIA_TYPES.map(str::to_owned).to_vec()));
        let answer = call.send().await.map_err(|error| call_error(error, Effect::Reads))?;
        if let Some(text) = answer.images().first().and_then(|image| image.image_manifest()) {
            return Manifest::parse(text).map(Some);
        }
        match answer.failures().first() {
            Some(failure) if failure.failure_code() == Some(&ImageFailureCode::ImageNotFound) => Ok(None),
            Some(failure) => {
                Err(CallError::Refused { reason: failure.failure_reason().unwrap_or_default().to_owned() })
            }
            None => Err(broken("an image was answered without its manifest")),
        }
    }

    async fn download_url(&self, digest: &Digest) -> Result<String, CallError> {
        let call = self
            .client
            .get_download_url_for_layer()
            .registry_id(self.account)
            .repository_name(self.path)
            .layer_digest(digest.as_str());
        let answer = call.send().await.map_err(|error| call_error(error, Effect::Reads))?;
        answer.download_url.ok_or_else(|| broken("a layer was answered without its URL"))
    }
}

fn read_digest(text: String) -> Result<Digest, CallError> {
    Digest::try_from(text).map_err(broken)
}

fn broken(reason: &str) -> CallError {
    CallError::Broken { reason: reason.to_owned() }
}

fn missing(what: &str) -> CallError {
    CallError::Missing { reason: what.to_owned() }
}
