//! The journey of a pull request: opened, its image pushed, ready, pushed again, ready again, closed, gone.

use super::{checks, report::Report, words};
use crate::{
    problem::Problem,
    stack::{Stack, worlds::APPLICATION},
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    environment::{Environment, Phase},
    image::Digest,
    name::{EnvironmentId, EnvironmentName, WorkloadName},
    sentence,
};
use std::collections::BTreeMap;

/// Who opens the pull request.
const DEVELOPER: &str = "ada";
/// How the branch that it comes from begins; the moment of each journey follows, so that one data directory has many.
const BRANCH: &str = "bigger-basket";
/// The workload that the pull request changes, and the one that it leaves alone.
pub(super) const WORKLOADS: [&str; 2] = ["web", "worker"];
/// How long until an environment is looked at again, should no message tell of it.
const LOOK_EVERY: SignedDuration = SignedDuration::from_millis(100);

/// What to do about an environment that did not succeed.
const MEND: &str = "mend what it names, and play the journey again";

/// What runs, by workload.
pub type Running = BTreeMap<WorkloadName, Digest>;

/// A journey, and what came of it so far.
pub struct Journey<'a> {
    pub(super) stack: &'a Stack,
    /// The environment that it is about, and the first of its generations that are.
    pub(super) environment: Option<EnvironmentId>,
    pub(super) first: u64,
    pub(super) stages: Vec<Stage>,
    pub(super) differences: Vec<String>,
    pub(super) url: Option<String>,
    pub(super) staging_url: Option<String>,
    pub(super) milliseconds: u128,
    awaited: Option<EnvironmentId>,
}

/// A pull request and its preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// The branch that it comes from.
    pub branch: String,
    /// The preview.
    pub environment: EnvironmentId,
}

/// What could be seen at one stage of the journey.
pub(super) struct Stage {
    pub(super) what: &'static str,
    pub(super) milliseconds: u128,
    pub(super) comment: Option<String>,
    pub(super) objects: BTreeMap<String, usize>,
}

impl<'a> Journey<'a> {
    /// A journey that has not begun.
    pub fn new(stack: &'a Stack) -> Self {
        Self {
            stack,
            environment: None,
            first: 1,
            stages: vec![],
            differences: vec![],
            url: None,
            staging_url: None,
            milliseconds: 0,
            awaited: None,
        }
    }

    /// What was not as it should be.
    pub fn differences(&self) -> &[String] {
        &self.differences
    }

    /// Where the journey stands, for when it takes too long.
    pub(super) async fn stands(&self) -> String {
        let Some(id) = &self.awaited else { return "nothing had been begun".to_owned() };
        match self.stack.environment(id).await.ok().flatten() {
            Some(now) => match now.stage {
                Some(stage) => format!("{id} is at {stage}"),
                None => format!("{id} is {}", sentence::one_line(&now.phase)),
            },
            None => format!("nothing is known of {id}"),
        }
    }

    /// Plays it from the first push to the last trace; what is not as it should be is noted in `differences`.
    ///
    /// # Errors
    /// When it cannot go on.
    pub async fn play(&mut self, report: &Report) -> Result<(), Problem> {
        report.tell("prelude: grace pushes to main, CI builds both workloads, staging follows");
        let base = self.deploy_staging().await?;
        let begun = Timestamp::now();
        report.tell("ada opens a pull request; CI builds web from the merge commit, worker is not rebuilt");
        let pull_request = self.open().await?;
        let expected = self.build(&pull_request, &base).await?;
        self.reached(&pull_request, 1, Phase::Ready, "opened", begun, &expected).await?;
        report.tell("ada pushes again");
        let pushed = Timestamp::now();
        self.push_again(&pull_request).await?;
        let expected = self.build(&pull_request, &base).await?;
        self.reached(&pull_request, 2, Phase::Ready, "pushed again", pushed, &expected).await?;
        report.tell("ada closes the pull request");
        let closed = Timestamp::now();
        self.close(&pull_request).await?;
        self.reached(&pull_request, 3, Phase::Gone, "closed", closed, &Running::new()).await?;
        self.over(begun);
        Ok(())
    }

    /// The journey is over, and nothing was set aside.
    pub(super) fn over(&mut self, begun: Timestamp) {
        self.milliseconds = since(begun);
        let dead = self.stack.dead_letters();
        checks::expect(&mut self.differences, dead.is_empty(), || {
            format!("messages were set aside: {}", words::listed(dead.iter().map(words::about)))
        });
    }

    /// A push to `main` with both images; answers what staging runs then.
    ///
    /// # Errors
    /// When staging does not become ready.
    pub async fn deploy_staging(&mut self) -> Result<Running, Problem> {
        let people = self.stack.people();
        let note = format!("deployed {}\n", Timestamp::now());
        let commit = people.push("main", "grace", "DEPLOYED", &note).await?;
        let mut running = Running::new();
        for workload in WORKLOADS {
            running.extend([built(workload, &people.build(&image(workload), &commit).await?)?]);
        }
        let staging = staging()?;
        let ready = |now: &Environment| {
            let revisions = now.revisions.as_ref().filter(|revisions| revisions.commit.as_str() == commit);
            now.phase == Phase::Ready && now.is_at_rest() && revisions.is_some()
        };
        let environment = self.wait(&staging, ready).await?;
        self.staging_url = environment.url.clone();
        checks::running(self.stack, &environment, &running, &mut self.differences).await?;
        Ok(running)
    }

