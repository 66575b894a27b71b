//! Following tags: what they name is bound once, for each workload; a tag itself is never applied.

use super::{
    Pinned, ResolveConfig,
    images::{ASK_AGAIN, Choice, settled},
};
use crate::{carry::Work, context::Context, tags::Tags};
use roadstead_domain::{
    environment::{Environment, RESOLVE_WITHIN},
    fact::Picked,
    intent::{Chosen, Origin, Revisions},
    name::WorkloadName,
    refusal::Refusal,
    repository::Commit,
    sentence,
    tag_rule::TagRule,
};
use std::collections::BTreeMap;

impl ResolveConfig {
    /// Chooses what the followed tags name now, unless an earlier look bound this generation.
    pub(super) async fn choose_by_tags(
        &self,
        context: &Context,
        work: &mut Work,
        pinned: &Pinned<'_>,
        rule: &TagRule,
    ) -> Result<Choice, Refusal> {
        if let (Some(_), Some(revisions)) = (&work.environment.bound, &work.environment.revisions) {
            return Ok(Choice::All(revisions.clone()));
        }
        let place = (&work.environment.id.application, &work.environment.kind);
        let tags = Tags::followed(context, self.registry.as_ref(), rule, pinned.platform, place);
        let mut picked = BTreeMap::new();
        for (name, workload) in &pinned.application.workloads {
            let before = work.environment.picked.get(name);
            let found = tags.pick(&workload.image, before).await?;
            picked.extend(found.map(|found| (name.clone(), found)));
        }
        let missing = missing(&work.environment, pinned, &picked);
        if !missing.is_empty() {
            return wait(context, &mut work.environment, pinned, rule, missing);
        }
        work.environment.picked.extend(picked.clone());
        let revisions = revisions(&tags, &work.environment, pinned, &picked).await?;
        settled(&work.environment, revisions)
    }
}

/// What the picked images are, with the commits that they were built from; what no tag names any more stays.
async fn revisions(
    tags: &Tags<'_>,
    environment: &Environment,
    pinned: &Pinned<'_>,
    picked: &BTreeMap<WorkloadName, Picked>,
) -> Result<Revisions, Refusal> {
    let mut chosen = BTreeMap::new();
    for (name, workload) in &pinned.application.workloads {
        let Some(picked) = picked.get(name) else {
            chosen.extend(kept(environment, name).map(|kept| (name.clone(), kept)));
            continue;
        };
        let known = tags.commit_of(workload, picked).await?;
        let unknown = || sentence::commit_unknown(name, &workload.image, &picked.tag);
        let (commit, evidence) = known.ok_or_else(|| Refusal::rejected(unknown()))?;
        let origin = Origin::Tagged { tag: picked.tag.clone(), evidence };
        chosen.insert(name.clone(), Chosen { digest: picked.digest.clone(), commit: Some(commit), origin });
    }
    of_one_commit(environment, chosen)
}

/// The workloads of which nothing can run: no tag names an image, and none ran before.
fn missing(
    environment: &Environment,
    pinned: &Pinned<'_>,
    picked: &BTreeMap<WorkloadName, Picked>,
) -> Vec<WorkloadName> {
    let names = pinned.application.workloads.keys();
    names.filter(|name| !picked.contains_key(*name) && kept(environment, name).is_none()).cloned().collect()
}

/// What a workload ran when all was ready.
fn kept(environment: &Environment, name: &WorkloadName) -> Option<Chosen> {
    let ready = &environment.ready.as_ref()?.revisions;
    let commit = Some(ready.commit_of(name).clone());
    Some(Chosen { digest: ready.images.get(name)?.digest.clone(), commit, origin: Origin::Kept })
}

/// Waits as long as the type says for what was never pushed.
fn wait(
    context: &Context,
    environment: &mut Environment,
    pinned: &Pinned<'_>,
    rule: &TagRule,
    missing: Vec<WorkloadName>,
) -> Result<Choice, Refusal> {
    let (now, over) = (context.now(), environment.begun_at + pinned.kind.images.wait);
    environment.deadline = over + RESOLVE_WITHIN;
    if now < over {
        Ok(Choice::Missing { workloads: missing, until: over.min(now + ASK_AGAIN) })
    } else {
        Err(Refusal::rejected(sentence::no_tag(rule, &missing)))
    }
}

/// The commit that stands for all is that of the first workload which changes; none changes, and it stays what it was.
fn of_one_commit(
    environment: &Environment,
    mut chosen: BTreeMap<WorkloadName, Chosen>,
) -> Result<Revisions, Refusal> {
    let ready = environment.ready.as_ref().map(|ready| &ready.revisions);
    let ran = |name: &WorkloadName| ready.and_then(|ready| ready.images.get(name)).map(|ran| &ran.digest);
    let changed = chosen.iter().find(|(name, now)| ran(name) != Some(&now.digest));
    let commit: Option<Commit> = match (changed, ready) {
        (None, Some(ready)) => Some(ready.commit.clone()),
        (changed, _) => changed.and_then(|(_, chosen)| chosen.commit.clone()),
    };
    let commit = commit.ok_or_else(|| Refusal::broken("an application without workloads follows tags"))?;
    for one in chosen.values_mut() {
        one.commit = one.commit.take().filter(|own| *own != commit);
    }
    Ok(Revisions { commit, images: chosen })
}
