//! Manifests and configurations of images (OCI image specification 1.1, Docker image manifest version 2, schema 2).

use super::blob::BLOB_LIMIT;
use roadstead_domain::image::Digest;
use roadstead_domain::repository::Commit;
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::registry::ImageDetails;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// The manifests that are understood.
pub(super) const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// The label that names the commit that an image was built from.
const REVISION: &str = "org.opencontainers.image.revision";

/// The manifest of one image, or the index of one for each platform.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
}

#[derive(Debug, Deserialize)]
struct Descriptor {
    digest: Digest,
    size: usize,
    platform: Option<Platform>,
}

#[derive(Debug, Deserialize)]
struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl Platform {
    /// Builders write `unknown/unknown` for what they attach beside the images.
    fn is_unknown(&self) -> bool {
        self.os == "unknown"
    }

    /// `linux/arm64`; the one variant that `arm64` has is not written.
    fn name(&self) -> String {
        match &self.variant {
            Some(variant) if self.architecture != "arm64" && !variant.is_empty() => {
                format!("{}/{}/{variant}", self.os, self.architecture)
            }
            _ => format!("{}/{}", self.os, self.architecture),
        }
    }
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`CallError::Refused`]: it is as somebody pushed it.
    pub(super) fn parse(text: &str) -> Result<Self, CallError> {
        read(text.as_bytes(), "manifest")
    }

    /// The platforms that an index lists; none for the manifest of one image.
    pub(super) fn platforms(&self) -> Vec<String> {
        let platforms = self.images().filter_map(|image| image.platform.as_ref());
        platforms.map(Platform::name).collect()
    }

    /// The first image of an index.
    pub(super) fn first_image(&self) -> Option<&Digest> {
        self.images().next().map(|image| &image.digest)
    }

    /// The configuration of one image.
    ///
    /// # Errors
    /// [`CallError::Refused`] when it is larger than [`BLOB_LIMIT`].
    pub(super) fn configuration(&self) -> Result<Option<&Digest>, CallError> {
        match &self.config {
            Some(configuration) if configuration.size > BLOB_LIMIT => Err(CallError::Refused {
                reason: format!("the image's configuration has over {BLOB_LIMIT} bytes"),
            }),
            configuration => Ok(configuration.as_ref().map(|configuration| &configuration.digest)),
        }
    }

    fn images(&self) -> impl Iterator<Item = &Descriptor> {
        let unknown = |image: &Descriptor| image.platform.as_ref().is_some_and(Platform::is_unknown);
        self.manifests.iter().flatten().filter(move |image| !unknown(image))
    }
}

/// The configuration of one image.
#[derive(Debug, Deserialize)]
pub(super) struct Configuration {
    #[serde(flatten)]
    platform: Option<Platform>,
    config: Option<Settings>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Settings {
    labels: Option<BTreeMap<String, String>>,
}

impl Configuration {
    /// Reads a configuration.
    ///
    /// # Errors
    /// [`CallError::Refused`]: it is as somebody pushed it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, CallError> {
        read(bytes, "configuration")
    }

    /// What the image says of itself: the platforms of its index, else its own.
    pub(super) fn into_details(self, mut platforms: Vec<String>) -> ImageDetails {
        if platforms.is_empty() {
            platforms.extend(self.platform.as_ref().map(Platform::name));
        }
        let labels = self.config.and_then(|config| config.labels).unwrap_or_default();
        let revision = labels.get(REVISION).and_then(|revision| Commit::try_from(revision.clone()).ok());
        ImageDetails { revision, platforms }
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, CallError> {
    let refused =
        |error| CallError::Refused { reason: format!("the image's {what} cannot be read: {error}") };
    serde_json::from_slice(bytes).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn digest(digit: char) -> String {
        format!("sha256:{}", digit.to_string().repeat(64))
    }

    fn manifest(value: &Value) -> Manifest {
        Manifest::parse(&value.to_string()).unwrap()
    }

    fn image(size: usize) -> Manifest {
        manifest(&json!({"schemaVersion": 2, "config": {"digest": digest('4'), "size": size}}))
    }

    fn configuration(value: &Value) -> Configuration {
        Configuration::parse(value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn an_index_lists_its_platforms_without_attestations() {
        let index = manifest(&json!({"schemaVersion": 2, "manifests": [
            {"digest": digest('1'), "size": 1, "platform": {"os": "unknown", "architecture": "unknown"}},
            {"digest": digest('2'), "size": 1, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
            {"digest": digest('3'), "size": 1, "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}},
        ]}));
        assert_eq!(index.platforms(), ["linux/arm64", "linux/arm/v7"]);
        assert_eq!(index.first_image().map(Digest::as_str), Some(digest('2').as_str()));
        assert_eq!(index.configuration(), Ok(None));
    }

    #[test]
    fn one_image_says_itself_what_it_runs_on() {
        let image = image(2);
        assert_eq!((image.first_image(), image.platforms()), (None, vec![]));
        assert_eq!(image.configuration().unwrap().map(Digest::as_str), Some(digest('4').as_str()));
        let said = configuration(&json!({"os": "linux", "architecture": "amd64"}));
        assert_eq!(said.into_details(vec![]).platforms, ["linux/amd64"]);
    }

    #[test]
    fn a_configuration_has_at_most_one_mebibyte() {
        assert!(image(BLOB_LIMIT).configuration().is_ok());
        assert!(matches!(image(BLOB_LIMIT + 1).configuration(), Err(CallError::Refused { .. })));
    }

    #[test]
    fn only_a_commit_is_a_revision() {
        let revision = |text: &str| {
            let labels = json!({"config": {"Labels": {REVISION: text}}});
            configuration(&labels).into_details(vec![]).revision
        };
        assert_eq!(revision(&"a".repeat(40)).map(|commit| commit.as_str().len()), Some(40));
        assert_eq!(revision("v1.2.3"), None);
        assert_eq!(configuration(&json!({"config": {"Labels": null}})).into_details(vec![]).revision, None);
        assert_eq!(configuration(&json!({})).into_details(vec![]), ImageDetails::default());
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in ["", "[]x", r#"{"config":{"digest":"sha256:x"}}"#] {
            assert!(matches!(Manifest::parse(text), Err(CallError::Refused { .. })), "{text}");
        }
    }
}
