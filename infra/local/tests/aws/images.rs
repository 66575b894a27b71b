//! Images as a build pushes them to ECR.

use super::{emulator::Emulator, outside::Outside};
use http::Request;
use ring::digest::{SHA256, digest};
use roadstead_domain::image::Digest;
use roadstead_web::Transport as _;
use serde_json::json;
use std::fs;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Pushes an image that says which commit it was built from; answers its digest.
pub(crate) async fn push(outside: &Outside, repository: &str, commit: &str) -> Digest {
    let labels = json!({ "org.opencontainers.image.revision": commit });
    let configuration = json!({
        "architecture": "amd64", "os": "linux", "config": { "Labels": labels },
        "rootfs": { "type": "layers", "diff_ids": [] },
    });
    let configuration = configuration.to_string();
    let named = sha256(&configuration);
    upload(outside, repository, &named, &configuration).await;
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json", "digest": named, "size": configuration.len(),
        },
        "annotations": { "repository": repository },
    });
    put(&outside.emulator, repository, &format!("sha-{commit}"), &manifest.to_string());
    sha256(&manifest.to_string()).parse().unwrap()
}

/// Uploads a blob (OCI distribution specification, in one `POST`).
async fn upload(outside: &Outside, repository: &str, digest: &str, blob: &str) {
    let address = format!("{}/v2/{repository}/blobs/uploads/?digest={digest}", outside.emulator.endpoint);
    let request = Request::post(address).header("content-type", "application/octet-stream");
    let request = request.body(blob.as_bytes().to_vec()).unwrap();
    let answer = outside.transport.call(request).await.unwrap();
    assert_eq!(answer.status(), 201, "{}", String::from_utf8_lossy(answer.body()));
}

fn put(emulator: &Emulator, repository: &str, tag: &str, manifest: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("manifest");
    fs::write(&file, manifest).unwrap();
    let file = format!("file://{}", file.display());
    let image = ["ecr", "put-image", "--repository-name", repository, "--image-tag", tag];
    emulator
        .aws(&[&image[..], &["--image-manifest", &file, "--image-manifest-media-type", MANIFEST]].concat());
}

fn sha256(text: &str) -> String {
    format!("sha256:{}", hex::encode(digest(&SHA256, text.as_bytes())))
}
