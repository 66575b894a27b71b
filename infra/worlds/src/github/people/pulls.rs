//! A pull request's life: opened, moved, drafted, closed, reopened, merged.

use jiff::Timestamp;

use crate::github::objects::Commit;
use crate::github::pulls::PullRequest;
use crate::github::webhooks::Delivery;
use crate::github::{GitHub, Refusal};

/// What a person fills in to open a pull request.
#[derive(Clone, Copy, Debug)]
pub struct NewPullRequest<'a> {
    /// The repository that it comes from: the same, or a fork.
    pub head_repository: u64,
    /// The branch that it comes from.
    pub head_branch: &'a str,
    /// The branch that it wants to change.
    pub base_branch: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Who opens it.
    pub author: &'a str,
    /// Whether it begins as a draft.
    pub draft: bool,
}

impl GitHub {
    /// Opens a pull request; returns its number and what is delivered.
    ///
    /// # Errors
    /// 404 when a repository does not exist; 422 when a branch does not, when nothing differs, or when there is one.
    pub fn open_pull_request(
        &mut self,
        repository: u64,
        new: NewPullRequest<'_>,
        now: Timestamp,
    ) -> Result<(u64, Vec<Delivery>), Refusal> {
        let (base_sha, head_sha) = self.sides(repository, new)?;
        self.create_user(new.author);
        let id = self.next_id();
        let head_owner = self.repository(new.head_repository)?.owner.clone();
        let pulls = &mut self.repository_mut(repository)?.pulls;
        let number = pulls.keys().last().map_or(1, |last| last + 1);
        let pull = PullRequest {
            id,
            number,
            title: new.title.to_owned(),
            body: String::new(),
            author: new.author.to_owned(),
            draft: new.draft,
            open: true,
            merged_by: None,
            base_branch: new.base_branch.to_owned(),
            base_sha,
            head_repository: new.head_repository,
            head_owner,
            head_branch: new.head_branch.to_owned(),
            head_sha,
            merge_commit: None,
            mergeable: None,
            created_at: now,
            updated_at: now,
            closed_at: None,
        };
        pulls.insert(number, pull);
        let deliveries = self.pull_event(repository, number, "opened", new.author, &[])?;
        self.test_merge(repository, number, now)?;
        Ok((number, deliveries))
    }

    fn sides(&self, repository: u64, new: NewPullRequest<'_>) -> Result<(String, String), Refusal> {
        let branch = |repository: u64, name: &str, field: &str| {
            let found = self.repository(repository)?.branches.get(name).cloned();
            found.ok_or_else(|| Refusal::invalid("PullRequest", field, "invalid", None))
        };
        let base = branch(repository, new.base_branch, "base")?;
        let head = branch(new.head_repository, new.head_branch, "head")?;
        let refused = |message: String| Err(Refusal::invalid("PullRequest", "head", "custom", Some(message)));
        let objects = self.objects_of(repository)?;
        if self.repository(new.head_repository)?.network != self.repository(repository)?.network {
            return Err(Refusal::invalid("PullRequest", "head", "invalid", None));
        }
        if objects.ahead(&base, &head) == 0 {
            return refused(format!("No commits between {} and {}", new.base_branch, new.head_branch));
        }
        let same = |pull: &PullRequest| {
            pull.head_repository == new.head_repository
                && pull.head_branch == new.head_branch
                && pull.base_branch == new.base_branch
        };
        if self.open_pulls(|id, pull| id == repository && same(pull)).next().is_some() {
            let owner = &self.repository(new.head_repository)?.owner;
            return refused(format!("A pull request already exists for {owner}:{}.", new.head_branch));
        }
        Ok((base, head))
    }

