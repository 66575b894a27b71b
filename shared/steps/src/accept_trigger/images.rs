//! Images that came to be: facts, and the environments that wait for them.

use super::{AcceptTrigger, Concerned, concern::Concern, these, told::Told};
use crate::{
    context::{Context, Handled},
    nouns::registry::digest_if_any,
    nouns::state::{Condition, StateError, Write},
    pages, rows, tags,
};
use roadstead_domain::{
    actor::{Actor, Verb},
    environment::Environment,
    fact::{ImageFact, Picked, ToldImage},
    image::{Digest, ImageRepository, Tag},
    intent::Evidence,
    name::{ApplicationName, EnvironmentId, WorkloadName},
    platform::{Application, Platform, Workload, authorise},
    refusal::{Class, Refusal},
    repository::{Commit, Repository},
    sentence,
    step::Stage,
    trigger::RegistryPlace,
};

/// A workload that keeps its images in a repository.
struct Keeper<'a> {
    application: &'a ApplicationName,
    repository: &'a Repository,
    name: &'a WorkloadName,
    workload: &'a Workload,
}

/// What is known of an image beside its workload.
struct Known<'a> {
    digest: Digest,
    commit: Commit,
    evidence: Evidence,
    pipeline: Option<&'a str>,
    run: Option<u64>,
}

fn keepers<'a>(platform: &'a Platform, image: &ImageRepository) -> Vec<Keeper<'a>> {
    let of = |(application, found): (&'a ApplicationName, &'a Application)| {
        let repository = &found.repository;
        found.workloads.iter().map(move |(name, workload)| Keeper { application, repository, name, workload })
    };
    platform.applications.iter().flat_map(of).filter(|keeper| keeper.workload.image == *image).collect()
}

impl AcceptTrigger {
    /// A registry has an image under a tag. Account and region only look up what the platform file says.
    pub(super) async fn image_pushed(
        &self,
        context: &Context,
        platform: &Platform,
        place: &RegistryPlace,
        tag: &Tag,
    ) -> Result<Concerned, Refusal> {
        let of_ours = |known: &&roadstead_domain::platform::RegistryAccount| {
            known.account == place.account && known.region == place.region
        };
        let Some(known) = platform.registries.iter().find(of_ours) else {
            return Ok(Concerned::Nobody(sentence::registry_unknown()));
        };
        let image = ImageRepository { registry: known.host.clone(), path: place.repository.clone() };
        let (mut concerns, mut refused) = (vec![], None);
        for keeper in keepers(platform, &image) {
            match self.known_by_tag(&keeper, tag).await {
                Ok(Some(known)) => concerns.extend(self.learn(context, platform, &keeper, known).await?),
                Ok(None) => {}
                Err(refusal) if refusal.class == Class::Rejected => refused = Some(refusal),
                Err(refusal) => return Err(refusal),
            }
        }
        concerns.extend(self.tag_followers(context, platform, &image, Some(tag)).await?);
        match refused {
            // What one workload cannot take keeps nobody else from hearing of it.
            Some(refusal) if concerns.is_empty() => Err(refusal),
            _ => Ok(these(concerns, sentence::nobody_waits)),
        }
    }

    /// A CI system says what it built.
    pub(super) async fn image_built(
        &self,
        context: &Context,
        platform: &Platform,
        pipeline: &str,
        (image, tag): (&ImageRepository, Option<&Tag>),
        told: &ToldImage,
    ) -> Result<Concerned, Refusal> {
        let tag_counts = tag.filter(|_| !self.registry.reads(image));
        tags::remember(context, pipeline, image, tag_counts, told).await?;
        let mut concerns = vec![];
        for keeper in keepers(platform, image) {
            let (digest, commit) = (told.digest.clone(), told.commit.clone());
            let (evidence, pipeline) = (Evidence::Told, Some(pipeline));
            let known = Known { digest, commit, evidence, pipeline, run: told.run };
            concerns.extend(self.learn(context, platform, &keeper, known).await?);
        }
        concerns.extend(self.tag_followers(context, platform, image, tag).await?);
        Ok(these(concerns, sentence::nobody_waits))
    }

