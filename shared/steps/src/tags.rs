//! What tags name now: those that are followed, and those that an image of a commit would have.

mod told;

pub use told::{TOLD_LIMIT, TOLD_READ_LIMIT, remember};

use crate::{
    context::Context,
    nouns::{CallError, Registry, registry::digest_if_any},
};
use roadstead_domain::{
    actor::Verb,
    environment::Environment,
    fact::Picked,
    image::{Digest, ImageRepository},
    intent::Evidence,
    name::{ApplicationName, TypeName},
    platform::{Application, Platform, Workload, pipelines_that_may},
    refusal::Refusal,
    repository::Commit,
    tag_rule::TagRule,
};
use std::collections::BTreeSet;

/// How it is found out what an environment's tags name now: from the registry, or as pipelines told it where the registry
/// cannot be asked.
pub struct Tags<'a> {
    context: &'a Context,
    registry: &'a dyn Registry,
    rule: &'a TagRule,
    /// Whose word counts: those that may deploy to the environment.
    pipelines: BTreeSet<&'a str>,
}

impl<'a> Tags<'a> {
    /// The tags that an environment of a type of an application follows.
    pub fn followed(
        context: &'a Context,
        registry: &'a dyn Registry,
        rule: &'a TagRule,
        platform: &'a Platform,
        (application, kind): (&ApplicationName, &TypeName),
    ) -> Self {
        let pipelines = pipelines_that_may(platform, Verb::Deploy, application, kind);
        Self { context, registry, rule, pipelines }
    }

    /// What the rule picks of an image's tags now, after what it picked before; none when no tag is followed.
    ///
    /// # Errors
    /// When the tags cannot be read, or not all of them.
    pub async fn pick(
        &self,
        image: &ImageRepository,
        before: Option<&Picked>,
    ) -> Result<Option<Picked>, Refusal> {
        let registry = self.registry;
        if !registry.reads(image) {
            return self.pick_told(image, before).await;
        }
        let tag = match self.rule {
            TagRule::Exact(tag) => tag.clone(),
            rule => match registry.tags(image).await {
                Ok(tags) => match rule.pick(&tags) {
                    Some(tag) => tag.clone(),
                    None => return Ok(None),
                },
                Err(CallError::Missing { .. }) => return Ok(None),
                Err(error) => return Err(error.into()),
            },
        };
        let digest = digest_if_any(registry, image, &tag).await?;
        Ok(digest.map(|digest| Picked { tag, digest, told: None }))
    }

    /// Which commit an image was built from: it says so itself, or else a pipeline does.
    ///
    /// # Errors
    /// When the registry or the table does not answer.
    pub async fn commit_of(
        &self,
        workload: &Workload,
        picked: &Picked,
    ) -> Result<Option<(Commit, Evidence)>, Refusal> {
        if let Some(said) = commit_said(self.registry, workload, picked).await? {
            return Ok(Some(said));
        }
        let told = self.told_of(&workload.image, &picked.digest).await?.map(|told| told.commit);
        let commit = told.or_else(|| picked.told.as_ref().map(|told| told.commit.clone()));
        Ok(commit.map(|commit| (commit, Evidence::Told)))
    }

    /// Whether a tag names something else than when it was read last. One that is gone changes nothing.
    ///
    /// # Errors
    /// As [`Tags::pick`].
    pub async fn have_moved(
        &self,
        application: &Application,
        environment: Option<&Environment>,
    ) -> Result<bool, Refusal> {
        for (name, workload) in &application.workloads {
            let before = environment.and_then(|environment| environment.picked.get(name));
            let Some(now) = self.pick(&workload.image, before).await? else { continue };
            if before.is_none_or(|before| before.digest != now.digest) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The image under one of the tags that it would have if it was built from a commit; none where the registry cannot be asked.
///
/// # Errors
/// When the registry does not answer.
pub async fn built_from(
    registry: &dyn Registry,
    workload: &Workload,
    commit: &Commit,
    number: Option<u64>,
) -> Result<Option<Digest>, Refusal> {
    if !registry.reads(&workload.image) {
        return Ok(None);
    }
    for tag in workload.tags.iter().filter_map(|template| template.render(commit, number)) {
        if let Some(digest) = digest_if_any(registry, &workload.image, &tag).await? {
            return Ok(Some(digest));
        }
    }
    Ok(None)
}

/// Which commit an image says that it was built from: by its label, else by its tag.
///
/// # Errors
/// When the registry does not answer.
pub async fn commit_said(
    registry: &dyn Registry,
    workload: &Workload,
    picked: &Picked,
) -> Result<Option<(Commit, Evidence)>, Refusal> {
    if registry.reads(&workload.image) {
        let details = registry.details(&workload.image, &picked.digest).await?;
        if let Some(commit) = details.and_then(|details| details.revision) {
            return Ok(Some((commit, Evidence::Label)));
        }
    }
    let in_tag = workload.tags.iter().find_map(|template| template.matches(&picked.tag)?.commit);
    let commit = in_tag.and_then(|text| text.parse().ok());
    Ok(commit.map(|commit| (commit, Evidence::Tag)))
}
