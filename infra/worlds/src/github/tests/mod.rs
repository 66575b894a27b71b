mod checks;
mod comments;
mod deliveries;
mod deployments;
mod limits;
mod people;
mod reading;
mod tokens;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, Request, Response};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::*;

/// A key of these tests alone: `RSAPrivateKey` of PKCS #1, in DER.
const KEY: &[u8] = include_bytes!("app-key.der");

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn key() -> RsaKeyPair {
    RsaKeyPair::from_der(KEY).unwrap()
}

fn signed(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let key = key();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The App's own token for a moment, good for nine minutes.
fn application_token(second: i64) -> String {
    let now = at(second).as_second();
    signed(&json!({ "alg": "RS256" }), &json!({ "iss": 77, "iat": now - 60, "exp": now + 540 }))
}

/// A GitHub with one repository of one organisation, where the App is installed.
struct Scene {
    world: GitHub,
    repository: u64,
    installation: u64,
    token: String,
    now: i64,
}

fn scene() -> Scene {
    let public_key = key().public_key().as_ref().to_vec();
    let app = App { id: 77, client_id: "Iv1.roadstead".to_owned(), slug: "roadstead".to_owned(), public_key };
    let mut world = GitHub::new(app, Settings::default());
    world.create_organization("acme");
    let files = [
        FileChange::Put("score.yaml", b"apiVersion: score.dev/v1b1\n"),
        FileChange::Put("deploy/web.yaml", b"web"),
        FileChange::Link("deploy/link.yaml", "../score.yaml"),
        FileChange::Link("outside", "../../etc/passwd"),
        FileChange::Link("twice", "deploy/link.yaml"),
    ];
    let repository = world.create_repository("acme", "shop", true, &files, at(0));
    let (installation, _) = world.install("acme", &[repository], at(0)).unwrap();
    let mut scene = Scene { world, repository, installation, token: String::new(), now: 10 };
    scene.token = scene.new_token();
    scene
}

impl Scene {
    fn new_token(&mut self) -> String {
        let path = format!("/app/installations/{}/access_tokens", self.installation);
        let (status, reply) = self.send_as(&application_token(self.now), Method::POST, &path, &json!({}));
        assert_eq!(status, 201, "{reply}");
        reply["token"].as_str().unwrap().to_owned()
    }

    fn respond(&mut self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        self.world.handle(&request, at(self.now))
    }

    fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let bearer = format!("Bearer {}", self.token);
        Request::builder()
            .method(method)
            .uri(path)
            .header("user-agent", "test")
            .header("authorization", bearer)
    }

    fn send_as(&mut self, token: &str, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path).header("user-agent", "test");
        let request = request.header("authorization", format!("Bearer {token}"));
        let response = self.respond(request.body(body.to_string().into_bytes()).unwrap());
        let status = response.status().as_u16();
        (status, serde_json::from_slice(response.body()).unwrap_or(Value::Null))
    }

    fn send(&mut self, method: Method, rest: &str, body: &Value) -> (u16, Value) {
        let token = self.token.clone();
        self.send_as(&token, method, &format!("/repos/acme/shop{rest}"), body)
    }

    fn get(&mut self, rest: &str) -> (u16, Value) {
        self.send(Method::GET, rest, &Value::Null)
    }

    fn found(&mut self, rest: &str) -> Value {
        let (status, reply) = self.get(rest);
        assert_eq!(status, 200, "{rest}: {reply}");
        reply
    }

    /// Opens a pull request that changes one file on a branch of its own; returns its number.
    fn open(&mut self, branch: &str) -> u64 {
        let main = self.world.commit_id(self.repository, "main").unwrap();
        let file = format!("{branch}.txt");
        let changes = [FileChange::Put(&file, branch.as_bytes())];
        let head =
            self.world.commit(self.repository, &main, "ann", "Change", &changes, at(self.now)).unwrap();
        self.world.push(self.repository, branch, &head, "ann", at(self.now)).unwrap();
        let new = self.new_pull(branch);
        self.world.open_pull_request(self.repository, new, at(self.now)).unwrap().0
    }

    fn new_pull<'a>(&self, branch: &'a str) -> NewPullRequest<'a> {
        NewPullRequest {
            head_repository: self.repository,
            head_branch: branch,
            base_branch: "main",
            title: "A change",
            author: "ann",
            draft: false,
        }
    }
}

#[test]
fn it_is_stored_and_read_back_unchanged() {
    let mut scene = scene();
    let number = scene.open("topic");
    scene.world.comment(scene.repository, number, "ann", "hello", at(11)).unwrap();
    let text = serde_json::to_string(&scene.world).unwrap();
    let back: GitHub = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    assert!(!text.contains(&scene.token), "tokens are kept by their hash");
    scene.world = back;
    assert_eq!(scene.found("/pulls/1")["title"], "A change");
}

#[test]
fn the_same_story_makes_the_same_world() {
    let story = || {
        let mut scene = scene();
        scene.open("topic");
        serde_json::to_string(&scene.world).unwrap()
    };
    assert_eq!(story(), story());
}
