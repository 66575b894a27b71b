//! What a push does to open pull requests: those that come from the branch, and those that go into it.

use jiff::Timestamp;

use crate::github::objects::Commit;
use crate::github::pulls::PullRequest;
use crate::github::webhooks::{Delivery, PushedRef};
use crate::github::{GitHub, Refusal};

impl GitHub {
    /// Open pull requests that come from a branch follow it.
    pub(super) fn move_heads(
        &mut self,
        repository: u64,
        push: &PushedRef<'_>,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Refusal> {
        let Some(after) = push.after else { return Ok(Vec::new()) };
        let mut deliveries = Vec::new();
        let moved = self.open_pulls(|_, pull| {
            pull.head_repository == repository && pull.head_branch == push.branch && pull.head_sha != after
        });
        for (base, number) in moved {
            let base_branch = self.pull_mut(base, number)?.base_branch.clone();
            let base_sha = self.repository(base)?.branches.get(&base_branch).cloned();
            let pull = self.pull_mut(base, number)?;
            let before = std::mem::replace(&mut pull.head_sha, after.to_owned());
            pull.base_sha = base_sha.unwrap_or_else(|| pull.base_sha.clone());
            pull.mergeable = None;
            pull.updated_at = now;
            let further = [("before", before.as_str()), ("after", after)];
            deliveries.extend(self.pull_event(base, number, "synchronize", push.pusher, &further)?);
            self.test_merge(base, number, now)?;
        }
        Ok(deliveries)
    }

    /// Open pull requests into a branch are merged when it has their head; the others get a new test merge.
    pub(super) fn move_bases(
        &mut self,
        repository: u64,
        push: &PushedRef<'_>,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Refusal> {
        let Some(after) = push.after else { return Ok(Vec::new()) };
        let mut deliveries = Vec::new();
        for (_, number) in self.open_pulls(|id, pull| id == repository && pull.base_branch == push.branch) {
            let head = self.pull_mut(repository, number)?.head_sha.clone();
            if self.objects_of(repository)?.contains(after, &head) {
                deliveries.extend(self.close_as_merged(repository, number, after, push.pusher, now)?);
            } else {
                self.test_merge(repository, number, now)?;
            }
        }
        Ok(deliveries)
    }

    /// Its head has arrived in its base, as this commit.
    pub(super) fn close_as_merged(
        &mut self,
        repository: u64,
        number: u64,
        merged: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Refusal> {
        self.create_user(who);
        let pull = self.pull_mut(repository, number)?;
        pull.open = false;
        pull.merged_by = Some(who.to_owned());
        pull.merge_commit = Some(merged.to_owned());
        pull.closed_at = Some(now);
        pull.updated_at = now;
        self.pull_event(repository, number, "closed", who, &[])
    }

    /// Merges head into base for a test, without moving a branch.
    pub(super) fn test_merge(&mut self, repository: u64, number: u64, now: Timestamp) -> Result<(), Refusal> {
        let pull = self.pull_mut(repository, number)?.clone();
        let Some(base) = self.repository(repository)?.branches.get(&pull.base_branch).cloned() else {
            return Ok(());
        };
        let objects = self.objects_of_mut(repository)?;
        let merged = objects.merged_tree(&base, &pull.head_sha).map(|tree| {
            let message = format!("Merge {} into {base}", pull.head_sha);
            let parents = vec![base, pull.head_sha];
            objects.commit(Commit { parents, message, author: pull.author, date: now, tree })
        });
        let pull = self.pull_mut(repository, number)?;
        pull.mergeable = Some(merged.is_some());
        pull.merge_commit = merged;
        Ok(())
    }

    /// The open pull requests of all repositories for which a condition holds, by repository and number.
    pub(super) fn open_pulls(
        &self,
        condition: impl Fn(u64, &PullRequest) -> bool,
    ) -> std::vec::IntoIter<(u64, u64)> {
        let mut chosen = Vec::new();
        for repository in self.repositories.values() {
            let matching =
                repository.pulls.values().filter(|pull| pull.open && condition(repository.id, pull));
            chosen.extend(matching.map(|pull| (repository.id, pull.number)));
        }
        chosen.into_iter()
    }
}