    /// What a tag tells: the digest that it names now, and the commit that the image says.
    async fn known_by_tag(&self, keeper: &Keeper<'_>, tag: &Tag) -> Result<Option<Known<'static>>, Refusal> {
        let (registry, workload) = (self.registry.as_ref(), keeper.workload);
        if !workload.tags.iter().any(|template| template.matches(tag).is_some()) {
            return Ok(None);
        }
        let digest = digest_if_any(registry, &workload.image, tag).await?;
        let picked = digest.map(|digest| Picked { tag: tag.clone(), digest, told: None });
        let Some(picked) = picked else { return Ok(None) };
        let said = tags::commit_said(registry, workload, &picked).await?;
        let known = |(commit, evidence)| {
            let digest = picked.digest;
            Known { digest, commit, evidence, pipeline: None, run: None }
        };
        Ok(said.map(known))
    }

    /// Writes the fact for the commit, and for the commit that a merge commit merged; then reads who runs them.
    async fn learn(
        &self,
        context: &Context,
        platform: &Platform,
        keeper: &Keeper<'_>,
        known: Known<'_>,
    ) -> Result<Vec<Concern>, Refusal> {
        let shown = self.host.commit(keeper.repository, &known.commit).await?;
        let merged = shown.and_then(|shown| shown.parents.get(1).cloned());
        let built_from = std::iter::once((known.commit.clone(), false));
        let mut concerns = vec![];
        for (commit, merged) in built_from.chain(merged.map(|merged| (merged, true))) {
            let fact = ImageFact {
                application: keeper.application.clone(),
                workload: keeper.name.clone(),
                digest: known.digest.clone(),
                evidence: known.evidence,
                merged,
                pipeline: known.pipeline.map(str::to_owned),
                run: known.run,
                at: context.now(),
            };
            if may_count(platform, &fact) {
                keep(context, keeper.repository, &commit, &fact).await?;
            }
            concerns.extend(followers(context, keeper, &commit, &fact).await?);
        }
        Ok(concerns)
    }
}

/// Whether there are environments that a fact may count for: of who may deploy to none nothing is kept, so that nobody can fill
/// the place of what others tell.
fn may_count(platform: &Platform, fact: &ImageFact) -> bool {
    let Some(pipeline) = &fact.pipeline else { return true };
    let actor = Actor::Pipeline { key: pipeline.clone() };
    let mut kinds = platform.types.keys();
    kinds.any(|kind| authorise(platform, &actor, Verb::Deploy, &fact.application, kind))
}

async fn keep(context: &Context, repository: &Repository, commit: &Commit, fact: &ImageFact) -> Handled {
    let row = rows::row(rows::image_fact(repository, commit, fact), fact, None)?;
    match context.state.commit(&[Write::Put(row, Condition::RowMissing)]).await {
        Ok(()) | Err(StateError::Refused { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The environments that run the commit, without the image or while they wait for images.
async fn followers(
    context: &Context,
    keeper: &Keeper<'_>,
    commit: &Commit,
    fact: &ImageFact,
) -> Result<Vec<Concern>, Refusal> {
    let partition = rows::commit_partition(keeper.repository, commit);
    let prefix = rows::environments_of(keeper.application);
    let mut concerns = vec![];
    for row in pages::all(context.state.as_ref(), &partition, &prefix).await? {
        let Some(environment) = rows::environment_of(&row.key) else { continue };
        if wants(context, &environment, commit, fact).await? {
            let told = Told::Look { workload: fact.workload.clone(), digest: fact.digest.clone() };
            concerns.push(Concern { environment, told: Ok(told), follows: None });
        }
    }
    Ok(concerns)
}

/// Whether an environment runs this very commit, and not this image yet; or is being bound just now, to who knows what.
async fn wants(
    context: &Context,
    id: &EnvironmentId,
    commit: &Commit,
    fact: &ImageFact,
) -> Result<bool, Refusal> {
    let environment: Option<Environment> = rows::load(context.state.as_ref(), &rows::environment(id)).await?;
    let Some(environment) = environment else { return Ok(false) };
    if fact.merged && environment.source.number().is_none() {
        return Ok(false);
    }
    let resolving = environment.stage == Some(Stage::FIRST) && environment.bound.is_none();
    let bound = environment.bound.as_ref().is_some_and(|bound| bound.commit == *commit);
    let runs = environment.revisions.as_ref().and_then(|revisions| revisions.images.get(&fact.workload));
    Ok(resolving || bound && runs.is_none_or(|runs| runs.digest != fact.digest))
}
