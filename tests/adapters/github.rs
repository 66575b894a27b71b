//! The GitHub App against the model of GitHub.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use ring::signature::RsaKeyPair;
use roadstead_domain::repository::{Commit, Host, Repository};
use roadstead_steps::nouns::git_host::{
    Check, CheckState, DeploymentState, DeploymentStatus, OpenPullRequests,
};
use roadstead_steps::nouns::{CallError, GitHost, Time};
use roadstead_web::Transport;
use roadstead_web::github::{AppKey, GITHUB, Github, Settings};
use roadstead_worlds::github::{App, FileChange, GitHub as World, NewPullRequest, Settings as WorldSettings};
use std::sync::{Arc, Mutex};

const KEY: &str = include_str!("../../shared/web/src/github/tests/app-pkcs1.pem");
const APP: u64 = 7;

struct Model {
    world: Mutex<World>,
    now: Mutex<Timestamp>,
}

#[async_trait::async_trait]
impl Transport for Model {
    async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        Ok(self.world.lock().unwrap().handle(&request, self.now()))
    }
}

#[async_trait::async_trait]
impl Time for Model {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    async fn sleep(&self, span: SignedDuration) {
        *self.now.lock().unwrap() += span;
    }
}

fn app() -> App {
    let digits: String = KEY.lines().filter(|line| !line.starts_with('-')).collect();
    let pair = RsaKeyPair::from_der(&STANDARD.decode(digits).unwrap()).unwrap();
    let public_key = pair.public().as_ref().to_vec();
    App { id: APP, client_id: "Iv1.roadstead".to_owned(), slug: "roadstead".to_owned(), public_key }
}

/// A repository with a pull request from the branch `feature/a b`, and the App installed.
fn prepared() -> (Arc<Model>, Github, Repository, u64) {
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    let mut world = World::new(app(), WorldSettings::default());
    let id = world.create_repository("acme", "shop", true, &[FileChange::Put("score.yaml", b"hello")], now);
    let base = world.commit_id(id, "main").unwrap();
    world.push(id, "feature/a b", &base, "ada", now).unwrap();
    world.commit_and_push(id, "feature/a b", "ada", &[FileChange::Put("x", b"1")], now).unwrap();
    let new = NewPullRequest {
        title: "A change",
        author: "ada",
        head_repository: id,
        head_branch: "feature/a b",
        base_branch: "main",
        draft: false,
    };
    let (number, _) = world.open_pull_request(id, new, now).unwrap();
    let (installation, _) = world.install("acme", &[id], now).unwrap();
    let model = Arc::new(Model { world: Mutex::new(world), now: Mutex::new(now) });
    let key = AppKey::from_pem(KEY).unwrap();
    let settings = Settings { base: GITHUB.to_owned(), app: APP, key, installation };
    let github = Github::with_transport(settings, Arc::<Model>::clone(&model), Arc::<Model>::clone(&model));
    let repository = Repository { host: Host::Github, id, full_name: "acme/shop".to_owned() };
    (model, github, repository, number)
}

async fn head(github: &Github, repository: &Repository) -> Commit {
    github.branch(repository, "feature/a b").await.unwrap().unwrap()
}

#[tokio::test]
async fn pull_requests_are_as_the_host_shows_them() {
    let (model, github, repository, number) = prepared();
    let pull = github.pull_request(&repository, number).await.unwrap();
    assert!(pull.open && !pull.draft && !pull.is_from_fork(&repository));
    assert_eq!(pull.head, head(&github, &repository).await);
    let open = github.open_pull_requests(&repository, None).await.unwrap();
    let OpenPullRequests::These { pull_requests, tag: Some(tag) } = open else { panic!("{open:?}") };
    assert_eq!(pull_requests, [pull]);
    let again = github.open_pull_requests(&repository, Some(&tag)).await.unwrap();
    assert_eq!(again, OpenPullRequests::Unchanged);
    let now = model.now();
    model.world.lock().unwrap().close_pull_request(repository.id, number, "ada", now).unwrap();
    assert!(!github.pull_request(&repository, number).await.unwrap().open);
    let closed = github.open_pull_requests(&repository, Some(&tag)).await.unwrap();
    assert!(matches!(closed, OpenPullRequests::These { pull_requests, .. } if pull_requests.is_empty()));
}

#[tokio::test]
async fn commits_and_files_are_read_at_the_source() {
    let (_, github, repository, _) = prepared();
    let head = head(&github, &repository).await;
    let shown = github.commit(&repository, &head).await.unwrap().unwrap();
    let main = github.branch(&repository, "main").await.unwrap().unwrap();
    assert_eq!((shown.commit, shown.parents), (head.clone(), vec![main]));
    assert_eq!(github.branch(&repository, "none").await, Ok(None));
    let unknown: Commit = "d".repeat(40).parse().unwrap();
    assert_eq!(github.commit(&repository, &unknown).await, Ok(None));
    let file = github.file(&repository, &head, "score.yaml", 5).await;
    assert_eq!(file, Ok(Some(b"hello".to_vec())));
    assert!(matches!(github.file(&repository, &head, "score.yaml", 4).await, Err(CallError::Refused { .. })));
    assert_eq!(github.file(&repository, &head, "none.yaml", 5).await, Ok(None));
}

