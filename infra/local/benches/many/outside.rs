//! What people, pipelines and platform engineers do to the stack that is measured.

use http::{Method, Request};
use jiff::Timestamp;
use roadstead::stack::Stack;
use roadstead_web::{Https, Transport as _};
use roadstead_worlds::github::{Delivery, FileChange, NewPullRequest};
use std::time::{Duration, Instant};

/// The name of the standing environment that the sample has.
const STAGING: &str = "      staging: { type: staging, branch: main }\n";

/// The outside of a stack.
pub(crate) struct Outside<'a> {
    pub(crate) stack: &'a Stack,
    transport: Https,
}

impl<'a> Outside<'a> {
    pub(crate) fn new(stack: &'a Stack) -> Self {
        Self { stack, transport: Https::new(true).unwrap() }
    }

    /// GitHub answers as often as it is asked.
    pub(crate) fn lift_limits(&self) {
        self.stack.worlds.code.change(|code| {
            code.github.settings.requests_per_hour = u32::MAX;
            code.github.settings.creations_per_minute = usize::MAX;
        });
    }

    /// The name of one standing environment.
    pub(crate) fn standing(number: usize) -> String {
        format!("shop/standing-{number}")
    }

    /// Lets so many standing environments follow `main`, the sample's own among them, each with a record of its own, in one cluster.
    pub(crate) async fn configure(&self, standing: usize) {
        let file = self.stack.worlds.platform_file();
        let more: String =
            (1..standing).map(|number| STAGING.replace("staging:", &format!("standing-{number}:"))).collect();
        let file = file.replace(STAGING, &format!("{STAGING}{more}"));
        let file = file.replace("clusters: [main, second]", "clusters: [main]");
        let file = file.replace("limit: 3\n", "limit: 500\n").replace("limit: 20\n", "limit: 500\n");
        let request = Request::post(&self.stack.local.doors.configurations)
            .header("authorization", format!("Bearer {}", self.stack.local.secrets.configurations))
            .header("content-type", "application/yaml")
            .body(file.into_bytes())
            .unwrap();
        let answer = self.transport.call(request).await.unwrap();
        assert_eq!(answer.status(), 202, "{}", String::from_utf8_lossy(answer.body()));
    }

    /// The head of `main`.
    pub(crate) fn head(&self) -> String {
        self.stack.worlds.code.read(|code| code.github.commit_id(code.repository, "heads/main").unwrap())
    }

    /// The pipeline builds everything from a commit.
    pub(crate) async fn build(&self, commit: &str) {
        for repository in ["shop/web", "shop/worker"] {
            self.stack.people().build(repository, commit).await.unwrap();
        }
    }

    /// A commit on top of `main` that nobody has pushed yet.
    pub(crate) fn commit(&self) -> String {
        let change = [FileChange::Put("web/page.html", b"<h1>many</h1>\n")];
        self.stack.worlds.code.change(|code| {
            let (github, repository) = (&mut code.github, code.repository);
            github.commit(repository, "heads/main", "ada", "For many", &change, Timestamp::now()).unwrap()
        })
    }

    /// Somebody pushes the commit to `main`; how long the door took.
    pub(crate) async fn push(&self, commit: &str) -> Duration {
        let deliveries = self.stack.worlds.code.change(|code| {
            code.github.push(code.repository, "main", commit, "ada", Timestamp::now()).unwrap()
        });
        self.deliver(&deliveries).await
    }

    /// Somebody opens a pull request from a branch of its own; its number.
    pub(crate) async fn open(&self, branch: u64) -> u64 {
        let (number, deliveries) = self.stack.worlds.code.change(|code| {
            let (github, repository, now) = (&mut code.github, code.repository, Timestamp::now());
            let branch = format!("branch-{branch}");
            let change = [FileChange::Put("web/page.html", branch.as_bytes())];
            let commit = github.commit(repository, "heads/main", "ada", "A change", &change, now).unwrap();
            let pushed = github.push(repository, &branch, &commit, "ada", now).unwrap();
            let new = NewPullRequest {
                head_repository: repository,
                head_branch: &branch,
                base_branch: "main",
                title: "A change",
                author: "ada",
                draft: false,
            };
            let (number, opened) = github.open_pull_request(repository, new, now).unwrap();
            (number, pushed.into_iter().chain(opened).collect::<Vec<_>>())
        });
        self.deliver(&deliveries).await;
        number
    }

    /// Somebody closes it.
    pub(crate) async fn close(&self, number: u64) {
        let deliveries = self.stack.worlds.code.change(|code| {
            code.github.close_pull_request(code.repository, number, "ada", Timestamp::now()).unwrap()
        });
        self.deliver(&deliveries).await;
    }

    /// Brings webhooks to the door; how long the slowest took.
    async fn deliver(&self, deliveries: &[Delivery]) -> Duration {
        let mut slowest = Duration::ZERO;
        for delivery in deliveries {
            let mut request = delivery.signed(self.stack.local.secrets.github.as_bytes());
            *request.uri_mut() = self.stack.local.doors.github.parse().unwrap();
            *request.method_mut() = Method::POST;
            let begun = Instant::now();
            let answer = self.transport.call(request).await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.status());
            slowest = slowest.max(begun.elapsed());
        }
        slowest
    }

    /// How many requests Route 53 was sent, and how many batches of changes it accepted.
    pub(crate) fn dns(&self) -> (u64, usize) {
        self.stack.worlds.names.read(|names| (names.route53.requests(), names.route53.accepted_changes()))
    }

    /// The objects of previews that are in any cluster.
    pub(crate) fn left_of_previews(&self) -> Vec<String> {
        let of = |cluster: &roadstead_worlds::cluster::Cluster| -> Vec<String> {
            let marks = cluster.objects().filter_map(|object| {
                object["metadata"]["annotations"]["roadstead.dev/mark"].as_str().map(str::to_owned)
            });
            marks.filter(|mark| mark.contains("/pr-")).collect()
        };
        self.stack.worlds.clusters.values().flat_map(|cluster| cluster.read(of)).collect()
    }
}
