//! Comments on pull requests, which are comments on their issues.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::reply::{Outcome, Refusal, Reply};
use super::routes::Call;
use super::{Delivery, GitHub};

/// The longest comment, in characters.
pub const BODY_LIMIT: usize = 65_536;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its id, unique on all of GitHub.
    pub id: u64,
    /// The pull request that it is on.
    pub number: u64,
    /// Who wrote it, by login.
    pub author: String,
    /// What it says.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How often it was changed.
    #[serde(default)]
    pub edits: u32,
}

#[derive(Deserialize)]
struct CommentRequest {
    body: Option<String>,
}

fn body_of(call: &Call<'_>) -> Result<String, Refusal> {
    let request: CommentRequest = call.read("IssueComment")?;
    checked(request.body.unwrap_or_default())
}

fn checked(body: String) -> Result<String, Refusal> {
    if body.trim().is_empty() {
        return Err(Refusal::invalid(
            "IssueComment",
            "data",
            "unprocessable",
            Some("Body cannot be blank".to_owned()),
        ));
    }
    if body.chars().count() > BODY_LIMIT {
        let message = format!("Body is too long (maximum is {BODY_LIMIT} characters)");
        return Err(Refusal::invalid("IssueComment", "data", "unprocessable", Some(message)));
    }
    Ok(body)
}

/// Oldest first; those younger than the list's lag are not shown yet.
pub(super) fn list(world: &GitHub, call: &Call<'_>, number: u64) -> Outcome {
    let repository = world.repository(call.repository)?;
    repository.pulls.get(&number).ok_or_else(Refusal::not_found)?;
    let old_enough =
        |comment: &&Comment| call.now.duration_since(comment.created_at) >= world.settings.comment_lag;
    let shown = repository.comments.values().filter(|comment| comment.number == number).filter(old_enough);
    let all =
        shown.map(|comment| world.comment_json(call.repository, comment)).collect::<Result<Vec<_>, _>>()?;
    Ok(call.page(world, &all))
}

pub(super) fn get(world: &GitHub, call: &Call<'_>, id: u64) -> Outcome {
    let comment = world.repository(call.repository)?.comments.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(Reply::json(&world.comment_json(call.repository, comment)?))
}

pub(super) fn create(world: &mut GitHub, call: &Call<'_>, number: u64) -> Outcome {
    world.repository(call.repository)?.pulls.get(&number).ok_or_else(Refusal::not_found)?;
    let body = body_of(call)?;
    let author = world.bot();
    let (id, deliveries) = world.comment(call.repository, number, &author, &body, call.now)?;
    world.outbox.extend(deliveries);
    get(world, call, id).map(|reply| Reply { status: http::StatusCode::CREATED, ..reply })
}

pub(super) fn update(world: &mut GitHub, call: &Call<'_>, id: u64) -> Outcome {
    let comments = &mut world.repository_mut(call.repository)?.comments;
    let comment = comments.get_mut(&id).ok_or_else(Refusal::not_found)?;
    let before = std::mem::replace(&mut comment.body, body_of(call)?);
    comment.updated_at = call.now;
    comment.edits += 1;
    let editor = world.bot();
    let changes = json!({ "body": { "from": before } });
    let deliveries = world.comment_event(call.repository, id, "edited", &editor, Some(changes))?;
    world.outbox.extend(deliveries);
    get(world, call, id)
}

pub(super) fn delete(world: &mut GitHub, call: &Call<'_>, id: u64) -> Outcome {
    world.repository(call.repository)?.comments.get(&id).ok_or_else(Refusal::not_found)?;
    let remover = world.bot();
    let deliveries = world.comment_event(call.repository, id, "deleted", &remover, None)?;
    world.outbox.extend(deliveries);
    world.repository_mut(call.repository)?.comments.remove(&id);
    Ok(Reply::no_content())
}

impl GitHub {
    /// Somebody comments on a pull request; returns the comment's id and what is delivered.
    ///
    /// # Errors
    /// 404 without that pull request; 422 for a body that is blank or too long.
    pub fn comment(
        &mut self,
        repository: u64,
        number: u64,
        author: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<(u64, Vec<Delivery>), Refusal> {
        self.repository(repository)?.pulls.get(&number).ok_or_else(Refusal::not_found)?;
        let body = checked(body.to_owned())?;
        self.create_user(author);
        let id = self.next_id();
        let comment = Comment {
            id,
            number,
            author: author.to_owned(),
            body,
            created_at: now,
            updated_at: now,
            edits: 0,
        };
        self.repository_mut(repository)?.comments.insert(id, comment);
        let deliveries = self.comment_event(repository, id, "created", author, None)?;
        Ok((id, deliveries))
    }

    /// The comments that a pull request really has, whatever the list shows.
    pub fn comments(&self, repository: u64, number: u64) -> Vec<&Comment> {
        let all = self.repositories.get(&repository).into_iter().flat_map(|it| it.comments.values());
        all.filter(|comment| comment.number == number).collect()
    }

    fn comment_event(
        &mut self,
        repository: u64,
        id: u64,
        action: &str,
        sender: &str,
        changes: Option<Value>,
    ) -> Result<Vec<Delivery>, Refusal> {
        let comment = self.repository(repository)?.comments.get(&id).ok_or_else(Refusal::not_found)?;
        let mut body = json!({
            "action": action,
            "issue": self.issue_json(repository, comment.number)?,
            "comment": self.comment_json(repository, comment)?,
        });
        if let Some(changes) = changes {
            body["changes"] = changes;
        }
        self.delivery("issue_comment", repository, sender, body)
    }

    fn comment_json(&self, repository: u64, comment: &Comment) -> Result<Value, Refusal> {
        let full_name = self.repository(repository)?.full_name();
        let (api, html, number, id) =
            (&self.settings.api_url, &self.settings.html_url, comment.number, comment.id);
        let by_app = comment.author == self.bot();
        Ok(json!({
            "id": id,
            "node_id": format!("IC_{id}"),
            "url": format!("{api}/repos/{full_name}/issues/comments/{id}"),
            "html_url": format!("{html}/{full_name}/pull/{number}#issuecomment-{id}"),
            "issue_url": format!("{api}/repos/{full_name}/issues/{number}"),
            "user": self.user_json(&comment.author),
            "created_at": format!("{:.0}", comment.created_at),
            "updated_at": format!("{:.0}", comment.updated_at),
            "author_association": "NONE",
            "body": comment.body,
            "performed_via_github_app": if by_app { self.app_json() } else { Value::Null },
        }))
    }
}