#[tokio::test]
async fn comments_of_ours_are_found_changed_and_deleted() {
    let (model, github, repository, number) = prepared();
    let now = model.now();
    model.world.lock().unwrap().comment(repository.id, number, "eve", "<!-- m --> copied", now).unwrap();
    let id = github.create_comment(&repository, number, "<!-- m --> one").await.unwrap();
    github.update_comment(&repository, id, "<!-- m --> two").await.unwrap();
    let ours = github.comments(&repository, number, "<!-- m -->").await.unwrap();
    assert_eq!(ours.len(), 1);
    assert_eq!((ours[0].id, ours[0].body.as_str()), (id, "<!-- m --> two"));
    github.delete_comment(&repository, id).await.unwrap();
    github.delete_comment(&repository, id).await.unwrap();
    let gone = github.update_comment(&repository, id, "three").await;
    assert!(matches!(gone, Err(CallError::Missing { .. })), "{gone:?}");
}

#[tokio::test]
async fn deployments_are_created_found_and_told() {
    let (model, github, repository, _) = prepared();
    let head = head(&github, &repository).await;
    let payload = r#"{"mark":"i/shop/pr-1","generation":3}"#;
    assert_eq!(github.find_deployment(&repository, "shop/pr-1", payload).await, Ok(None));
    let id = github.create_deployment(&repository, "shop/pr-1", &head, payload, true).await.unwrap();
    assert_eq!(github.find_deployment(&repository, "shop/pr-1", payload).await, Ok(Some(id)));
    let url = Some("https://pr-1.example".to_owned());
    let status = DeploymentStatus { state: DeploymentState::Success, description: "ready".to_owned(), url };
    github.set_deployment_status(&repository, id, "shop/pr-1", &status).await.unwrap();
    let world = model.world.lock().unwrap();
    assert_eq!(world.deployments(repository.id)[0].statuses.len(), 1);
}

#[tokio::test]
async fn check_runs_are_created_found_and_told() {
    let (model, github, repository, _) = prepared();
    let head = head(&github, &repository).await;
    let mut check = Check {
        name: "Roadstead: shop/pr-1".to_owned(),
        state: CheckState::Queued,
        title: "waits".to_owned(),
        summary: "for images".to_owned(),
        url: None,
    };
    let mark = "i/shop/pr-1#3";
    assert_eq!(github.find_check(&repository, &head, &check.name, mark).await, Ok(None));
    let id = github.create_check(&repository, &head, mark, &check).await.unwrap();
    github.create_check(&repository, &head, "i/shop/pr-1#4", &check).await.unwrap();
    assert_eq!(github.find_check(&repository, &head, &check.name, mark).await, Ok(Some(id)));
    for state in [
        CheckState::InProgress,
        CheckState::Success,
        CheckState::Failure,
        CheckState::Neutral,
        CheckState::Cancelled,
    ] {
        (check.state, check.url) = (state, Some("https://pr-1.example".to_owned()));
        github.update_check(&repository, id, &check).await.unwrap();
        let world = model.world.lock().unwrap();
        let run = world.check_runs(repository.id)[0].clone();
        let shown = run.conclusion.unwrap_or(run.status);
        assert_eq!((shown.as_str(), run.details_url), (state.name(), check.url.clone()));
    }
    let installation = model.world.lock().unwrap().installation_for(repository.id).unwrap();
    model.world.lock().unwrap().grant(installation, "checks", None).unwrap();
    let refused = github.create_check(&repository, &head, mark, &check).await;
    assert!(matches!(refused, Err(CallError::Forbidden { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_token_is_renewed_when_its_hour_is_over() {
    let (model, github, repository, number) = prepared();
    github.pull_request(&repository, number).await.unwrap();
    model.sleep(SignedDuration::from_mins(61)).await;
    github.pull_request(&repository, number).await.unwrap();
}

#[tokio::test]
async fn an_app_that_was_removed_is_not_known_and_nothing_is_missing() {
    let (model, github, repository, _) = prepared();
    let now = model.now();
    let installation = model.world.lock().unwrap().installation_for(repository.id).unwrap();
    model.world.lock().unwrap().uninstall(installation, now).unwrap();
    let branch = github.branch(&repository, "main").await;
    assert!(matches!(branch, Err(CallError::Unauthorized { .. })), "{branch:?}");
}
