//! resolve-config: binds a generation to what its source says now, and makes the plan.

mod held;
mod images;
mod last_walk;
mod moved;
mod platforms;
mod source;
mod tags;

use super::StepWork;
use crate::{
    carry::{Next, Work},
    configuration,
    context::Context,
    nouns::{GitHost, Registry},
    record,
};
use jiff::{SignedDuration, Timestamp};
pub use last_walk::LastWalk;
use roadstead_domain::{
    deployment::{Bound, Deployment},
    environment::{Binding, InsteadOf, Phase, RESOLVE_WITHIN},
    intent::{AbsentReason, Intent, Revisions, Source},
    name::WorkloadName,
    plan::{self, Inputs, Plan},
    platform::{Application, EnvironmentType, OnFailure, Platform, Supersede},
    refusal::{Class, Refusal},
    repository::Commit,
    score::{ScoreFile, limits::FILE_LIMIT},
    sentence,
    step::{Stage, Step},
};
use source::Seen;
use std::{collections::BTreeMap, sync::Arc};

/// How long teardown may take before it needs attention. It goes on all the same.
const TEARDOWN_WITHIN: SignedDuration = SignedDuration::from_mins(30);

/// Binds and plans. Its undo is the end of teardown: the last walk.
pub struct ResolveConfig {
    /// Where the source is read.
    pub host: Arc<dyn GitHost>,
    /// Where images are looked up.
    pub registry: Arc<dyn Registry>,
    /// The undo.
    pub last_walk: LastWalk,
}

/// The configuration that a generation is pinned to, seen from its environment.
struct Pinned<'a> {
    hash: &'a str,
    platform: &'a Platform,
    application: &'a Application,
    kind: &'a EnvironmentType,
}

#[async_trait::async_trait]
impl StepWork for ResolveConfig {
    fn step(&self) -> Step {
        Step::ResolveConfig
    }

