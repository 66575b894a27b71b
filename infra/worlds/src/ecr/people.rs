//! What people and CI do to the registry, and the events that EventBridge then carries.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Ecr;
use super::image::{Image, manifests};
use super::refusal::Refusal;
use super::repository::{ImageId, Repository, Stored, check_name, check_tag};

/// What a push left behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Pushed {
    /// The digest that the tag names now: of the index if there is one.
    pub digest: String,
    /// The `ECR Image Action` events, in order: those of an index's parts have no tag.
    pub events: Vec<Value>,
}

impl Ecr {
    /// Creates a repository; with `immutable_tags`, a tag never moves.
    ///
    /// # Errors
    /// InvalidParameterException, RepositoryAlreadyExistsException.
    pub fn create_repository(
        &mut self,
        name: &str,
        immutable_tags: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        check_name(name)?;
        if self.repositories.contains_key(name) {
            return Err(Refusal::repository_exists(name, &self.settings.account));
        }
        self.repositories.insert(name.to_owned(), Repository::new(name, immutable_tags, now));
        Ok(())
    }

    /// Pushes an image and tags it. What is there already is announced again.
    ///
    /// # Errors
    /// RepositoryNotFoundException, InvalidParameterException, ImageTagAlreadyExistsException.
    pub fn push(
        &mut self,
        repository: &str,
        tag: &str,
        image: &Image,
        now: Timestamp,
    ) -> Result<Pushed, Refusal> {
        check_tag(tag)?;
        let mut parts = manifests(image);
        let Some(last) = parts.pop() else {
            return Err(Refusal::invalid_parameter("imageManifest", "must name at least one architecture"));
        };
        let store = self.repository_mut(repository)?;
        if store.immutable_tags && store.tags.get(tag).is_some_and(|digest| *digest != last.digest) {
            return Err(Refusal::tag_already_exists(tag, repository));
        }
        let digest = last.digest.clone();
        let mut actions: Vec<(String, Option<&str>)> =
            parts.iter().map(|part| (part.digest.clone(), None)).collect();
        actions.push((digest.clone(), Some(tag)));
        for manifest in parts.into_iter().chain([last]) {
            let size = manifest.blobs.iter().map(|(_, text)| text.len()).sum();
            store.blobs.extend(manifest.blobs);
            let stored = Stored {
                manifest: manifest.text,
                media_type: manifest.media_type.to_owned(),
                pushed_at: now,
                size,
                children: manifest.children,
            };
            store.images.entry(manifest.digest).or_insert(stored);
        }
        store.tags.insert(tag.to_owned(), digest.clone());
        let events =
            actions.iter().map(|(digest, tag)| self.event("PUSH", repository, digest, *tag, now)).collect();
        Ok(Pushed { digest, events })
    }

    /// Moves or adds a tag without pushing content, as `PutImage` with a known manifest does.
    ///
    /// # Errors
    /// RepositoryNotFoundException, ImageNotFoundException, InvalidParameterException, ImageTagAlreadyExistsException.
    pub fn retag(
        &mut self,
        repository: &str,
        digest: &str,
        tag: &str,
        now: Timestamp,
    ) -> Result<Value, Refusal> {
        check_tag(tag)?;
        let missing = self.missing(repository, digest);
        let store = self.repository_mut(repository)?;
        if !store.images.contains_key(digest) {
            return Err(missing);
        }
        if store.immutable_tags && store.tags.get(tag).is_some_and(|named| named != digest) {
            return Err(Refusal::tag_already_exists(tag, repository));
        }
        store.tags.insert(tag.to_owned(), digest.to_owned());
        Ok(self.event("PUSH", repository, digest, Some(tag), now))
    }

    /// Deletes an image with its tags, as a person or a lifecycle policy does.
    ///
    /// # Errors
    /// RepositoryNotFoundException, ImageNotFoundException, ImageReferencedByManifestList.
    pub fn delete_image(&mut self, repository: &str, digest: &str, now: Timestamp) -> Result<Value, Refusal> {
        let missing = self.missing(repository, digest);
        let store = self.repository_mut(repository)?;
        if store.images.values().any(|image| image.children.iter().any(|child| child == digest)) {
            return Err(Refusal::referenced_by_list(digest));
        }
        store.images.remove(digest).ok_or(missing)?;
        let tag = store.tags_of(digest).first().map(|&tag| tag.to_owned());
        store.tags.retain(|_, named| named != digest);
        Ok(self.event("DELETE", repository, digest, tag.as_deref(), now))
    }

    fn missing(&self, repository: &str, digest: &str) -> Refusal {
        let id = ImageId { image_digest: Some(digest.to_owned()), image_tag: None };
        Refusal::image_not_found(&id, repository, &self.settings.account)
    }

    fn repository_mut(&mut self, name: &str) -> Result<&mut Repository, Refusal> {
        let missing = Refusal::repository_not_found(name, &self.settings.account);
        self.repositories.get_mut(name).ok_or(missing)
    }

    /// An event as EventBridge delivers it ("ECR Image Action" in the ECR User Guide).
    fn event(
        &mut self,
        action: &str,
        repository: &str,
        digest: &str,
        tag: Option<&str>,
        now: Timestamp,
    ) -> Value {
        self.events += 1;
        let mut detail = json!({
            "result": "SUCCESS",
            "repository-name": repository,
            "image-digest": digest,
            "action-type": action,
        });
        if let Some(tag) = tag {
            detail["image-tag"] = tag.into();
        }
        json!({
            "version": "0",
            "id": format!("00000000-0000-4000-9000-{:012x}", self.events),
            "detail-type": "ECR Image Action",
            "source": "aws.ecr",
            "account": self.settings.account,
            "time": format!("{now:.0}"),
            "region": self.settings.region,
            "resources": [],
            "detail": detail,
        })
    }
}
