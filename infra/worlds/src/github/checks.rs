//! Check runs: what an App says about a commit. Those of one commit are one suite.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::reply::{Outcome, Refusal, Reply};
use super::routes::Call;
use super::{Delivery, GitHub};

/// The longest text of a check run's output, in characters.
pub const OUTPUT_LIMIT: usize = 65_535;
/// What a check run may be before it is completed.
const STATUSES: [&str; 3] = ["queued", "in_progress", "completed"];
/// How a check run may end, as far as an App may say.
const CONCLUSIONS: [&str; 7] =
    ["action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"];

/// A check run of the App.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRun {
    /// Its id, unique on all of GitHub.
    pub id: u64,
    /// The suite of its commit.
    pub suite: u64,
    /// The commit.
    pub head_sha: String,
    /// What people know it by.
    pub name: String,
    /// What the App knows it by.
    pub external_id: String,
    /// `queued`, `in_progress` or `completed`.
    pub status: String,
    /// How it ended, once it is completed.
    pub conclusion: Option<String>,
    /// Where its details are.
    pub details_url: Option<String>,
    /// One line of output.
    pub title: Option<String>,
    /// The output.
    pub summary: Option<String>,
    /// When it was made.
    pub started_at: Timestamp,
}

#[derive(Deserialize)]
struct CheckRequest {
    name: Option<String>,
    head_sha: Option<String>,
    external_id: Option<String>,
    status: Option<String>,
    conclusion: Option<String>,
    details_url: Option<String>,
    output: Option<Output>,
}

#[derive(Deserialize)]
struct Output {
    title: Option<String>,
    summary: String,
}

/// Of one commit, the newest first: of each name the newest alone, unless all are asked for.
pub(super) fn list(world: &GitHub, call: &Call<'_>, reference: &str) -> Outcome {
    let repository = world.repository(call.repository)?;
    let commits = &world.objects_of(call.repository)?.commits;
    let sha = repository.resolve(commits, reference);
    let sha = sha.ok_or_else(|| Refusal::new(422, format!("No commit found for SHA: {reference}")))?;
    let asked = |name: &str, value: &str| call.query.get(name).is_none_or(|wanted| wanted == value);
    let all = call.query.get("filter").is_some_and(|filter| filter == "all");
    let mut names = Vec::new();
    let mut chosen = Vec::new();
    for run in repository.check_runs.values().rev().filter(|run| run.head_sha == sha) {
        let newest = !names.contains(&&run.name);
        names.push(&run.name);
        let matches = asked("check_name", &run.name) && asked("app_id", &world.app.id.to_string());
        if matches && asked("status", &run.status) && (all || newest) {
            chosen.push(world.check_json(call.repository, run)?);
        }
    }
    let mut reply = call.page(world, &chosen);
    let page: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    reply.body = json!({ "total_count": chosen.len(), "check_runs": page }).to_string().into_bytes();
    Ok(reply)
}

pub(super) fn get(world: &GitHub, call: &Call<'_>, id: u64) -> Outcome {
    let run = world.repository(call.repository)?.check_runs.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(Reply::json(&world.check_json(call.repository, run)?))
}

pub(super) fn create(world: &mut GitHub, call: &Call<'_>) -> Outcome {
    let request: CheckRequest = call.read("CheckRun")?;
    let name = request.name.clone().ok_or_else(|| unusable("\"name\" wasn't supplied."))?;
    let head_sha = request.head_sha.clone().ok_or_else(|| unusable("\"head_sha\" wasn't supplied."))?;
    if !world.objects_of(call.repository)?.commits.contains_key(&head_sha) {
        return Err(Refusal::new(422, format!("No commit found for SHA: {head_sha}")));
    }
    let known = world.repository(call.repository)?.check_runs.values().find(|run| run.head_sha == head_sha);
    let suite = known.map(|run| run.suite);
    let suite = suite.unwrap_or_else(|| world.next_id());
    let mut run = CheckRun {
        id: 0,
        suite,
        head_sha,
        name,
        external_id: request.external_id.clone().unwrap_or_default(),
        status: "queued".to_owned(),
        conclusion: None,
        details_url: None,
        title: None,
        summary: None,
        started_at: call.now,
    };
    change(&mut run, request)?;
    run.id = world.next_id();
    let id = run.id;
    world.repository_mut(call.repository)?.check_runs.insert(id, run);
    tell(world, call.repository, id, "created")?;
    get(world, call, id).map(|reply| Reply { status: http::StatusCode::CREATED, ..reply })
}

pub(super) fn update(world: &mut GitHub, call: &Call<'_>, id: u64) -> Outcome {
    let known = world.repository(call.repository)?.check_runs.get(&id).ok_or_else(Refusal::not_found)?;
    let (mut run, was_completed) = (known.clone(), known.status == "completed");
    change(&mut run, call.read("CheckRun")?)?;
    let completes = run.status == "completed" && !was_completed;
    world.repository_mut(call.repository)?.check_runs.insert(id, run);
    if completes {
        tell(world, call.repository, id, "completed")?;
    }
    get(world, call, id)
}

