//! What pipelines told of images. Each word is a row of the pipeline that told it, so that none takes the place of another's,
//! and it counts for an environment only if that pipeline may deploy to it.

use super::Tags;
use crate::{
    context::{Context, Handled},
    nouns::state::{Condition, Consistency, Key, Query, Row, StateError, Write},
    rows,
};
use roadstead_domain::{
    fact::{Picked, Told, ToldImage},
    image::{Digest, ImageRepository, Tag},
    refusal::Refusal,
    sentence,
    tag_rule::TagRule,
};
use std::collections::BTreeMap;

/// The most tags of one image that one pipeline told and that are followed, where the newest of them counts: as many as are
/// read of a registry.
pub const TOLD_LIMIT: usize = 10_000;

/// The most tags of one image, followed or not, that are read of what one pipeline told.
pub const TOLD_READ_LIMIT: usize = 50_000;

/// How many of them are read at a time.
const PAGE: usize = 2_000;

/// Remembers what a pipeline told of an image, and of the tag that it was pushed under.
///
/// # Errors
/// When the table does not answer.
pub async fn remember(
    context: &Context,
    pipeline: &str,
    image: &ImageRepository,
    tag: Option<&Tag>,
    told: &ToldImage,
) -> Handled {
    let tag = tag.map(|tag| rows::told_tag(image, pipeline, tag));
    for key in [rows::told_digest(image, pipeline, &told.digest)].into_iter().chain(tag) {
        put_if_later(context, key, told).await?;
    }
    Ok(())
}

/// Of one pipeline's words a later run counts, and one with the number of a run more than one without; of words without, the
/// later one.
async fn put_if_later(context: &Context, key: Key, told: &ToldImage) -> Handled {
    let without_run = || Condition::Missing("run".to_owned());
    let earlier = match told.run {
        Some(run) => Condition::Any(vec![without_run(), Condition::Below("run".to_owned(), number(run))]),
        None => {
            let at = Condition::Below("at".to_owned(), told.at.as_millisecond());
            Condition::All(vec![without_run(), at])
        }
    };
    let earlier = Condition::Any(vec![Condition::RowMissing, earlier]);
    match context.state.commit(&[Write::Put(rows::row(key, told, None)?, earlier)]).await {
        Ok(()) | Err(StateError::Refused { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The door lets none in that does not fit.
fn number(run: u64) -> i64 {
    i64::try_from(run).unwrap_or(i64::MAX)
}

fn tag_of(key: &Key) -> Option<Tag> {
    key.sort.strip_prefix(rows::TOLD_TAG)?.parse().ok()
}

impl Tags<'_> {
    /// What the rule picks of what was told, and of what it picked before: who loses the right to tell takes nothing back. Of
    /// several words about a tag the last that came counts: pipelines number their runs each for itself.
    pub(super) async fn pick_told(
        &self,
        image: &ImageRepository,
        before: Option<&Picked>,
    ) -> Result<Option<Picked>, Refusal> {
        let before = before.filter(|before| before.told.as_ref().is_some_and(|told| told.image == *image));
        let mut last: BTreeMap<Tag, Picked> =
            before.map(|before| (before.tag.clone(), before.clone())).into_iter().collect();
        let came = |picked: &Picked| picked.told.as_ref().map(|told| told.at);
        for pipeline in &self.pipelines {
            for picked in self.tags_told_by(pipeline, image).await? {
                if last.get(&picked.tag).is_none_or(|other| came(&picked) > came(other)) {
                    last.insert(picked.tag.clone(), picked);
                }
            }
        }
        let tag = self.rule.pick(last.keys()).cloned();
        Ok(tag.and_then(|tag| last.remove(&tag)))
    }

    async fn tags_told_by(&self, pipeline: &str, image: &ImageRepository) -> Result<Vec<Picked>, Refusal> {
        let picked = |tag, told: ToldImage| {
            let ToldImage { digest, commit, at, .. } = told;
            Picked { tag, digest, told: Some(Told { image: image.clone(), commit, at }) }
        };
        if let TagRule::Exact(tag) = self.rule {
            let told = self.told(&rows::told_tag(image, pipeline, tag)).await?;
            return Ok(told.map(|told| picked(tag.clone(), told)).into_iter().collect());
        }
        let followed = self.followed_of(pipeline, image).await?;
        followed.into_iter().map(|(tag, row)| Ok(picked(tag, rows::read(&row)?))).collect()
    }

    /// The rows of the tags that the rule admits, of all that the pipeline told; told page by page, because nothing that was
    /// told is ever taken away.
    async fn followed_of(&self, pipeline: &str, image: &ImageRepository) -> Result<Vec<(Tag, Row)>, Refusal> {
        let mut query = Query {
            partition: rows::told_partition(image, pipeline),
            prefix: rows::TOLD_TAG.to_owned(),
            consistency: Consistency::Strong,
            limit: PAGE,
            after: None,
        };
        let (mut followed, mut read) = (vec![], 0);
        loop {
            let page = self.context.state.query(&query).await?;
            read += page.len();
            let last = (page.len() == PAGE).then(|| page.last().map(|row| row.key.sort.clone())).flatten();
            let tagged = page.into_iter().filter_map(|row| Some((tag_of(&row.key)?, row)));
            followed.extend(tagged.filter(|(tag, _)| self.rule.matches(tag)));
            if followed.len() > TOLD_LIMIT {
                return Err(Refusal::rejected(sentence::too_many_told(pipeline, image, TOLD_LIMIT)));
            }
            if read > TOLD_READ_LIMIT {
                return Err(Refusal::rejected(sentence::too_many_to_read(pipeline, image, TOLD_READ_LIMIT)));
            }
            if last.is_none() {
                return Ok(followed);
            }
            query.after = last;
        }
    }

    /// What was told last of an image.
    pub(super) async fn told_of(
        &self,
        image: &ImageRepository,
        digest: &Digest,
    ) -> Result<Option<ToldImage>, Refusal> {
        let mut latest: Option<ToldImage> = None;
        for pipeline in &self.pipelines {
            if let Some(told) = self.told(&rows::told_digest(image, pipeline, digest)).await?
                && latest.as_ref().is_none_or(|other| told.at > other.at)
            {
                latest = Some(told);
            }
        }
        Ok(latest)
    }

    async fn told(&self, key: &Key) -> Result<Option<ToldImage>, Refusal> {
        rows::load(self.context.state.as_ref(), key).await
    }
}