    /// The developer pushes a branch and opens a pull request of it.
    ///
    /// # Errors
    /// When GitHub refuses.
    pub async fn open(&mut self) -> Result<PullRequest, Problem> {
        let people = self.stack.people();
        let branch = format!("{BRANCH}-{}", Timestamp::now().as_millisecond());
        people.push(&branch, DEVELOPER, "web/page.html", "<h1>shop</h1><p>a bigger basket</p>\n").await?;
        let number = people.open_pull_request(&branch, DEVELOPER, "A bigger basket").await?;
        let environment = EnvironmentId::new(application()?, EnvironmentName::of_pull_request(number));
        let pull_request = PullRequest { number, branch, environment };
        self.environment = Some(pull_request.environment.clone());
        Ok(pull_request)
    }

    /// The developer pushes to the branch again.
    ///
    /// # Errors
    /// When GitHub refuses.
    pub async fn push_again(&self, pull_request: &PullRequest) -> Result<(), Problem> {
        let page = "<h1>shop</h1><p>an even bigger basket</p>\n";
        self.stack.people().push(&pull_request.branch, DEVELOPER, "web/page.html", page).await.map(drop)
    }

    /// CI builds the workload that the pull request changes; answers what is to run then.
    ///
    /// # Errors
    /// When ECR refuses.
    pub async fn build(&self, pull_request: &PullRequest, base: &Running) -> Result<Running, Problem> {
        let people = self.stack.people();
        let merged = people.merge_commit(pull_request.number)?;
        let [changed, _] = WORKLOADS;
        let mut expected = base.clone();
        expected.extend([built(changed, &people.build(&image(changed), &merged).await?)?]);
        Ok(expected)
    }

    /// The developer closes the pull request.
    ///
    /// # Errors
    /// When GitHub refuses.
    pub async fn close(&self, pull_request: &PullRequest) -> Result<(), Problem> {
        self.stack.people().close_pull_request(pull_request.number, DEVELOPER).await
    }

    /// Waits until a generation has reached a phase, and notes what can be seen then.
    ///
    /// # Errors
    /// When it ends otherwise.
    pub async fn reached(
        &mut self,
        pull_request: &PullRequest,
        generation: u64,
        phase: Phase,
        what: &'static str,
        since_when: Timestamp,
        expected: &Running,
    ) -> Result<(), Problem> {
        let there = |now: &Environment| now.carrying >= generation && now.is_at_rest() && now.phase == phase;
        let environment = self.wait(&pull_request.environment, there).await?;
        let milliseconds = since(since_when);
        let differences = &mut self.differences;
        let carried = environment.carrying;
        checks::expect(differences, carried == generation, || {
            format!("{what}: generation {carried}, not {generation}")
        });
        checks::quiet(self.stack, pull_request).await?;
        match phase {
            Phase::Gone => checks::gone(self.stack, pull_request, &environment, differences).await?,
            _ => {
                self.url = environment.url.clone();
                checks::ready(self.stack, pull_request, &environment, expected, differences).await?;
            }
        }
        let comment = checks::comments(self.stack, pull_request).into_iter().next();
        let objects = checks::objects(self.stack, &environment).await?;
        self.stages.push(Stage { what, milliseconds, comment, objects });
        Ok(())
    }

    /// Waits until an environment is as it should be, or can no longer become so.
    pub(super) async fn wait(
        &mut self,
        id: &EnvironmentId,
        there: impl Fn(&Environment) -> bool,
    ) -> Result<Environment, Problem> {
        self.awaited = Some(id.clone());
        let mut handled = self.stack.handled();
        loop {
            match self.stack.environment(id).await? {
                Some(now) if there(&now) => return Ok(now),
                Some(now) if now.is_at_rest() && failed(&now.phase) => {
                    return Err(Problem::new(format!("{id} {}", sentence::whole(&now.phase)), MEND));
                }
                _ => {}
            }
            tokio::select! {
                _ = handled.recv() => {}
                () = self.stack.pause(LOOK_EVERY) => {}
            }
        }
    }
}

fn failed(phase: &Phase) -> bool {
    matches!(phase, Phase::Failed { .. } | Phase::NeedsAttention { .. })
}

pub(super) fn since(moment: Timestamp) -> u128 {
    u128::try_from(Timestamp::now().duration_since(moment).as_millis()).unwrap_or_default()
}

pub(super) fn image(workload: &str) -> String {
    format!("{APPLICATION}/{workload}")
}

pub(super) fn built(workload: &str, digest: &str) -> Result<(WorkloadName, Digest), Problem> {
    let digest = digest.parse().map_err(|problem: &str| Problem::unexpected(problem))?;
    Ok((parsed(workload)?, digest))
}

fn application() -> Result<roadstead_domain::name::ApplicationName, Problem> {
    parsed(APPLICATION)
}

/// The sample's standing environment.
pub(super) fn staging() -> Result<EnvironmentId, Problem> {
    Ok(EnvironmentId::new(application()?, parsed("staging")?))
}

/// What a team tries something out in.
pub(super) fn tried() -> Result<EnvironmentId, Problem> {
    Ok(EnvironmentId::new(application()?, parsed("try")?))
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::unexpected(format!("{text} is no name")))
}
