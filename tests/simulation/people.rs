//! What people and pipelines do, and what of it reaches the doors.

use super::world::{CHANNEL, SECRET, World};
use http::Request;
use roadstead_runtime::door::{
    ImagesDoor, eventbridge::registry_push, github::github, images::images as door_of_images, slack::slack,
};
use roadstead_senders::{Secret, images};
use roadstead_steps::nouns::Time;
use roadstead_worlds::{
    ecr::Image,
    github::{Delivery, FileChange, NewPullRequest},
    slack::TypedCommand,
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// How often, in a thousand, a webhook or an event never comes.
const LOST: u64 = 100;
/// How often it comes twice.
const TWICE: u64 = 100;

impl World {
    /// Sends webhooks as GitHub would: late, twice, out of order, or not at all.
    pub fn deliver(self: &Arc<Self>, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            let action = delivery.body["action"].as_str().unwrap_or_default();
            if self.dropped.lock().unwrap().contains(action) {
                continue;
            }
            let faulty = self.faults.on.load(Ordering::SeqCst);
            let copies = match self.chance.below(1_000) {
                dice if faulty && dice < LOST / 2 => 0,
                dice if faulty && dice < LOST => {
                    self.github.lock().unwrap().note_delivery(&delivery, None, self.time.now());
                    0
                }
                dice if faulty && dice < LOST + TWICE => 2,
                _ => 1,
            };
            for _ in 0..copies {
                let (world, delivery) = (self.clone(), delivery.clone());
                let delay = if faulty { self.chance.below(20_000) } else { 0 };
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(delay)).await;
                    world.post(&delivery).await;
                });
            }
        }
    }

    /// Sends one webhook now, and answers its status; the host remembers it. A door that is down answers nothing.
    pub async fn post(&self, delivery: &Delivery) -> u16 {
        let status = if self.door_down.load(Ordering::SeqCst) {
            502
        } else {
            let mut request = delivery.signed(SECRET);
            *request.uri_mut() = "/github/app".parse().unwrap();
            let (parts, body) = request.into_parts();
            github(&self.github_door, &parts, &body).await.status().as_u16()
        };
        self.github.lock().unwrap().note_delivery(delivery, Some(status), self.time.now());
        status
    }

    /// The host delivers again what it was asked for.
    pub fn redeliver(self: &Arc<Self>) {
        let asked = self.github.lock().unwrap().take_deliveries();
        self.deliver(asked.into_iter().filter(|webhook| webhook.redelivery).collect());
    }

    /// Lets EventBridge carry events of the registry, as well as it does.
    pub fn tell_events(self: &Arc<Self>, events: Vec<Value>) {
        if self.dropped.lock().unwrap().contains("image") {
            return;
        }
        for event in events {
            let faulty = self.faults.on.load(Ordering::SeqCst);
            if faulty && self.chance.in_thousand(LOST) {
                continue;
            }
            let world = self.clone();
            let delay = if faulty { self.chance.below(5_000) } else { 0 };
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(delay)).await;
                let _ = registry_push(&world.registry_door, event.to_string().as_bytes()).await;
            });
        }
    }

    /// A pipeline says at its door what it built.
    pub async fn tell_built(&self, image: &str, digest: &str, commit: &str, run: u64, tag: Option<&str>) {
        let mut body = json!({ "image": image, "digest": digest, "commit": commit, "run": run });
        if let Some(tag) = tag {
            body["tag"] = tag.into();
        }
        self.tell_door("ci", &body).await;
    }

    /// The holder of a key says this at the door of pipelines, each time anew.
    pub async fn tell_door(&self, name: &str, body: &Value) {
        let image = images::image_repository(body["image"].as_str().unwrap()).unwrap();
        let key = images::Key {
            name: name.to_owned(),
            secret: Secret::new(SECRET.to_vec()).unwrap(),
            images: [image].into(),
        };
        let door = ImagesDoor { notebook: self.registry_door.notebook.clone(), keys: vec![key] };
        let request = Request::post("/images")
            .header("authorization", format!("Bearer {}", String::from_utf8_lossy(SECRET)))
            .header("content-type", "application/json")
            .header("idempotency-key", format!("said-{}", self.chance.below(u64::MAX)));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let answer = door_of_images(&door, &parts, body.to_string().as_bytes()).await;
        assert_eq!(answer.status().as_u16(), 202);
    }

    /// A pipeline pushes an image that says it was built from a revision.
    pub fn build(self: &Arc<Self>, workload: &str, tag: &str, revision: &str) -> String {
        let image = Image { content: format!("{workload} {tag}"), ..Image::of_revision(revision) };
        let pushed =
            self.ecr.lock().unwrap().push(&format!("shop/{workload}"), tag, &image, self.time.now()).unwrap();
        self.tell_events(pushed.events);
        pushed.digest
    }

    /// Somebody pushes to a branch; the new commit's id.
    pub fn push(self: &Arc<Self>, branch: &str, text: &str) -> String {
        self.push_file(branch, "README.md", text)
    }

    /// Somebody pushes another content of one file; the new commit's id.
    pub fn push_file(self: &Arc<Self>, branch: &str, path: &str, text: &str) -> String {
        let change = [FileChange::Put(path, text.as_bytes())];
        let pushed = self.github.lock().unwrap().commit_and_push(
            self.repository,
            branch,
            "ada",
            &change,
            self.time.now(),
        );
        let (commit, deliveries) = pushed.unwrap();
        self.deliver(deliveries);
        commit
    }

    /// Somebody branches off main, and opens a pull request; its number.
    pub fn open(self: &Arc<Self>) -> u64 {
        self.open_as("ada", "feature", false)
    }

    /// Somebody branches off main with a commit that says it is of `ada`, and opens a pull request or a draft of one.
    pub fn open_as(self: &Arc<Self>, author: &str, branch: &str, draft: bool) -> u64 {
        self.open_from(self.repository, author, branch, draft)
    }

    /// Somebody forks the repository, and opens a pull request from there; the fork and the number.
    pub fn open_from_fork(self: &Arc<Self>, author: &str) -> (u64, u64) {
        let fork = self.github.lock().unwrap().fork(self.repository, author, self.time.now()).unwrap();
        (fork, self.open_from(fork, author, "feature", false))
    }

    fn open_from(self: &Arc<Self>, from: u64, author: &str, branch: &str, draft: bool) -> u64 {
        let now = self.time.now();
        let mut github = self.github.lock().unwrap();
        let change = [FileChange::Put("README.md", branch.as_bytes())];
        let commit = github.commit(from, "heads/main", "ada", "A change", &change, now).unwrap();
        let pushed = github.push(from, branch, &commit, author, now).unwrap();
        let new = NewPullRequest {
            head_repository: from,
            head_branch: branch,
            base_branch: "main",
            title: "A change",
            author,
            draft,
        };
        let (number, opened) = github.open_pull_request(self.repository, new, now).unwrap();
        drop(github);
        self.deliver(pushed.into_iter().chain(opened).collect());
        number
    }

    /// Somebody makes a draft of a pull request, or a pull request of a draft.
    pub fn set_draft(self: &Arc<Self>, number: u64, draft: bool) {
        let told =
            self.github.lock().unwrap().set_draft(self.repository, number, draft, "ada", self.time.now());
        self.deliver(told.unwrap());
    }

    /// Somebody closes the pull request.
    pub fn close(self: &Arc<Self>, number: u64) {
        let closed =
            self.github.lock().unwrap().close_pull_request(self.repository, number, "ada", self.time.now());
        self.deliver(closed.unwrap());
    }

    /// Somebody opens it again.
    pub fn reopen(self: &Arc<Self>, number: u64) {
        let opened =
            self.github.lock().unwrap().reopen_pull_request(self.repository, number, "ada", self.time.now());
        self.deliver(opened.unwrap());
    }

    /// Somebody asks for a check run again.
    pub fn check_again(self: &Arc<Self>, who: &str, id: u64) {
        let told = self.github.lock().unwrap().rerequest_check(self.repository, id, who);
        self.deliver(told.unwrap());
    }

    /// Somebody asks for all checks of a commit again.
    pub fn checks_again(self: &Arc<Self>, who: &str, commit: &str) {
        let told = self.github.lock().unwrap().rerequest_suite(self.repository, commit, who);
        self.deliver(told.unwrap());
    }

    /// Somebody types a command in the application's channel, which comes twice now and then; the address at
    /// which it is answered, and what is shown at once.
    pub async fn types(self: &Arc<Self>, user: &str, line: &str) -> (String, String) {
        let now = self.time.now();
        let typed = self.slack.lock().unwrap().type_command(user, CHANNEL, line, now).unwrap();
        let answer = self.bring(&typed).await;
        if self.faults.on.load(Ordering::SeqCst) && self.chance.in_thousand(TWICE) {
            self.bring(&typed).await;
        }
        (typed.reply, answer)
    }

    /// Brings a command to the door, and shows what the door answers, if that is to be shown.
    pub async fn bring(&self, typed: &TypedCommand) -> String {
        let (parts, body) = typed.signed(SECRET, self.time.now()).into_parts();
        let answer = slack(&self.slack_door, &parts, &body).await;
        if answer.status().is_success() {
            self.slack.lock().unwrap().answered(&typed.reply, answer.body().as_bytes());
        }
        let shown: Value = serde_json::from_str(answer.body()).unwrap();
        shown["text"].as_str().unwrap_or_default().to_owned()
    }

    /// The pipeline of a pull request: it builds the test merge of its head, under a tag that names the head.
    pub fn build_head(self: &Arc<Self>, number: u64, workload: &str) -> String {
        let github = self.github.lock().unwrap();
        let head = github.pull_request(self.repository, number).unwrap().head_sha.clone();
        let merge = github.merge_commit(self.repository, number).map_or_else(|| head.clone(), str::to_owned);
        drop(github);
        self.build(workload, &format!("pr-{number}-{head}"), &merge)
    }

    /// The pipeline of main builds everything.
    pub fn build_main(self: &Arc<Self>) -> [String; 2] {
        let head = self.github.lock().unwrap().commit_id(self.repository, "heads/main").unwrap();
        ["web", "worker"].map(|workload| self.build(workload, &format!("sha-{head}"), &head))
    }
}
