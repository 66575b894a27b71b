//! The join: which image of each workload was built from the commit.

use super::{Pinned, ResolveConfig};
use crate::{
    carry::Work,
    context::Context,
    nouns::state::{Condition, Row, Write},
    pages, rows, tags,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    actor::Verb,
    environment::{Environment, Tried},
    fact::ImageFact,
    intent::{Chosen, Evidence, Intent, Origin, Revisions},
    name::{EnvironmentId, WorkloadName},
    platform::{Otherwise, pipelines_that_may},
    refusal::Refusal,
    repository::Commit,
    sentence,
};
use std::collections::{BTreeMap, BTreeSet};

/// How often the registry is asked for what is awaited.
pub(super) const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// The images of a generation, as far as they are known.
pub(super) enum Choice {
    /// All of them.
    All(Revisions),
    /// They failed here before, and the type says to run what was ready.
    Return {
        /// What was ready.
        to: Revisions,
        /// The commit of what failed.
        tried: Commit,
    },
    /// Some are still awaited.
    Missing {
        /// Of these workloads.
        workloads: Vec<WorkloadName>,
        /// When to look again.
        until: Timestamp,
    },
}

impl ResolveConfig {
    /// Chooses an image for each workload; an event may never have come, so that the registry is asked too. The environment's row beside the facts is written first, then the facts are
    /// read: whoever writes a fact does it the other way round, so that one of the two always sees both.
    pub(super) async fn choose(
        &self,
        context: &Context,
        work: &Work,
        pinned: &Pinned<'_>,
        commit: &Commit,
    ) -> Result<Choice, Refusal> {
        let environment = &work.environment;
        follow_commit(context, environment, commit).await?;
        let facts = facts(context, environment, pinned, commit).await?;
        let mut chosen = BTreeMap::new();
        let mut missing = vec![];
        for (name, workload) in &pinned.application.workloads {
            let known = best(&facts, &environment.id, name).map(|fact| (fact.digest.clone(), fact.evidence));
            let known = match known {
                Some(known) => Some(known),
                None => {
                    let number = environment.source.number();
                    let built = tags::built_from(self.registry.as_ref(), workload, commit, number).await?;
                    built.map(|digest| (digest, Evidence::Tag))
                }
            };
            match known {
                Some((digest, evidence)) => {
                    chosen.insert(
                        name.clone(),
                        Chosen { digest, commit: None, origin: Origin::Built { evidence } },
                    );
                }
                None => missing.push(name.clone()),
            }
        }
        if let Some(choice) = wait(context, environment, pinned, &missing) {
            return Ok(choice);
        }
        self.fill(context, environment, pinned, commit, missing, &mut chosen).await?;
        let revisions = Revisions { commit: commit.clone(), images: chosen };
        settled(environment, revisions)
    }

    /// What was not rebuilt runs what the base environment runs, where the type says so.
    async fn fill(
        &self,
        context: &Context,
        environment: &Environment,
        pinned: &Pinned<'_>,
        commit: &Commit,
        missing: Vec<WorkloadName>,
        chosen: &mut BTreeMap<WorkloadName, Chosen>,
    ) -> Result<(), Refusal> {
        if missing.is_empty() {
            return Ok(());
        }
        if pinned.kind.images.otherwise == Otherwise::Fail {
            return Err(Refusal::rejected(sentence::images_missing(&missing, commit)));
        }
        let base = pinned.application.base_of(&environment.id.name).clone();
        let base = EnvironmentId::new(environment.id.application.clone(), base);
        let lender: Option<Environment> =
            rows::load(context.state.as_ref(), &rows::environment(&base)).await?;
        let ready = lender.and_then(|lender| lender.ready);
        for name in missing {
            let image = ready.as_ref().and_then(|ready| ready.revisions.images.get(&name));
            let image = image.ok_or_else(|| {
                Refusal::rejected(if base == environment.id {
                    sentence::never_built(&name, commit)
                } else {
                    sentence::base_has_none(&name, commit, &base)
                })
            })?;
            let origin = Origin::Base { environment: base.to_string() };
            chosen.insert(name, Chosen { digest: image.digest.clone(), commit: None, origin });
        }
        Ok(())
    }
}

