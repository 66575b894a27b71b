//! What people and their CI do in the worlds. Everybody concerned is told, as the originals tell them.

use super::{Code, Worlds, seed};
use crate::{problem::Problem, stack::messenger::Messenger};
use jiff::Timestamp;
use roadstead_worlds::{
    ecr::{Image, Pushed},
    github::{Delivery, FileChange, NewPullRequest, Refusal},
};
use serde_json::{Value, json};

/// People, and the messenger that carries what follows from their deeds.
#[derive(Clone, Copy)]
pub struct People<'a> {
    /// Where they act.
    pub worlds: &'a Worlds,
    /// Who tells the doors.
    pub messenger: &'a Messenger,
}

impl People<'_> {
    /// What CI makes of a workload at a commit.
    fn made_from(repository: &str, commit: &str) -> Image {
        Image { content: format!("{repository} {commit}"), ..Image::of_revision(commit) }
    }

    /// Commits one file on a branch, which is made at `main` if it is missing, and pushes; returns the commit.
    ///
    /// # Errors
    /// When GitHub refuses.
    pub async fn push(&self, branch: &str, who: &str, path: &str, content: &str) -> Result<String, Problem> {
        let pushed = self.worlds.code.change(|code| push_file(code, branch, who, path, content));
        let (commit, deliveries) = pushed.map_err(refused)?;
        self.messenger.deliver(&deliveries).await;
        Ok(commit)
    }

    /// Opens a pull request into `main` and returns its number.
    ///
    /// # Errors
    /// When GitHub refuses.
    pub async fn open_pull_request(&self, branch: &str, who: &str, title: &str) -> Result<u64, Problem> {
        let opened = self.worlds.code.change(|code| {
            let new = NewPullRequest {
                head_repository: code.repository,
                head_branch: branch,
                base_branch: "main",
                title,
                author: who,
                draft: false,
            };
            code.github.open_pull_request(code.repository, new, Timestamp::now())
        });
        let (number, deliveries) = opened.map_err(refused)?;
        self.messenger.deliver(&deliveries).await;
        Ok(number)
    }

    /// Closes a pull request.
    ///
    /// # Errors
    /// When GitHub refuses.
    pub async fn close_pull_request(&self, number: u64, who: &str) -> Result<(), Problem> {
        let close =
            |code: &mut Code| code.github.close_pull_request(code.repository, number, who, Timestamp::now());
        let deliveries = self.worlds.code.change(close).map_err(refused)?;
        self.messenger.deliver(&deliveries).await;
        Ok(())
    }

    /// The commit that CI builds for a pull request: its head merged into its base.
    ///
    /// # Errors
    /// When they conflict.
    pub fn merge_commit(&self, number: u64) -> Result<String, Problem> {
        let found = self
            .worlds
            .code
            .read(|code| code.github.merge_commit(code.repository, number).map(str::to_owned));
        found.ok_or_else(|| Problem::unexpected(format!("pull request {number} cannot be merged")))
    }

    /// Builds a workload from a commit and pushes the image; returns its digest.
    ///
    /// # Errors
    /// When ECR refuses.
    pub async fn build(&self, repository: &str, commit: &str) -> Result<String, Problem> {
        let pushed =
            self.push_image(repository, &format!("sha-{commit}"), &Self::made_from(repository, commit))?;
        self.messenger.tell(&pushed.events).await;
        Ok(pushed.digest)
    }

    /// Builds every workload from what `main` holds, where nothing was built yet: what stands has something to run then.
    ///
    /// # Errors
    /// When ECR refuses.
    pub async fn build_at_first(&self) -> Result<(), Problem> {
        let head = self.worlds.code.read(|code| code.github.commit_id(code.repository, "heads/main"));
        let (true, Some(head)) = (self.worlds.registry.read(|there| there.references.is_empty()), head)
        else {
            return Ok(());
        };
        for image in seed::image_repositories()? {
            self.build(&image.path, &head).await?;
        }
        Ok(())
    }

    /// Builds a workload that ends as soon as it begins, and pushes the image; returns its digest.
    ///
    /// # Errors
    /// When ECR refuses.
    pub async fn build_broken(&self, repository: &str, commit: &str) -> Result<String, Problem> {
        let pushed =
            self.push_image(repository, &format!("sha-{commit}"), &Self::made_from(repository, commit))?;
        for cluster in self.worlds.clusters.values() {
            let states = [(pushed.digest.clone(), crash_loop())].into();
            cluster.change(|cluster| cluster.set_container_states(states));
        }
        self.messenger.tell(&pushed.events).await;
        Ok(pushed.digest)
    }

    /// Pushes what was built from a commit once more; returns the ids of the events that tell of it.
    ///
    /// # Errors
    /// When ECR refuses.
    pub async fn push_again(&self, repository: &str, commit: &str) -> Result<Vec<String>, Problem> {
        let pushed =
            self.push_image(repository, &format!("sha-{commit}"), &Self::made_from(repository, commit))?;
        self.messenger.tell(&pushed.events).await;
        Ok(pushed.events.iter().filter_map(|event| event["id"].as_str().map(str::to_owned)).collect())
    }

    /// Pushes an image, of which nobody is told yet; the cluster can pull it.
    pub(super) fn push_image(&self, repository: &str, tag: &str, image: &Image) -> Result<Pushed, Problem> {
        let pushed = self.worlds.registry.change(|registry| {
            let pushed = registry.ecr.push(repository, tag, image, Timestamp::now())?;
            let host = registry.ecr.host();
            let digests = pushed.events.iter().filter_map(|event| event["detail"]["image-digest"].as_str());
            registry.references.extend(digests.map(|digest| format!("{host}/{repository}@{digest}")));
            Ok::<_, roadstead_worlds::ecr::Refusal>(pushed)
        });
        let pushed = pushed.map_err(|error| Problem::unexpected(format!("ECR refused a push: {error}")))?;
        self.worlds.let_pull();
        Ok(pushed)
    }
}

/// Commits one file on a branch, which is made at `main` if it is missing; answers the commit and what GitHub would tell.
pub(super) fn push_file(
    code: &mut Code,
    branch: &str,
    who: &str,
    path: &str,
    content: &str,
) -> Result<(String, Vec<Delivery>), Refusal> {
    let now = Timestamp::now();
    let there = code.github.commit_id(code.repository, &format!("heads/{branch}"));
    let on = if there.is_some() { format!("heads/{branch}") } else { "heads/main".to_owned() };
    let changes = [FileChange::Put(path, content.as_bytes())];
    let message = format!("Change {path}");
    let commit = code.github.commit(code.repository, &on, who, &message, &changes, now)?;
    let deliveries = code.github.push(code.repository, branch, &commit, who, now)?;
    Ok((commit, deliveries))
}

pub(super) fn refused(refusal: Refusal) -> Problem {
    Problem::unexpected(format!("GitHub refused: {refusal}"))
}

/// How a container stands that ends as soon as it begins, again and again.
fn crash_loop() -> Value {
    let waiting = json!({ "reason": "CrashLoopBackOff", "message": "restarting failed container" });
    let terminated = json!({ "exitCode": 1, "reason": "Error" });
    json!({ "state": { "waiting": waiting }, "lastState": { "terminated": terminated }, "restartCount": 3 })
}
