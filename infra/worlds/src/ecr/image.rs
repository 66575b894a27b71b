//! What a build pushes: manifests of the OCI image specification, one per architecture, under an index if several.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const ATTESTATION_LAYER: &str = "application/vnd.in-toto+json";
/// The label that says which commit an image was built from (OCI image specification, annotations).
const REVISION_LABEL: &str = "org.opencontainers.image.revision";

/// What a build made. The same image always has the same digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// The commit that the image says it was built from.
    pub revision: Option<String>,
    /// The architectures that it was built for: `amd64`, `arm64`.
    pub architectures: Vec<String>,
    /// Further labels.
    pub labels: BTreeMap<String, String>,
    /// What its layer holds.
    pub content: String,
    /// Whether the build adds attestations, as `docker buildx` does by default: then even one architecture gets an
    /// index.
    pub attestations: bool,
}

impl Image {
    /// An image for amd64 alone, without attestations.
    pub fn of_revision(revision: &str) -> Self {
        Self {
            revision: Some(revision.to_owned()),
            architectures: vec!["amd64".to_owned()],
            labels: BTreeMap::new(),
            content: format!("built from {revision}"),
            attestations: false,
        }
    }
}

/// A manifest ready to be stored, with the blobs that it names.
pub(super) struct Manifest {
    pub(super) digest: String,
    pub(super) text: String,
    pub(super) media_type: &'static str,
    pub(super) blobs: Vec<(String, String)>,
    pub(super) children: Vec<String>,
}

/// The manifests in the order in which a build pushes them: what an index names first, the image itself last.
pub(super) fn manifests(image: &Image) -> Vec<Manifest> {
    let mut pushed = Vec::new();
    let mut descriptors = Vec::new();
    for architecture in &image.architectures {
        let manifest = of_architecture(image, architecture);
        let platform = json!({ "architecture": architecture, "os": "linux" });
        descriptors.push(descriptor_with(&manifest, "platform", platform));
        if image.attestations {
            let attestation = attestation_of(&manifest.digest);
            descriptors.push(attestation_descriptor(&attestation, &manifest.digest));
            pushed.push(attestation);
        }
        pushed.push(manifest);
    }
    if descriptors.len() > 1 {
        pushed.push(index(&descriptors, &pushed));
    }
    pushed
}

fn of_architecture(image: &Image, architecture: &str) -> Manifest {
    let mut labels = image.labels.clone();
    if let Some(revision) = &image.revision {
        labels.insert(REVISION_LABEL.to_owned(), revision.clone());
    }
    let layer = format!("{architecture}\n{}", image.content);
    let configuration = json!({
        "architecture": architecture,
        "os": "linux",
        "config": { "Labels": labels, "Env": ["PATH=/usr/bin:/bin"], "Cmd": ["/app"] },
        "rootfs": { "type": "layers", "diff_ids": [digest(&layer)] },
    });
    manifest(configuration.to_string(), layer, LAYER)
}

fn attestation_of(subject: &str) -> Manifest {
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://slsa.dev/provenance/v1",
        "subject": [{ "digest": { "sha256": subject.trim_start_matches("sha256:") } }],
    });
    let configuration = json!({
        "architecture": "unknown",
        "os": "unknown",
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": [digest(&statement.to_string())] },
    });
    manifest(configuration.to_string(), statement.to_string(), ATTESTATION_LAYER)
}

fn manifest(configuration: String, layer: String, layer_type: &str) -> Manifest {
    let blob = |media_type: &str, text: &str| json!({ "mediaType": media_type, "digest": digest(text), "size": text.len() });
    let document = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": blob(CONFIGURATION, &configuration),
        "layers": [blob(layer_type, &layer)],
    });
    let blobs = [configuration, layer].map(|text| (digest(&text), text)).into();
    stored(document.to_string(), MANIFEST, blobs, Vec::new())
}

fn index(descriptors: &[Value], children: &[Manifest]) -> Manifest {
    let document = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": descriptors });
    let children = children.iter().map(|child| child.digest.clone()).collect();
    stored(document.to_string(), INDEX, Vec::new(), children)
}

fn stored(
    text: String,
    media_type: &'static str,
    blobs: Vec<(String, String)>,
    children: Vec<String>,
) -> Manifest {
    Manifest { digest: digest(&text), text, media_type, blobs, children }
}

fn descriptor_with(manifest: &Manifest, key: &str, value: Value) -> Value {
    let mut descriptor = json!({
        "mediaType": manifest.media_type, "digest": manifest.digest, "size": manifest.text.len(),
    });
    descriptor[key] = value;
    descriptor
}

fn attestation_descriptor(attestation: &Manifest, subject: &str) -> Value {
    let mut descriptor =
        descriptor_with(attestation, "platform", json!({ "architecture": "unknown", "os": "unknown" }));
    descriptor["annotations"] = json!({
        "vnd.docker.reference.digest": subject,
        "vnd.docker.reference.type": "attestation-manifest",
    });
    descriptor
}

/// The digest of a blob's bytes.
pub(super) fn digest(text: &str) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(text.as_bytes())))
}