fn change(run: &mut CheckRun, request: CheckRequest) -> Result<(), Refusal> {
    let listed =
        |value: &Option<String>, known: &[&str]| value.as_deref().is_none_or(|value| known.contains(&value));
    if !listed(&request.status, &STATUSES) || !listed(&request.conclusion, &CONCLUSIONS) {
        return Err(unusable("It is not a member of the enum."));
    }
    let completed = request.status.as_deref() == Some("completed");
    if completed && request.conclusion.is_none() {
        return Err(unusable("\"conclusion\" wasn't supplied."));
    }
    if request.details_url.as_ref().is_some_and(|url| !url.starts_with("http")) {
        let message = "details_url must use the http or https scheme".to_owned();
        return Err(Refusal::invalid("CheckRun", "details_url", "custom", Some(message)));
    }
    if let Some(output) = request.output {
        let length = output.summary.chars().count();
        if length > OUTPUT_LIMIT {
            let supplied = format!("Only {OUTPUT_LIMIT} characters are allowed; {length} were supplied.");
            return Err(unusable(&supplied));
        }
        run.title = output.title.ok_or_else(|| unusable("\"title\" wasn't supplied.")).map(Some)?;
        run.summary = Some(output.summary);
    }
    // A conclusion completes; another status takes the conclusion away.
    match (request.status, request.conclusion) {
        (_, Some(conclusion)) => {
            run.status = "completed".to_owned();
            run.conclusion = Some(conclusion);
        }
        (Some(status), None) => {
            run.status = status;
            run.conclusion = None;
        }
        (None, None) => {}
    }
    run.details_url = request.details_url.or(run.details_url.take());
    Ok(())
}

fn unusable(problem: &str) -> Refusal {
    Refusal::new(422, format!("Invalid request.\n\n{problem}"))
}

fn tell(world: &mut GitHub, repository: u64, id: u64, action: &str) -> Result<(), Refusal> {
    let sender = world.bot();
    let told = world.check_event(repository, id, action, &sender)?;
    world.outbox.extend(told);
    Ok(())
}

impl GitHub {
    /// Somebody asks for a check run once more: its App is told, and the check run stays as it is.
    ///
    /// # Errors
    /// 404 without that check run.
    pub fn rerequest_check(&mut self, repository: u64, id: u64, who: &str) -> Result<Vec<Delivery>, Refusal> {
        self.create_user(who);
        self.check_event(repository, id, "rerequested", who)
    }

    /// Somebody asks for all check runs of a commit once more.
    ///
    /// # Errors
    /// 404 when the App has none there.
    pub fn rerequest_suite(
        &mut self,
        repository: u64,
        sha: &str,
        who: &str,
    ) -> Result<Vec<Delivery>, Refusal> {
        self.create_user(who);
        let mut runs = self.repository(repository)?.check_runs.values();
        let suite = runs.find(|run| run.head_sha == sha).ok_or_else(Refusal::not_found)?.suite;
        let body =
            json!({ "action": "rerequested", "check_suite": self.suite_json(repository, suite, sha)? });
        self.delivery("check_suite", repository, who, body)
    }

    /// The check runs of a repository, the oldest first.
    pub fn check_runs(&self, repository: u64) -> Vec<&CheckRun> {
        self.repositories.get(&repository).into_iter().flat_map(|it| it.check_runs.values()).collect()
    }

    fn check_event(
        &mut self,
        repository: u64,
        id: u64,
        action: &str,
        sender: &str,
    ) -> Result<Vec<Delivery>, Refusal> {
        let run = self.repository(repository)?.check_runs.get(&id).ok_or_else(Refusal::not_found)?;
        let body = json!({ "action": action, "check_run": self.check_json(repository, run)? });
        self.delivery("check_run", repository, sender, body)
    }

    fn check_json(&self, repository: u64, run: &CheckRun) -> Result<Value, Refusal> {
        let found = self.repository(repository)?;
        let (api, html, full_name) = (&self.settings.api_url, &self.settings.html_url, found.full_name());
        let own = format!("{html}/{full_name}/runs/{}", run.id);
        let completed_at = run.conclusion.as_ref().map(|_| format!("{:.0}", run.started_at));
        Ok(json!({
            "id": run.id,
            "node_id": format!("CR_{}", run.id),
            "head_sha": run.head_sha,
            "external_id": run.external_id,
            "url": format!("{api}/repos/{full_name}/check-runs/{}", run.id),
            "html_url": own,
            "details_url": run.details_url.clone().unwrap_or(own),
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": format!("{:.0}", run.started_at),
            "completed_at": completed_at,
            "output": {
                "title": run.title, "summary": run.summary, "text": null,
                "annotations_count": 0, "annotations_url": format!("{api}/repos/{full_name}/check-runs/{}/annotations", run.id),
            },
            "name": run.name,
            "check_suite": self.suite_json(repository, run.suite, &run.head_sha)?,
            "app": self.app_json(),
            "pull_requests": self.pulls_at(repository, &run.head_sha)?,
        }))
    }

    fn suite_json(&self, repository: u64, suite: u64, sha: &str) -> Result<Value, Refusal> {
        let found = self.repository(repository)?;
        let branch = found.branches.iter().find(|(_, head)| head.as_str() == sha).map(|(name, _)| name);
        Ok(json!({
            "id": suite,
            "node_id": format!("CS_{suite}"),
            "head_branch": branch,
            "head_sha": sha,
            "status": "queued",
            "conclusion": null,
            "url": format!("{}/repos/{}/check-suites/{suite}", self.settings.api_url, found.full_name()),
            "pull_requests": self.pulls_at(repository, sha)?,
            "app": self.app_json(),
        }))
    }

    fn pulls_at(&self, repository: u64, sha: &str) -> Result<Vec<Value>, Refusal> {
        let found = self.repository(repository)?;
        let here = found.pulls.values().filter(|pull| pull.open && pull.head_sha == sha);
        Ok(here.map(|pull| json!({ "id": pull.id, "number": pull.number })).collect())
    }
}
