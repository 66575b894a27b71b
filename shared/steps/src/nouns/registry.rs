//! Registries: what a tag names now, and what an image says of itself.

use super::CallError;
use roadstead_domain::image::{Digest, ImageRepository, Tag};
use roadstead_domain::repository::Commit;

/// What an image says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageDetails {
    /// The label `org.opencontainers.image.revision` (OCI image specification 1.1), if it is a commit.
    pub revision: Option<Commit>,
    /// The platforms that it can run on, as `linux/arm64`.
    pub platforms: Vec<String>,
}

/// The registry that can be asked; the one kind that there is says of other registries' images that it cannot tell.
#[async_trait::async_trait]
pub trait Registry: Send + Sync {
    /// The digest that a tag names now (of the index, for an image of several platforms); none when there is no such tag.
    ///
    /// # Errors
    /// [`CallError::Missing`] when there is no such repository.
    async fn digest(&self, repository: &ImageRepository, tag: &Tag) -> Result<Option<Digest>, CallError>;

    /// Whether this kind of registry can be asked at all; what a pipeline tells counts where it cannot.
    fn reads(&self, repository: &ImageRepository) -> bool;

    /// All tags of a repository. A list that could not be read whole is an error, never shorter.
    ///
    /// # Errors
    /// [`CallError::Missing`] when there is no such repository; [`CallError::Refused`] when it has too many.
    async fn tags(&self, repository: &ImageRepository) -> Result<Vec<Tag>, CallError>;

    /// What an image says of itself; none when the registry does not have it.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn details(
        &self,
        repository: &ImageRepository,
        digest: &Digest,
    ) -> Result<Option<ImageDetails>, CallError>;
}

/// The digest that a tag names now. A repository that does not exist yet has no tag.
///
/// # Errors
/// Any other [`CallError`].
pub async fn digest_if_any(
    registry: &dyn Registry,
    repository: &ImageRepository,
    tag: &Tag,
) -> Result<Option<Digest>, CallError> {
    match registry.digest(repository, tag).await {
        Err(CallError::Missing { .. }) => Ok(None),
        result => result,
    }
}
