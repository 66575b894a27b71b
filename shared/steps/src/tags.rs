//! What tags name now: those that are followed, and those that an image of a commit would have.

use crate::{
    context::Context,
    nouns::{
        CallError, Registry,
        registry::digest_if_any,
        state::{Consistency, Query},
    },
    rows,
};
use roadstead_domain::{
    environment::Environment,
    fact::{Picked, ToldImage},
    image::{Digest, ImageRepository, Tag},
    intent::Evidence,
    platform::{Application, Workload},
    refusal::Refusal,
    repository::Commit,
    tag_rule::TagRule,
};

/// The most tags of one image that a pipeline told and that are looked at.
const TOLD_LIMIT: usize = 10_000;

/// What a rule picks of an image's tags now; none when no tag is followed.
///
/// # Errors
/// When the tags cannot be read, or not all of them.
pub async fn pick(
    context: &Context,
    registry: &dyn Registry,
    rule: &TagRule,
    image: &ImageRepository,
) -> Result<Option<Picked>, Refusal> {
    if !registry.reads(image) {
        return pick_told(context, rule, image).await;
    }
    let tag = match rule {
        TagRule::Exact(tag) => tag.clone(),
        _ => match registry.tags(image).await {
            Ok(tags) => match rule.pick(&tags) {
                Some(tag) => tag.clone(),
                None => return Ok(None),
            },
            Err(CallError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        },
    };
    let digest = digest_if_any(registry, image, &tag).await?;
    Ok(digest.map(|digest| Picked { tag, digest }))
}

async fn pick_told(
    context: &Context,
    rule: &TagRule,
    image: &ImageRepository,
) -> Result<Option<Picked>, Refusal> {
    let query = Query {
        partition: rows::image_partition(image),
        prefix: "tag#".to_owned(),
        consistency: Consistency::Strong,
        backwards: false,
        limit: TOLD_LIMIT,
        after: None,
    };
    let found = context.state.query(&query).await?;
    let tags: Vec<Tag> =
        found.iter().filter_map(|row| row.key.sort.trim_start_matches("tag#").parse().ok()).collect();
    let Some(tag) = rule.pick(&tags) else { return Ok(None) };
    let row = found.iter().find(|row| row.key == rows::told_tag(image, tag));
    let told: Option<ToldImage> = row.map(rows::read).transpose()?;
    Ok(told.map(|told| Picked { tag: tag.clone(), digest: told.digest }))
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

/// Which commit an image was built from: says its label, else the tag, else the pipeline.
///
/// # Errors
/// When the registry or the table does not answer.
pub async fn commit_of(
    context: &Context,
    registry: &dyn Registry,
    workload: &Workload,
    picked: &Picked,
) -> Result<Option<(Commit, Evidence)>, Refusal> {
    let image = &workload.image;
    if registry.reads(image) {
        let details = registry.details(image, &picked.digest).await?;
        if let Some(commit) = details.and_then(|details| details.revision) {
            return Ok(Some((commit, Evidence::Label)));
        }
    }
    let in_tag = workload.tags.iter().find_map(|template| template.matches(&picked.tag)?.commit);
    if let Some(commit) = in_tag.and_then(|text| text.parse().ok()) {
        return Ok(Some((commit, Evidence::Tag)));
    }
    let row = context.state.get(&rows::told_digest(image, &picked.digest), Consistency::Strong).await?;
    let told: Option<ToldImage> = row.as_ref().map(rows::read).transpose()?;
    Ok(told.map(|told| (told.commit, Evidence::Told)))
}

/// Whether a tag that an environment follows names something else than when it was read last. One that is gone changes
/// nothing.
///
/// # Errors
/// As [`pick`].
pub async fn have_moved(
    context: &Context,
    registry: &dyn Registry,
    rule: &TagRule,
    application: &Application,
    environment: Option<&Environment>,
) -> Result<bool, Refusal> {
    for (name, workload) in &application.workloads {
        let Some(now) = pick(context, registry, rule, &workload.image).await? else { continue };
        let before = environment.and_then(|environment| environment.picked.get(name));
        if before.is_none_or(|before| before.digest != now.digest) {
            return Ok(true);
        }
    }
    Ok(false)
}