async fn follow_commit(context: &Context, environment: &Environment, commit: &Commit) -> Result<(), Refusal> {
    let key = rows::commit_follower(&environment.repository, commit, &environment.id);
    let row = Row { key, attributes: serde_json::Map::new() };
    context.state.commit(&[Write::Put(row, Condition::Always)]).await?;
    Ok(())
}

/// What is known of the images of a commit, as far as it counts for an environment.
async fn facts(
    context: &Context,
    environment: &Environment,
    pinned: &Pinned<'_>,
    commit: &Commit,
) -> Result<Vec<ImageFact>, Refusal> {
    let partition = rows::commit_partition(&environment.repository, commit);
    let prefix = rows::image_facts(&environment.id.application);
    let rows = pages::all(context.state.as_ref(), &partition, &prefix).await?;
    let mut facts: Vec<ImageFact> = rows.iter().map(rows::read).collect::<Result<_, _>>()?;
    let application = &environment.id.application;
    let may = pipelines_that_may(pinned.platform, Verb::Deploy, application, &environment.kind);
    facts.retain(|fact| counts(fact, environment, &may) || runs(environment, commit, fact));
    Ok(facts)
}

/// A pipeline's word counts where it may deploy; what a registry shows counts everywhere. What was built from a merge of the
/// commit counts for pull requests alone.
fn counts(fact: &ImageFact, environment: &Environment, may: &BTreeSet<&str>) -> bool {
    if fact.merged && environment.source.number().is_none() {
        return false;
    }
    fact.evidence != Evidence::Told || fact.pipeline.as_deref().is_some_and(|pipeline| may.contains(pipeline))
}

/// What was ready at this very commit by somebody's word is not taken back with the right to tell of it.
fn runs(environment: &Environment, commit: &Commit, fact: &ImageFact) -> bool {
    let ready = environment.ready.as_ref().map(|ready| &ready.revisions);
    let ready = ready.filter(|ready| ready.commit_of(&fact.workload) == commit);
    let runs = ready.and_then(|ready| ready.images.get(&fact.workload));
    runs.is_some_and(|chosen| {
        chosen.digest == fact.digest && chosen.origin == Origin::Built { evidence: fact.evidence }
    })
}

fn best<'a>(facts: &'a [ImageFact], id: &EnvironmentId, name: &WorkloadName) -> Option<&'a ImageFact> {
    let of_workload =
        facts.iter().filter(|fact| fact.application == id.application && fact.workload == *name);
    of_workload.reduce(|best, fact| if fact.outranks(best) { fact } else { best })
}

fn wait(
    context: &Context,
    environment: &Environment,
    pinned: &Pinned<'_>,
    missing: &[WorkloadName],
) -> Option<Choice> {
    let bound_at = environment.bound.as_ref().map_or(environment.begun_at, |bound| bound.at);
    let over = bound_at + pinned.kind.images.wait;
    let now = context.now();
    let waits = !missing.is_empty() && now < over;
    waits.then(|| Choice::Missing { workloads: missing.to_vec(), until: over.min(now + ASK_AGAIN) })
}

/// What is to run, unless it failed here before.
pub(super) fn settled(environment: &Environment, revisions: Revisions) -> Result<Choice, Refusal> {
    match (refuse_tried(environment, &revisions), &environment.ready) {
        (Err(_), Some(ready)) if environment.returns => {
            Ok(Choice::Return { to: ready.revisions.clone(), tried: revisions.commit })
        }
        (refused, _) => refused.map(|()| Choice::All(revisions)),
    }
}

/// Nothing automatic deploys again what failed here; somebody who asks for the commit does.
fn refuse_tried(environment: &Environment, revisions: &Revisions) -> Result<(), Refusal> {
    let asked = matches!(environment.wanted.intent, Intent::At { .. });
    if !asked && environment.tried.contains(&Tried::of(revisions)) {
        Err(Refusal::rejected(sentence::tried(&revisions.commit)))
    } else {
        Ok(())
    }
}
