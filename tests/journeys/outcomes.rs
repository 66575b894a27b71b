//! A pipeline tells what it built, and waits for the one outcome of that.

use super::*;
use http::{Request, Response, StatusCode, header};
use roadstead_domain::image::ImageRepository;
use roadstead_runtime::door::{ConfigurationsDoor, HttpApi, ImagesDoor, Notebook, http_api::http_api};
use roadstead_senders::{Secret, images::Key};
use serde_json::{Value, json};

const KEY: &str = "the key of a pipeline";
const REGISTRY: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/// A pipeline, and the preview that it builds images for. The registry itself tells nothing.
struct Pipeline {
    preview: Preview,
    door: HttpApi,
}

impl Pipeline {
    async fn begin() -> Self {
        let preview = Preview::begin(sample).await;
        preview.world.dropped.lock().unwrap().insert("image");
        let image = ImageRepository { registry: REGISTRY.to_owned(), path: "shop/web".to_owned() };
        let secret = Secret::new(KEY).unwrap();
        let keys = vec![Key { name: "ci".to_owned(), secret, images: [image].into() }];
        let notebook = Notebook::from(preview.world.context.clone());
        let door = HttpApi {
            images: ImagesDoor { notebook: notebook.clone(), keys },
            configurations: ConfigurationsDoor { notebook, keys: vec![] },
        };
        Self { preview, door }
    }

    async fn call(&self, method: &str, path: &str, body: &str) -> Response<String> {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {KEY}")).body(()).unwrap();
        http_api(&self.door, &request.into_parts().0, body.as_bytes()).await
    }

    /// Tells the door of an image; where its outcome can be asked for.
    async fn tells(&self, digest: &str, commit: &str) -> String {
        let image = format!("{REGISTRY}/shop/web");
        let body = json!({ "image": image, "digest": digest, "commit": commit, "run": 1 }).to_string();
        let answer = self.call("POST", "/images", &body).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let told: Value = serde_json::from_str(answer.body()).unwrap();
        assert_eq!(told["outcome"], answer.headers()[header::LOCATION].to_str().unwrap());
        told["outcome"].as_str().unwrap().to_owned()
    }

    /// Somebody pushes, the pipeline builds `web` from it, and tells; the digest and where the outcome is.
    async fn builds(&self, text: &str) -> (String, String) {
        let head = self.preview.world.push("feature", text);
        self.preview.world.pass(Duration::from_millis(100)).await;
        let digest = self.preview.world.build_head(self.preview.number, "web");
        let outcome = self.tells(&digest, &head).await;
        (digest, outcome)
    }

    async fn outcome(&self, path: &str) -> Value {
        let answer = self.call("GET", path, "").await;
        let told: Value = serde_json::from_str(answer.body()).unwrap();
        assert_eq!(answer.headers().contains_key(header::RETRY_AFTER), told["state"] == "pending");
        assert_eq!(told["done"], json!(told["state"] != "pending"));
        told
    }

    /// What the outcome is of the one environment that it is about.
    async fn of_preview(&self, path: &str) -> Value {
        self.outcome(path).await["environments"][&self.preview.id].clone()
    }
}

#[test]
fn an_image_is_waited_for_until_its_environment_is_ready() {
    crate::simulation::in_virtual_time(async {
        let pipeline = Pipeline::begin().await;
        let (digest, outcome) = pipeline.builds("a change").await;
        assert_eq!(pipeline.outcome(&outcome).await["text"], "It was noted, and is about to be looked at.");
        pipeline.preview.world.pass(Duration::from_millis(300)).await;
        let told = pipeline.outcome(&outcome).await;
        assert_eq!((&told["state"], &told["done"]), (&json!("pending"), &json!(false)), "{told}");

        pipeline.preview.world.pass(A_WHILE).await;
        pipeline.preview.world.runs(&pipeline.preview.id, &digest, &pipeline.preview.staging[1]).unwrap();
        let environment = pipeline.preview.world.environment(&pipeline.preview.id).unwrap();
        let told = pipeline.outcome(&outcome).await;
        assert_eq!(told["state"], "ready", "{told}");
        let expected = json!({
            "state": "ready", "text": "ready", "generation": environment.carrying, "url": environment.url,
        });
        assert_eq!(told["environments"], json!({ &pipeline.preview.id: expected }));
    });
}

