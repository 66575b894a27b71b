//! What people do: repositories, commits and pushes here, pull requests beside.

mod following;
mod pulls;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::json;

pub use pulls::NewPullRequest;

use super::objects::{Commit, FileChange, Objects};
use super::repositories::Repository;
use super::webhooks::{Delivery, PushedRef};
use super::{GitHub, Refusal};

impl GitHub {
    /// Makes a repository whose branch `main` holds one commit with these files; returns its id.
    pub fn create_repository(
        &mut self,
        owner: &str,
        name: &str,
        private: bool,
        files: &[FileChange<'_>],
        now: Timestamp,
    ) -> u64 {
        self.create_user(owner);
        let id = self.next_id();
        let mut objects = Objects::default();
        let tree = objects.changed(None, files);
        let (message, author) = ("Initial commit".to_owned(), owner.to_owned());
        let first = objects.commit(Commit { parents: Vec::new(), message, author, date: now, tree });
        self.networks.insert(id, objects);
        let mut repository = empty(id, owner, name, now);
        repository.private = private;
        repository.branches.insert(repository.default_branch.clone(), first);
        self.repositories.insert(id, repository);
        id
    }

    /// Forks a repository into another account; returns the fork's id.
    ///
    /// # Errors
    /// 404 when the repository does not exist.
    pub fn fork(&mut self, repository: u64, owner: &str, now: Timestamp) -> Result<u64, Refusal> {
        self.create_user(owner);
        let id = self.next_id();
        let parent = self.repository(repository)?;
        let fork = Repository {
            private: parent.private,
            parent: Some(repository),
            network: parent.network,
            default_branch: parent.default_branch.clone(),
            branches: parent.branches.clone(),
            ..empty(id, owner, &parent.name, now)
        };
        self.repositories.insert(id, fork);
        Ok(id)
    }

    /// Gives a repository another name; its old name leads to it from then on.
    ///
    /// # Errors
    /// 404 when the repository does not exist.
    pub fn rename_repository(&mut self, id: u64, name: &str, who: &str) -> Result<Vec<Delivery>, Refusal> {
        let repository = self.repository_mut(id)?;
        repository.former_names.insert(repository.full_name().to_lowercase());
        let former = std::mem::replace(&mut repository.name, name.to_owned());
        let body =
            json!({ "action": "renamed", "changes": { "repository": { "name": { "from": former } } } });
        self.delivery("repository", id, who, body)
    }

    /// Deletes a repository; pull requests that came from it are closed.
    ///
    /// # Errors
    /// 404 when the repository does not exist.
    pub fn delete_repository(
        &mut self,
        id: u64,
        who: &str,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Refusal> {
        let mut deliveries = self.delivery("repository", id, who, json!({ "action": "deleted" }))?;
        self.repositories.remove(&id);
        self.installations.values_mut().for_each(|installation| {
            installation.repositories.remove(&id);
        });
        for (repository, number) in self.open_pulls(|_, pull| pull.head_repository == id) {
            deliveries.extend(self.close_pull_request(repository, number, who, now)?);
        }
        Ok(deliveries)
    }

    /// The id of the commit that a branch, a reference or an id names.
    pub fn commit_id(&self, repository: u64, reference: &str) -> Option<String> {
        let commits = &self.objects_of(repository).ok()?.commits;
        self.repository(repository).ok()?.resolve(commits, reference)
    }

    /// A commit by its id.
    pub fn commit_of(&self, repository: u64, id: &str) -> Option<&Commit> {
        self.objects_of(repository).ok()?.commits.get(id)
    }

    /// Commits on top of what `on` names and returns the new id; no branch moves.
    ///
    /// # Errors
    /// 404 when the repository does not exist, 422 when `on` names nothing.
    pub fn commit(
        &mut self,
        repository: u64,
        on: &str,
        author: &str,
        message: &str,
        changes: &[FileChange<'_>],
        now: Timestamp,
    ) -> Result<String, Refusal> {
        self.create_user(author);
        let missing = || Refusal::new(422, format!("No commit found for SHA: {on}"));
        let parent = self.commit_id(repository, on).ok_or_else(missing)?;
        let objects = self.objects_of_mut(repository)?;
        let tree = objects.changed(Some(&parent), changes);
        let (message, author) = (message.to_owned(), author.to_owned());
        Ok(objects.commit(Commit { parents: vec![parent], message, author, date: now, tree }))
    }

    /// Points a branch at a commit, by force if need be, and makes the branch if there is none: the `push` event, and
    /// what it does to pull requests.
    ///
    /// # Errors
    /// 404 when the repository does not exist, 422 when the commit does not.
    pub fn push(
        &mut self,
        repository: u64,
        branch: &str,
        sha: &str,
        pusher: &str,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Refusal> {
        if !self.objects_of(repository)?.commits.contains_key(sha) {
            return Err(Refusal::new(422, format!("No commit found for SHA: {sha}")));
        }
        let found = self.repository_mut(repository)?;
        let before = found.branches.insert(branch.to_owned(), sha.to_owned());
        if before.as_deref() == Some(sha) {
            return Ok(Vec::new());
        }
        found.pushed_at = now;
        let push = PushedRef { branch, before: before.as_deref(), after: Some(sha), pusher };
        let mut deliveries = self.push_event(repository, &push)?;
        deliveries.extend(self.move_heads(repository, &push, now)?);
        deliveries.extend(self.move_bases(repository, &push, now)?);
        Ok(deliveries)
    }

    /// Commits files on a branch and pushes them; returns the new id and what is delivered.
    ///
    /// # Errors
    /// 404 when the repository does not exist, 422 when the branch does not.
    pub fn commit_and_push(
        &mut self,
        repository: u64,
        branch: &str,
        author: &str,
        changes: &[FileChange<'_>],
        now: Timestamp,
    ) -> Result<(String, Vec<Delivery>), Refusal> {
        let message = format!("Change {branch}");
        let sha = self.commit(repository, &format!("heads/{branch}"), author, &message, changes, now)?;
        let deliveries = self.push(repository, branch, &sha, author, now)?;
        Ok((sha, deliveries))
    }

    /// Deletes a branch; open pull requests that come from it are closed.
    ///
    /// # Errors
    /// 404 when the repository does not exist, 422 when the branch does not.
    pub fn delete_branch(
        &mut self,
        repository: u64,
        branch: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Refusal> {
        let removed = self.repository_mut(repository)?.branches.remove(branch);
        let before = removed.ok_or_else(|| Refusal::new(422, "Reference does not exist"))?;
        let push = PushedRef { branch, before: Some(&before), after: None, pusher: who };
        let mut deliveries = self.push_event(repository, &push)?;
        let comes_from =
            self.open_pulls(|_, pull| pull.head_repository == repository && pull.head_branch == branch);
        for (repository, number) in comes_from {
            deliveries.extend(self.close_pull_request(repository, number, who, now)?);
        }
        Ok(deliveries)
    }
}

fn empty(id: u64, owner: &str, name: &str, now: Timestamp) -> Repository {
    Repository {
        id,
        owner: owner.to_owned(),
        name: name.to_owned(),
        former_names: BTreeSet::new(),
        private: false,
        parent: None,
        network: id,
        default_branch: "main".to_owned(),
        created_at: now,
        pushed_at: now,
        branches: BTreeMap::new(),
        roles: BTreeMap::new(),
        pulls: BTreeMap::new(),
        comments: BTreeMap::new(),
        deployments: BTreeMap::new(),
        environments: BTreeMap::new(),
        check_runs: BTreeMap::new(),
        commit_statuses: BTreeMap::new(),
    }
}