    /// Closes a pull request without merging it.
    ///
    /// # Errors
    /// 404 without that pull request; 422 when it is closed.
    pub fn close_pull_request(
        &mut self,
        repository: u64,
        number: u64,
        who: &str,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Refusal> {
        self.pull_in_state(repository, number, true, now)?.open = false;
        self.pull_mut(repository, number)?.closed_at = Some(now);
        self.pull_event(repository, number, "closed", who, &[])
    }

    /// Opens a closed pull request again, at the head that its branch has now.
    ///
    /// # Errors
    /// 404 without that pull request; 422 when it is open or merged, or when its branch is gone or was rewritten.
    pub fn reopen_pull_request(
        &mut self,
        repository: u64,
        number: u64,
        who: &str,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Refusal> {
        let refused = |message: &str| {
            let message = format!("state cannot be changed. {message}");
            Refusal::invalid("PullRequest", "state", "custom", Some(message))
        };
        let pull = self.pull_in_state(repository, number, false, now)?.clone();
        if pull.merged_by.is_some() {
            return Err(refused("The pull request cannot be reopened."));
        }
        let head =
            self.repository(pull.head_repository).ok().and_then(|it| it.branches.get(&pull.head_branch));
        let head = head.cloned().ok_or_else(|| refused("The head branch or repository has been deleted."))?;
        if !self.objects_of(repository)?.contains(&head, &pull.head_sha) {
            return Err(refused("The branch was force-pushed or recreated."));
        }
        let pull = self.pull_mut(repository, number)?;
        pull.open = true;
        pull.closed_at = None;
        pull.head_sha = head;
        let deliveries = self.pull_event(repository, number, "reopened", who, &[])?;
        self.test_merge(repository, number, now)?;
        Ok(deliveries)
    }

    /// Makes a draft of a pull request, or a pull request of a draft.
    ///
    /// # Errors
    /// 404 without that pull request; 422 when it is closed.
    pub fn set_draft(
        &mut self,
        repository: u64,
        number: u64,
        draft: bool,
        who: &str,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Refusal> {
        self.pull_in_state(repository, number, true, now)?.draft = draft;
        let action = if draft { "converted_to_draft" } else { "ready_for_review" };
        self.pull_event(repository, number, action, who, &[])
    }

    /// Merges a pull request, by a merge commit or, with `squash`, by one commit of its own.
    ///
    /// # Errors
    /// 404 without that pull request; 405 when it is a draft or conflicts; 422 when it is closed.
    pub fn merge_pull_request(
        &mut self,
        repository: u64,
        number: u64,
        squash: bool,
        who: &str,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Refusal> {
        let pull = self.pull_in_state(repository, number, true, now)?.clone();
        if pull.draft {
            return Err(Refusal::new(405, "Pull Request is still a draft"));
        }
        let conflict = || Refusal::new(405, "Pull Request is not mergeable");
        let base =
            self.repository(repository)?.branches.get(&pull.base_branch).cloned().ok_or_else(conflict)?;
        let objects = self.objects_of_mut(repository)?;
        let tree = objects.merged_tree(&base, &pull.head_sha).ok_or_else(conflict)?;
        let parents = if squash { vec![base] } else { vec![base, pull.head_sha] };
        let message = format!("Merge pull request #{number} from {}/{}", pull.head_owner, pull.head_branch);
        let merged = objects.commit(Commit { parents, message, author: who.to_owned(), date: now, tree });
        let mut deliveries = self.push(repository, &pull.base_branch, &merged, who, now)?;
        if self.pull_mut(repository, number)?.open {
            deliveries.extend(self.close_as_merged(repository, number, &merged, who, now)?);
        }
        Ok(deliveries)
    }

    pub(super) fn pull_mut(&mut self, repository: u64, number: u64) -> Result<&mut PullRequest, Refusal> {
        self.repository_mut(repository)?.pulls.get_mut(&number).ok_or_else(Refusal::not_found)
    }

    fn pull_in_state(
        &mut self,
        repository: u64,
        number: u64,
        open: bool,
        now: Timestamp,
    ) -> Result<&mut PullRequest, Refusal> {
        let pull = self.pull_mut(repository, number)?;
        if pull.open != open {
            let message = format!("state is already {}", if pull.open { "open" } else { "closed" });
            return Err(Refusal::invalid("PullRequest", "state", "custom", Some(message)));
        }
        pull.updated_at = now;
        Ok(pull)
    }
}