    async fn carry_out(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal> {
        if let Intent::Absent { reason } = work.environment.wanted.intent {
            return absent(context, work, reason);
        }
        let hash = match &work.environment.bound {
            Some(bound) => bound.platform.clone(),
            None => configuration::hash_in_force(context.state.as_ref()).await?,
        };
        let platform = context.platforms.by_hash(&hash).await?;
        let id = work.environment.id.clone();
        let Some(application) = platform.applications.get(&id.application) else {
            return if self.is_closed(&work.environment).await? {
                absent(context, work, AbsentReason::Closed)
            } else {
                Err(Refusal::rejected(sentence::application_unknown(&id.application)))
            };
        };
        let kind = platform.types.get(&work.environment.kind);
        let kind = kind.ok_or_else(|| Refusal::rejected(sentence::type_unknown(&work.environment.kind)))?;
        let pinned = Pinned { hash: &hash, platform: &platform, application, kind };
        match self.resolve(context, work, &pinned).await {
            Err(refusal) if refusal.class == Class::Rejected => {
                self.last_walk.stand_still(context, work, refusal).await
            }
            result => result,
        }
    }

    async fn undo(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal> {
        self.last_walk.undo(context, work).await
    }
}

impl ResolveConfig {
    async fn resolve(
        &self,
        context: &Context,
        work: &mut Work,
        pinned: &Pinned<'_>,
    ) -> Result<Next, Refusal> {
        if let Intent::Present { revisions } = work.environment.wanted.intent.clone() {
            bind(work, pinned, revisions.commit.clone(), None, context.now());
            return self.make_plan(context, work, pinned, revisions).await;
        }
        source::follow_configuration(&mut work.environment, pinned);
        if let (Source::Tags { rule }, Intent::Follow { .. }) =
            (work.environment.source.clone(), &work.environment.wanted.intent)
        {
            let choice = self.choose_by_tags(context, work, pinned, &rule).await?;
            if let images::Choice::All(Revisions { commit, .. })
            | images::Choice::Return { tried: commit, .. } = &choice
            {
                bind(work, pinned, commit.clone(), None, context.now());
            }
            return self.carry_on(context, work, pinned, choice).await;
        }
        let head = match self.look(context, &work.environment, pinned).await? {
            Seen::Commit(head) => head,
            Seen::Absent(reason) => return absent(context, work, reason),
            Seen::NotYet { until } => return Ok(Next::Wait { until, phase: None }),
        };
        let head = held::vouched(context, &mut work.environment, head).await?;
        let commit = match &work.environment.wanted.intent {
            Intent::At { commit, .. } => commit.clone(),
            _ => head.clone(),
        };
        bind(work, pinned, commit.clone(), Some(head), context.now());
        let choice = self.choose(context, work, pinned, &commit).await?;
        self.carry_on(context, work, pinned, choice).await
    }

    async fn carry_on(
        &self,
        context: &Context,
        work: &mut Work,
        pinned: &Pinned<'_>,
        choice: images::Choice,
    ) -> Result<Next, Refusal> {
        match choice {
            images::Choice::All(revisions) => self.make_plan(context, work, pinned, revisions).await,
            images::Choice::Return { to, tried } => {
                let why = sentence::tried(&tried);
                work.environment.instead_of = Some(InsteadOf { commit: Some(tried), why });
                self.make_plan(context, work, pinned, to).await
            }
            images::Choice::Missing { workloads, until } => {
                Ok(Next::Wait { until, phase: Some(Phase::AwaitingImages { workloads }) })
            }
        }
    }

    async fn make_plan(
        &self,
        context: &Context,
        work: &mut Work,
        pinned: &Pinned<'_>,
        revisions: Revisions,
    ) -> Result<Next, Refusal> {
        work.environment.revisions = Some(revisions.clone());
        if unchanged(work, pinned, &revisions) {
            return self.conclude(work, pinned, revisions, None, context.now()).map(|()| Next::Ready);
        }
        let scores = self.scores(work, pinned, &revisions).await?;
        self.check_platforms(pinned, &revisions).await?;
        let environment = &work.environment;
        let plan = plan::plan(&Inputs {
            platform: pinned.platform,
            environment: &environment.id,
            kind: pinned.kind,
            generation: environment.carrying,
            incarnation: environment.incarnation,
            revisions: &revisions,
            scores: &scores,
        })?;
        self.check_place(context, work, &plan).await?;
        self.conclude(work, pinned, revisions, Some(&plan), context.now())?;
        Ok(Next::On)
    }

    /// Records the generation, and widens the inventory by all that the plan will make, before anything is made.
    fn conclude(
        &self,
        work: &mut Work,
        pinned: &Pinned<'_>,
        revisions: Revisions,
        plan: Option<&Plan>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let environment = &mut work.environment;
        if let Some(plan) = plan {
            environment.inventory.widen(&plan.inventory);
            environment.url.clone_from(&plan.url);
            environment.applied = environment.carrying;
            environment.phase = Phase::Deploying;
            environment.deadline = now + pinned.kind.deadline;
            environment.hold = pinned.kind.supersede == Supersede::AfterVerify;
            environment.live(environment.lifetime.or(pinned.kind.lifetime), now);
        }
        let bound = Bound::Present { revisions };
        work.beside.extend(store(work, Some(pinned.hash), bound, plan)?);
        Ok(())
    }

    async fn scores(
        &self,
        work: &Work,
        pinned: &Pinned<'_>,
        revisions: &Revisions,
    ) -> Result<BTreeMap<WorkloadName, ScoreFile>, Refusal> {
        let mut scores = BTreeMap::new();
        for (name, workload) in &pinned.application.workloads {
            let (path, commit) = (&workload.score, revisions.commit_of(name));
            let file = self.host.file(&work.environment.repository, commit, path, FILE_LIMIT).await?;
            let file = file.ok_or_else(|| Refusal::rejected(sentence::score_missing(name, path, commit)))?;
            let score = ScoreFile::parse(path, &file)
                .map_err(|problems| Refusal::rejected(sentence::problems(&problems)))?;
            scores.insert(name.clone(), score);
        }
        Ok(scores)
    }
}

/// Binds the generation, unless an earlier look did. From then on it may wait for images as long as its type says.
fn bind(work: &mut Work, pinned: &Pinned<'_>, commit: Commit, head: Option<Commit>, at: Timestamp) {
    let environment = &mut work.environment;
    if environment.bound.is_some() {
        return;
    }
    if head.is_some() && head != environment.commit {
        (environment.commit, environment.commit_since) = (head, Some(at));
    }
    environment.channel.clone_from(&pinned.application.channel);
    environment.returns = pinned.kind.on_failure == OnFailure::Return;
    environment.deadline = at + pinned.kind.images.wait + RESOLVE_WITHIN;
    environment.bound = Some(Binding { platform: pinned.hash.to_owned(), commit, at });
}

/// Whether exactly this is outside already, and was seen ready, and nothing else is left anywhere.
fn unchanged(work: &Work, pinned: &Pinned<'_>, revisions: &Revisions) -> bool {
    let environment = &work.environment;
    environment.left_behind.is_none()
        && environment.ready.as_ref().is_some_and(|ready| {
            ready.platform == pinned.hash
                && ready.revisions.is_same_as(revisions)
                && ready.generation >= environment.applied
        })
}

/// The environment is to go: teardown begins, and runs to its end.
fn absent(context: &Context, work: &mut Work, reason: AbsentReason) -> Result<Next, Refusal> {
    let now = context.now();
    work.environment.phase = Phase::Closing { held_by: None };
    work.environment.hold = true;
    work.environment.applied = work.environment.carrying;
    work.environment.ready = None;
    work.environment.deadline = now + TEARDOWN_WITHIN;
    work.beside.extend(store(work, None, Bound::Absent { reason }, None)?);
    Ok(Next::Turn(Stage::FIRST_UNDO))
}

fn store(
    work: &Work,
    platform: Option<&str>,
    bound: Bound,
    plan: Option<&Plan>,
) -> Result<Vec<crate::nouns::state::Write>, Refusal> {
    let environment = &work.environment;
    let deployment = Deployment {
        generation: environment.carrying,
        cause: environment.cause.clone(),
        platform: platform.map(str::to_owned),
        bound,
        chunks: 0,
        ended: None,
        progress: vec![],
    };
    record::store_deployment(&environment.id, deployment, plan)
}
