//! Making true here what a recorded event speaks of: people and CI of this machine do it, and nobody else is told. Whoever
//! looks at the source because of the event then finds it there.
//!
//! What only this GitHub can know is put in the event's place of it: the installation, and the commits.

mod images;

use super::{
    Code,
    people::{People, push_file, refused},
    seed,
};
use crate::problem::Problem;
use jiff::Timestamp;
use roadstead_worlds::github::{PullRequest, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a command of Slack's is called here.
pub const COMMAND: &str = "command";
/// What a CI system's message is called here.
pub const BUILT: &str = "built";
/// What a registry's event is called here.
pub const PUSHED: &str = "pushed";

/// A recorded event.
#[derive(Debug, Serialize, Deserialize)]
pub struct Recorded {
    /// GitHub's name of the event, [`BUILT`] for what a CI system says, [`PUSHED`] for what a registry does, or [`COMMAND`].
    pub event: String,
    /// Its body.
    pub payload: Value,
}

/// What was made of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct MadeTrue {
    /// The body as it is to be sent.
    pub payload: Value,
    /// Who did what, in words.
    pub told: Vec<String>,
}

impl People<'_> {
    /// Makes true what a recorded event speaks of. What this machine knows nothing of stays as it was recorded.
    ///
    /// # Errors
    /// When GitHub or ECR refuses, or there is no such pull request.
    pub async fn make_true(&self, recorded: Recorded) -> Result<MadeTrue, Problem> {
        let mut made = MadeTrue { payload: recorded.payload, told: vec![] };
        if recorded.event == COMMAND {
            return self.have_command(made).await;
        }
        if recorded.event != BUILT && recorded.event != PUSHED {
            made.payload["installation"]["id"] = json!(self.worlds.code.read(|code| code.installation));
        }
        let commit = match recorded.event.as_str() {
            "pull_request" => self.have_pull_request(&mut made)?,
            "push" => self.have_push(&mut made)?,
            "check_run" | "check_suite" => self.have_check(&mut made, &recorded.event)?,
            BUILT => return self.have_image(made),
            PUSHED => return self.have_pushed(made),
            _ => None,
        };
        if let Some(commit) = commit {
            self.build_all(&mut made, &commit).await?;
        }
        Ok(made)
    }

    /// A pull request in the state that the event says; answers what CI builds of it.
    fn have_pull_request(&self, made: &mut MadeTrue) -> Result<Option<String>, Problem> {
        if let Some(updated_at) = made.payload.pointer_mut("/pull_request/updated_at") {
            *updated_at = json!(Timestamp::now().to_string());
        }
        let number = made.payload["number"].as_u64().unwrap_or_default();
        let here = self.worlds.code.read(|code| code.repository);
        let places = ["/repository/id", "/pull_request/head/repo/id"];
        if !places.iter().all(|place| made.payload.pointer(place) == Some(&json!(here))) {
            return Ok(None);
        }
        let (before, payload) = (self.pull_request(number)?, made.payload.clone());
        let told = &mut made.told;
        let moved = self.worlds.code.change(|code| move_pull_request(code, &before, &payload, told));
        moved.map_err(refused)?;
        let pull_request = self.pull_request(number)?;
        self.stand_in(made, &["/pull_request/head/sha", "/after"], &pull_request.head_sha);
        Ok(pull_request.open.then(|| pull_request.merge_commit.unwrap_or(pull_request.head_sha)))
    }

    fn pull_request(&self, number: u64) -> Result<PullRequest, Problem> {
        let found = self.worlds.code.read(|code| code.github.pull_request(code.repository, number).cloned());
        found.ok_or_else(|| {
            let what = format!("the GitHub of this machine has no pull request {number}");
            Problem::new(what, "let the event speak of one that exists")
        })
    }

    /// A check of the commit that the pull request has here; nothing is built anew for it.
    fn have_check(&self, made: &mut MadeTrue, event: &str) -> Result<Option<String>, Problem> {
        let number = made.payload[event]["pull_requests"][0]["number"].as_u64().unwrap_or_default();
        let pull_request = self.pull_request(number)?;
        let places = [format!("/{event}/head_sha"), format!("/{event}/check_suite/head_sha")];
        self.stand_in(made, &places.each_ref().map(String::as_str), &pull_request.head_sha);
        for moment in ["completed_at", "updated_at"] {
            if let Some(moment) = made.payload.pointer_mut(&format!("/{event}/{moment}")) {
                *moment = json!(Timestamp::now().to_string());
            }
        }
        let (who, commit) = (sender(&made.payload), short(&pull_request.head_sha));
        made.told
            .push(format!("{who} asks for the checks of {commit} again, which pull request {number} has"));
        Ok(None)
    }

    /// A new commit on the branch that the event says was pushed to.
    fn have_push(&self, made: &mut MadeTrue) -> Result<Option<String>, Problem> {
        let here = self.worlds.code.read(|code| code.repository);
        let branch = made.payload["ref"].as_str().and_then(|name| name.strip_prefix("refs/heads/"));
        let branch = branch.filter(|_| made.payload["repository"]["id"] == json!(here));
        let Some(branch) = branch.filter(|_| made.payload["deleted"] != json!(true)) else {
            return Ok(None);
        };
        let who = sender(&made.payload);
        let content = format!("pushed {}\n", Timestamp::now());
        let pushed = self.worlds.code.change(|code| {
            code.github.create_user(who);
            push_file(code, branch, who, "PUSHED", &content)
        });
        let (commit, _) = pushed.map_err(refused)?;
        made.told.push(format!("{who} pushes a commit to `{branch}`"));
        self.stand_in(made, &["/after", "/head_commit/id"], &commit);
        Ok(Some(commit))
    }

    /// CI builds every workload from a commit, unless it did before. ECR tells of that as always.
    pub(super) async fn build_all(&self, made: &mut MadeTrue, commit: &str) -> Result<(), Problem> {
        let tag = format!("sha-{commit}");
        for image in seed::image_repositories()? {
            let there =
                self.worlds.registry.read(|registry| registry.ecr.digest_of(&image.path, &tag).is_some());
            if !there {
                self.build(&image.path, commit).await?;
                made.told.push(format!("CI builds {} from {}", image.path, short(commit)));
            }
        }
        Ok(())
    }

    /// Puts a commit in the place of the recorded one, and remembers for which it stands.
    fn stand_in(&self, made: &mut MadeTrue, places: &[&str], commit: &str) {
        for place in places {
            let Some(there) = made.payload.pointer_mut(place) else { continue };
            let recorded = std::mem::replace(there, json!(commit));
            if let Some(recorded) = recorded.as_str() {
                self.worlds.code.change(|code| code.stand_ins.insert(recorded.to_owned(), commit.to_owned()));
            }
        }
    }
}

/// Opens, closes or moves a pull request as the event says that it was.
fn move_pull_request(
    code: &mut Code,
    before: &PullRequest,
    payload: &Value,
    told: &mut Vec<String>,
) -> Result<(), Refusal> {
    let (who, number, now) = (sender(payload), before.number, Timestamp::now());
    code.github.create_user(who);
    let open = payload["pull_request"]["state"] == json!("open");
    if open && !before.open {
        code.github.reopen_pull_request(code.repository, number, who, now)?;
        told.push(format!("{who} opens pull request {number} again in the GitHub of this machine"));
    }
    if !open && before.open {
        code.github.close_pull_request(code.repository, number, who, now)?;
        told.push(format!("{who} closes pull request {number} in the GitHub of this machine"));
    }
    if open && payload["action"] == json!("synchronize") {
        push_file(code, &before.head_branch, who, "web/page.html", &format!("<h1>shop at {now}</h1>\n"))?;
        told.push(format!("{who} pushes to its branch `{}`", before.head_branch));
    }
    Ok(())
}

fn sender(payload: &Value) -> &str {
    payload["sender"]["login"].as_str().unwrap_or("somebody")
}

fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}
