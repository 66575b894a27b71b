use serde_json::json;

use super::image::digest;
use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn registry() -> Ecr {
    let mut registry = Ecr::new(Settings {
        account: "123456789012".to_owned(),
        region: "eu-west-1".to_owned(),
        endpoint: "http://127.0.0.1:4000/".to_owned(),
        throttled: false,
    });
    registry.create_repository("team/shop", false, at(0)).unwrap();
    registry
}

fn call(registry: &mut Ecr, operation: &str, body: Value) -> (u16, Value) {
    let request = Request::post("/")
        .header("x-amz-target", format!("{TARGET_PREFIX}{operation}"))
        .body(body.to_string().into_bytes())
        .unwrap();
    let response = registry.handle(&request, at(10));
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

fn image(content: &str) -> Image {
    Image { content: content.to_owned(), ..Image::of_revision("abc") }
}

fn get(registry: &mut Ecr, url: &str, second: i64) -> (u16, String) {
    let response = registry.handle(&Request::get(url).body(Vec::new()).unwrap(), at(second));
    (response.status().as_u16(), String::from_utf8(response.into_body()).unwrap())
}

#[test]
fn a_push_is_described_and_announced() {
    let mut registry = registry();
    let pushed = registry.push("team/shop", "main", &image("1"), at(1)).unwrap();
    assert_eq!(registry.digest_of("team/shop", "main"), Some(pushed.digest.as_str()));
    assert!(registry.has("team/shop", &pushed.digest) && !registry.has("team/other", &pushed.digest));
    assert_eq!(
        pushed.events,
        [json!({
            "version": "0", "id": "00000000-0000-4000-9000-000000000001", "detail-type": "ECR Image Action",
            "source": "aws.ecr", "account": "123456789012", "time": "2027-01-15T08:00:01Z", "region": "eu-west-1",
            "resources": [],
            "detail": { "result": "SUCCESS", "repository-name": "team/shop", "image-digest": pushed.digest,
                        "action-type": "PUSH", "image-tag": "main" },
        })]
    );
    let ids = json!({ "repositoryName": "team/shop", "imageIds": [{ "imageTag": "main" }] });
    let (status, reply) = call(&mut registry, "DescribeImages", ids);
    assert_eq!(status, 200);
    assert_eq!(reply["imageDetails"][0]["imageDigest"], pushed.digest);
    assert_eq!(reply["imageDetails"][0]["imageTags"], json!(["main"]));
    assert_eq!(reply["imageDetails"][0]["imagePushedAt"], 1_800_000_001.0);
}

#[test]
fn an_index_is_pushed_after_its_parts_and_those_have_no_tag() {
    let mut registry = registry();
    let architectures = vec!["amd64".to_owned(), "arm64".to_owned()];
    let image = Image { architectures, attestations: true, ..Image::of_revision("abc") };
    let pushed = registry.push("team/shop", "main", &image, at(1)).unwrap();
    assert_eq!(pushed.events.len(), 5);
    assert!(pushed.events[..4].iter().all(|event| event["detail"].get("image-tag").is_none()));
    assert_eq!(pushed.events[4]["detail"]["image-digest"], pushed.digest);
    let body = json!({ "repositoryName": "team/shop", "imageIds": [{ "imageTag": "main" }] });
    let (_, reply) = call(&mut registry, "BatchGetImage", body);
    assert_eq!(reply["images"][0]["imageManifestMediaType"], "application/vnd.oci.image.index.v1+json");
    let text = reply["images"][0]["imageManifest"].as_str().unwrap();
    assert_eq!(digest(text), pushed.digest);
    let index: Value = serde_json::from_str(text).unwrap();
    let platforms: Vec<_> =
        index["manifests"].as_array().unwrap().iter().map(|m| &m["platform"]["os"]).collect();
    assert_eq!(platforms, ["linux", "unknown", "linux", "unknown"]);
    for (status, count) in [("TAGGED", 1), ("UNTAGGED", 4), ("ANY", 5)] {
        let body = json!({ "repositoryName": "team/shop", "filter": { "tagStatus": status } });
        let (_, reply) = call(&mut registry, "DescribeImages", body.clone());
        assert_eq!(reply["imageDetails"].as_array().unwrap().len(), count, "{status}");
        let (_, reply) = call(&mut registry, "ListImages", body);
        assert_eq!(reply["imageIds"].as_array().unwrap().len(), count, "{status}");
    }
    let child = index["manifests"][0]["digest"].as_str().unwrap();
    let refusal = registry.delete_image("team/shop", child, at(2)).unwrap_err();
    assert_eq!(refusal.code, "ImageReferencedByManifestList");
}

#[test]
fn the_revision_is_read_from_the_configuration() {
    let mut registry = registry();
    let pushed = registry.push("team/shop", "main", &image("1"), at(1)).unwrap();
    let ids = json!({ "repositoryName": "team/shop", "imageIds": [{ "imageDigest": pushed.digest }] });
    let (_, reply) = call(&mut registry, "BatchGetImage", ids);
    let manifest: Value =
        serde_json::from_str(reply["images"][0]["imageManifest"].as_str().unwrap()).unwrap();
    let layer = json!({ "repositoryName": "team/shop", "layerDigest": manifest["config"]["digest"] });
    let (_, reply) = call(&mut registry, "GetDownloadUrlForLayer", layer);
    let url = reply["downloadUrl"].as_str().unwrap();
    assert!(url.starts_with("http://127.0.0.1:4000/layers/123456789012/team/shop/sha256:"), "{url}");
    let (status, text) = get(&mut registry, url, 3609);
    assert_eq!((status, digest(&text)), (200, manifest["config"]["digest"].as_str().unwrap().to_owned()));
    let configuration: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(configuration["config"]["Labels"]["org.opencontainers.image.revision"], "abc");
    assert_eq!(configuration["architecture"], "amd64");

    let (status, text) = get(&mut registry, url, 3610);
    assert!(status == 403 && text.contains("Request has expired"));
    let (status, text) = get(&mut registry, &url.replace("Expires=18", "Expires=19"), 0);
    assert!(status == 403 && text.contains("SignatureDoesNotMatch"));
    assert_eq!(get(&mut registry, "/layers/x", 0).0, 403);
}

#[test]
fn an_immutable_tag_stays_where_it_is() {
    let mut registry = registry();
    registry.create_repository("fixed", true, at(0)).unwrap();
    let first = registry.push("fixed", "v1", &image("1"), at(1)).unwrap();
    let again = registry.push("fixed", "v1", &image("1"), at(2)).unwrap();
    assert_eq!((again.digest == first.digest, again.events.len()), (true, 1));
    assert_eq!(
        registry.push("fixed", "v1", &image("2"), at(2)).unwrap_err().code,
        "ImageTagAlreadyExistsException"
    );
    let second = registry.push("fixed", "v2", &image("2"), at(3)).unwrap();
    assert!(registry.retag("fixed", &second.digest, "v1", at(4)).is_err());
    assert_eq!(registry.digest_of("fixed", "v1"), Some(first.digest.as_str()));
}

#[test]
fn a_tag_moves_and_an_image_goes() {
    let mut registry = registry();
    let first = registry.push("team/shop", "main", &image("1"), at(1)).unwrap();
    let second = registry.push("team/shop", "main", &image("2"), at(2)).unwrap();
    assert_ne!(first.digest, second.digest);
    let moved = registry.retag("team/shop", &first.digest, "main", at(3)).unwrap();
    assert_eq!(moved["detail"]["image-digest"], first.digest);
    let gone = registry.delete_image("team/shop", &first.digest, at(4)).unwrap();
    assert_eq!(
        (&gone["detail"]["action-type"], &gone["detail"]["image-tag"]),
        (&json!("DELETE"), &json!("main"))
    );
    assert_eq!(registry.digest_of("team/shop", "main"), None);
    assert!(!registry.has("team/shop", &first.digest));
    assert!(registry.delete_image("team/shop", &first.digest, at(5)).is_err());
    assert!(registry.retag("team/shop", &first.digest, "main", at(5)).is_err());
}

fn refused(registry: &mut Ecr, operation: &str, body: Value) -> (String, String) {
    let (status, reply) = call(registry, operation, body);
    assert_eq!(status, 400, "{reply}");
    (reply["__type"].as_str().unwrap().to_owned(), reply["message"].as_str().unwrap().to_owned())
}

#[test]
fn refusals_have_the_originals_code_and_words() {
    let mut registry = registry();
    let none = digest("none");
    let unknown = "The repository with name 'none' does not exist in the registry with id '123456789012'";
    let elsewhere =
        "The repository with name 'team/shop' does not exist in the registry with id '210987654321'";
    let missing = "The image with imageId {imageDigest:'null', imageTag:'main'} does not exist within the repository with name 'team/shop' in the registry with id '123456789012'";
    let abroad = json!({ "repositoryName": "team/shop", "registryId": "210987654321" });
    let tagged = json!({ "repositoryName": "team/shop", "imageIds": [{ "imageTag": "main" }] });
    let layer = json!({ "repositoryName": "team/shop", "layerDigest": none });
    for (operation, body, code, said) in [
        ("DescribeImages", json!({ "repositoryName": "none" }), "RepositoryNotFoundException", unknown),
        (
            "DescribeRepositories",
            json!({ "repositoryNames": ["none"] }),
            "RepositoryNotFoundException",
            unknown,
        ),
        ("DescribeImages", abroad, "RepositoryNotFoundException", elsewhere),
        ("DescribeImages", tagged, "ImageNotFoundException", missing),
        ("GetDownloadUrlForLayer", layer, "LayersNotFoundException", "The layer with digest"),
        ("DescribeImages", json!({}), "SerializationException", "repositoryName"),
        ("PutImage", json!({}), "UnknownOperationException", ""),
    ] {
        let (seen, message) = refused(&mut registry, operation, body);
        assert_eq!(seen, code);
        assert!(message.contains(said), "{message}");
    }
    registry.settings.throttled = true;
    assert_eq!(refused(&mut registry, "DescribeRepositories", json!({})).0, "ThrottlingException");
    assert_eq!(registry.requests(), 8);
}

#[test]
fn a_parameter_that_breaks_its_rule_is_named() {
    let mut registry = registry();
    for (operation, name, value) in [
        ("DescribeImages", "repositoryName", json!("NO")),
        ("DescribeImages", "imageDigest", json!([{ "imageDigest": "sha256:x" }])),
        ("DescribeImages", "imageTag", json!([{ "imageTag": "a:b" }])),
        ("DescribeImages", "maxResults", json!(0)),
        ("DescribeImages", "nextToken", json!("?")),
        ("BatchGetImage", "imageIds", json!([])),
    ] {
        let field = if name.starts_with("image") { "imageIds" } else { name };
        let mut body = json!({ "repositoryName": "team/shop" });
        body[field] = value;
        let (code, message) = refused(&mut registry, operation, body);
        assert_eq!(code, "InvalidParameterException");
        assert!(
            message.starts_with(&format!("Invalid parameter at '{name}' failed to satisfy")),
            "{message}"
        );
    }
}

#[test]
fn a_batch_tells_what_is_missing_beside_what_is_there() {
    let mut registry = registry();
    registry.push("team/shop", "main", &image("1"), at(1)).unwrap();
    let ids = json!([
        { "imageTag": "main" }, { "imageTag": "none" }, {}, { "imageTag": "main", "imageDigest": digest("other") },
    ]);
    let (_, reply) =
        call(&mut registry, "BatchGetImage", json!({ "repositoryName": "team/shop", "imageIds": ids }));
    assert_eq!(reply["images"].as_array().unwrap().len(), 1);
    let codes: Vec<_> =
        reply["failures"].as_array().unwrap().iter().map(|failure| &failure["failureCode"]).collect();
    assert_eq!(codes, ["ImageNotFound", "MissingDigestAndTag", "ImageTagDoesNotMatchDigest"]);
}

#[test]
fn a_request_names_a_hundred_images_and_a_page_holds_a_thousand() {
    let mut registry = registry();
    registry.push("team/shop", "main", &image("1"), at(1)).unwrap();
    for (count, status) in [(IMAGE_IDS_LIMIT, 200), (IMAGE_IDS_LIMIT + 1, 400)] {
        let ids = vec![json!({ "imageTag": "main" }); count];
        let body = json!({ "repositoryName": "team/shop", "imageIds": ids });
        assert_eq!(call(&mut registry, "DescribeImages", body).0, status);
    }
    for (size, status) in [(PAGE_LIMIT, 200), (PAGE_LIMIT + 1, 400)] {
        let body = json!({ "repositoryName": "team/shop", "maxResults": size });
        assert_eq!(call(&mut registry, "DescribeImages", body).0, status);
    }
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let mut registry = registry();
    for number in 0..5 {
        registry.push("team/shop", &format!("v{number}"), &image(&number.to_string()), at(1)).unwrap();
    }
    for (operation, list) in [("DescribeImages", "imageDetails"), ("ListImages", "imageIds")] {
        let (mut token, mut sizes, mut seen) = (Value::Null, Vec::new(), std::collections::BTreeSet::new());
        loop {
            let mut body = json!({ "repositoryName": "team/shop", "maxResults": 2 });
            if token.is_string() {
                body["nextToken"] = token;
            }
            let (_, reply) = call(&mut registry, operation, body);
            let page = reply[list].as_array().unwrap();
            sizes.push(page.len());
            seen.extend(page.iter().map(|image| image["imageDigest"].as_str().unwrap().to_owned()));
            token = reply["nextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        assert_eq!((sizes, seen.len()), (vec![2, 2, 1], 5));
    }
}

#[test]
fn people_are_refused_too() {
    let mut registry = registry();
    assert_eq!(
        registry.create_repository("team/shop", false, at(0)).unwrap_err().code,
        "RepositoryAlreadyExistsException"
    );
    assert_eq!(
        registry.push("none", "main", &image("1"), at(0)).unwrap_err().code,
        "RepositoryNotFoundException"
    );
    assert_eq!(
        registry.push("team/shop", "a:b", &image("1"), at(0)).unwrap_err().code,
        "InvalidParameterException"
    );
    let nothing = Image { architectures: Vec::new(), ..image("1") };
    assert_eq!(
        registry.push("team/shop", "main", &nothing, at(0)).unwrap_err().code,
        "InvalidParameterException"
    );
}

#[test]
fn it_is_stored_and_read_back_unchanged() {
    let mut registry = registry();
    let pushed = registry.push("team/shop", "main", &image("1"), at(1)).unwrap();
    let text = serde_json::to_string(&registry).unwrap();
    let back: Ecr = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    assert!(back.has("team/shop", &pushed.digest));
}
