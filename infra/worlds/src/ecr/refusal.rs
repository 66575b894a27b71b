use std::fmt;

use serde_json::{Value, json};

use super::repository::ImageId;

/// A refusal as ECR words it; over HTTP its status is 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The exception's name.
    pub code: &'static str,
    /// The sentence.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn repository_not_found(name: &str, registry: &str) -> Self {
        let message =
            format!("The repository with name '{name}' does not exist in the registry with id '{registry}'");
        Self::new("RepositoryNotFoundException", message)
    }

    pub(super) fn repository_exists(name: &str, registry: &str) -> Self {
        let message =
            format!("The repository with name '{name}' already exists in the registry with id '{registry}'");
        Self::new("RepositoryAlreadyExistsException", message)
    }

    pub(super) fn image_not_found(id: &ImageId, repository: &str, registry: &str) -> Self {
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "null".to_owned());
        let (digest, tag) = (part(&id.image_digest), part(&id.image_tag));
        let message = format!(
            "The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within the repository with name '{repository}' in the registry with id '{registry}'"
        );
        Self::new("ImageNotFoundException", message)
    }

    pub(super) fn layers_not_found(digest: &str, repository: &str, registry: &str) -> Self {
        let message = format!(
            "The layer with digest '{digest}' does not exist within the repository with name '{repository}' in the registry with id '{registry}'"
        );
        Self::new("LayersNotFoundException", message)
    }

    pub(super) fn tag_already_exists(tag: &str, repository: &str) -> Self {
        let message = format!(
            "The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because the tag is immutable."
        );
        Self::new("ImageTagAlreadyExistsException", message)
    }

    pub(super) fn referenced_by_list(digest: &str) -> Self {
        let message = format!("Requested image referenced by manifest list: [{digest}]");
        Self::new("ImageReferencedByManifestList", message)
    }

    pub(super) fn invalid_parameter(place: &str, constraint: &str) -> Self {
        let message = format!("Invalid parameter at '{place}' failed to satisfy constraint: '{constraint}'");
        Self::new("InvalidParameterException", message)
    }

    pub(super) fn throttling() -> Self {
        Self::new("ThrottlingException", "Rate exceeded")
    }

    pub(super) fn unknown_operation() -> Self {
        Self::new("UnknownOperationException", "")
    }

    pub(super) fn serialization(message: String) -> Self {
        Self::new("SerializationException", message)
    }

    pub(super) fn body(&self) -> Value {
        json!({ "__type": self.code, "message": self.message })
    }
}