#[test]
fn a_broken_image_ends_in_its_failure_and_stays_there() {
    crate::simulation::in_virtual_time(async {
        let pipeline = Pipeline::begin().await;
        let world = &pipeline.preview.world;
        let head = world.push("feature", "a bad change");
        world.pass(Duration::from_millis(100)).await;
        let bad = world.build_head(pipeline.preview.number, "web");
        world.cluster.lock().unwrap().set_missing_images([bad.clone()].into());
        let outcome = pipeline.tells(&bad, &head).await;
        world.pass(A_WHILE).await;
        let failed = pipeline.outcome(&outcome).await;
        assert_eq!(failed["state"], "failed", "{failed}");
        assert!(
            failed["text"].as_str().unwrap().contains("is not in the registry: build and push it again"),
            "{failed}"
        );

        let (_, repaired) = pipeline.builds("a good change").await;
        world.pass(A_WHILE).await;
        assert_eq!(pipeline.outcome(&repaired).await["state"], "ready");
        assert_eq!(pipeline.outcome(&outcome).await, failed);
    });
}

#[test]
fn an_image_whose_generation_is_superseded_ends_with_the_one_that_took_its_place() {
    crate::simulation::in_virtual_time(async {
        let pipeline = Pipeline::begin().await;
        let (_, first) = pipeline.builds("a change").await;
        pipeline.preview.world.pass(Duration::from_millis(300)).await;
        let led_to = pipeline.of_preview(&first).await["generation"].as_u64().unwrap();
        let (second, newer) = pipeline.builds("another change").await;
        pipeline.preview.world.pass(A_WHILE).await;
        pipeline.preview.world.runs(&pipeline.preview.id, &second, &pipeline.preview.staging[1]).unwrap();
        let (told, newest) = (pipeline.of_preview(&first).await, pipeline.of_preview(&newer).await);
        let by = newest["generation"].as_u64().unwrap();
        assert!(by > led_to, "{by} after {led_to}");
        let text =
            format!("generation {by} took the place of generation {led_to}: ready, with another image");
        assert_eq!(
            (&told["state"], &told["text"], &told["generation"]),
            (&json!("nothing"), &json!(text), &json!(by))
        );
        assert_eq!((&newest["state"], &newest["text"]), (&json!("ready"), &json!("ready")));
    });
}

#[test]
fn an_image_that_nobody_waits_for_ends_in_nothing() {
    crate::simulation::in_virtual_time(async {
        let pipeline = Pipeline::begin().await;
        let world = &pipeline.preview.world;
        let (digest, commit) = (pipeline.preview.staging[0].clone(), "c".repeat(40));
        let outcome = pipeline.tells(&digest, &commit).await;
        world.pass(A_WHILE).await;
        let told = pipeline.outcome(&outcome).await;
        assert_eq!((&told["state"], &told["environments"]), (&json!("nothing"), &json!({})), "{told}");
        assert_eq!(told["text"], "no environment waits for this image");
    });
}

#[test]
fn an_image_for_a_preview_that_is_closed_meanwhile_ends_in_nothing() {
    crate::simulation::in_virtual_time(async {
        let pipeline = Pipeline::begin().await;
        let (_, outcome) = pipeline.builds("a change").await;
        pipeline.preview.world.pass(Duration::from_millis(500)).await;
        pipeline.preview.world.close(pipeline.preview.number);
        pipeline.preview.world.pass(Duration::from_secs(5)).await;
        let going = pipeline.of_preview(&outcome).await;
        assert_eq!(going["state"], "nothing", "{going}");
        pipeline.preview.world.pass(A_WHILE).await;
        pipeline.preview.world.gone(&pipeline.preview.id).unwrap();
        let told = pipeline.of_preview(&outcome).await;
        assert_eq!((&told["state"], &told.get("url")), (&json!("nothing"), &None));
        assert!(told["text"].as_str().unwrap().ends_with("gone; nothing is left"), "{told}");
    });
}
