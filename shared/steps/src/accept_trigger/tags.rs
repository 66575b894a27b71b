//! Environments that follow a tag under which an image was pushed: standing ones, so that the configuration names them all.

use super::{
    AcceptTrigger,
    concern::{Concern, Follows},
    differences::{Place, Telling},
    passed_over::PassedOver,
    told::Told,
};
use crate::{context::Context, rows, tags::Tags};
use roadstead_domain::{
    actor::Actor,
    environment::{Environment, Phase},
    fact::Picked,
    image::{ImageRepository, Tag},
    intent::{Intent, Source},
    name::{ApplicationName, EnvironmentId, WorkloadName},
    platform::{Application, Following, Platform},
    refusal::{Class, Refusal},
    sentence,
    tag_rule::TagRule,
    trigger::Outcome,
};

/// A standing environment that follows tags of an image.
struct Follower<'a> {
    id: EnvironmentId,
    application: &'a Application,
    following: &'a Following,
    rule: &'a TagRule,
}

/// The environments of an application that follow tags.
fn followers<'a>(
    (name, application): (&'a ApplicationName, &'a Application),
) -> impl Iterator<Item = Follower<'a>> {
    application.environments.iter().filter_map(move |(environment, following)| {
        let Source::Tags { rule } = &following.source else { return None };
        let id = EnvironmentId::new(name.clone(), environment.clone());
        Some(Follower { id, application, following, rule })
    })
}

/// Those that follow a tag of an image; all that follow any, if none is named.
fn followers_of<'a>(
    platform: &'a Platform,
    image: &ImageRepository,
    tag: Option<&Tag>,
) -> impl Iterator<Item = Follower<'a>> {
    let keeps = |(_, application): &(&ApplicationName, &Application)| {
        application.workloads.values().any(|workload| workload.image == *image)
    };
    let found = platform.applications.iter().filter(keeps).flat_map(followers);
    found.filter(move |follower| tag.is_none_or(|tag| follower.rule.matches(tag)))
}

fn concern(follower: &Follower<'_>, told: Result<Told, Outcome>) -> Concern {
    let follows = Follows {
        kind: follower.following.kind.clone(),
        source: follower.following.source.clone(),
        repository: follower.application.repository.clone(),
        lifetime: None,
        seen: None,
    };
    Concern { environment: follower.id.clone(), told, follows: Some(follows) }
}

impl AcceptTrigger {
    /// Who is to look because an image was pushed, and who need not.
    pub(super) async fn tag_followers(
        &self,
        context: &Context,
        platform: &Platform,
        image: &ImageRepository,
        tag: Option<&Tag>,
    ) -> Result<Vec<Concern>, Refusal> {
        let mut concerns = vec![];
        for follower in followers_of(platform, image, tag) {
            let told = match self.no_news(context, platform, &follower, (image, tag)).await {
                Ok(None) => Ok(Told::Wanted(Intent::Follow { hint: None })),
                Ok(Some(reason)) => Err(Outcome::Nothing { reason }),
                Err(Refusal { class: Class::Rejected, text, .. }) => Err(Outcome::Refused { reason: text }),
                Err(refusal) => return Err(refusal),
            };
            concerns.push(concern(&follower, told));
        }
        Ok(concerns)
    }

    /// Why an environment that rests need not look: the tags that it follows name what they named when it did. What failed
    /// before it knew what to run may succeed now.
    async fn no_news(
        &self,
        context: &Context,
        platform: &Platform,
        follower: &Follower<'_>,
        (image, tag): (&ImageRepository, Option<&Tag>),
    ) -> Result<Option<String>, Refusal> {
        let key = rows::environment(&follower.id);
        let known: Option<Environment> = rows::load(context.state.as_ref(), &key).await?;
        let Some(known) = known else { return Ok(None) };
        let bound = known.revisions.is_some() && known.phase != Phase::Gone;
        let same_rule = known.source == follower.following.source;
        if !known.is_at_rest() || known.is_behind() || !bound || !same_rule {
            return Ok(None);
        }
        if self.have_moved(context, platform, follower, Some(&known)).await? {
            return Ok(None);
        }
        let workload = follower.application.workloads.iter().find(|(_, workload)| workload.image == *image);
        let workload = workload.map(|(name, _)| name);
        if workload.is_some_and(|name| is_undone(&known, name)) {
            return Ok(None);
        }
        let picked = workload.and_then(|name| known.picked.get(name)).map(|picked| &picked.tag);
        Ok(Some(match (picked, tag) {
            (Some(picked), Some(tag)) if picked != tag => sentence::counts_more(picked),
            (Some(picked), _) => sentence::named_already(picked),
            (None, _) => sentence::no_tag_moved(),
        }))
    }

    /// Whether a tag that it follows names something else than when it was read last.
    async fn have_moved(
        &self,
        context: &Context,
        platform: &Platform,
        follower: &Follower<'_>,
        known: Option<&Environment>,
    ) -> Result<bool, Refusal> {
        let Follower { id, application, following, rule } = follower;
        let kind = known.map_or(&following.kind, |known| &known.kind);
        let place = (&id.application, kind);
        let tags = Tags::followed(context, self.registry.as_ref(), rule, platform, place);
        tags.have_moved(application, known).await
    }

    /// Followers of tags that are missing, or whose tags have moved.
    pub(super) async fn of_tags(
        &self,
        context: &Context,
        place: &Place<'_>,
        over: &mut PassedOver,
    ) -> Vec<Telling> {
        let mut told = vec![];
        for follower in place.platform.applications_of(place.repository).flat_map(followers) {
            let known = place.members.get(&follower.id);
            if known.is_some_and(|known| !known.is_at_rest()) {
                continue;
            }
            match self.have_moved(context, place.platform, &follower, known).await {
                Ok(true) => {
                    let wanted = Told::Wanted(Intent::Follow { hint: None });
                    told.push((concern(&follower, Ok(wanted)), Actor::Roadstead));
                }
                Ok(false) => {}
                Err(refusal) => over.pass(&follower.id, refusal),
            }
        }
        told
    }
}

/// Whether a tag named an image that neither runs nor failed: something was missing to deploy it.
fn is_undone(known: &Environment, workload: &WorkloadName) -> bool {
    let Some(Picked { digest, .. }) = known.picked.get(workload) else { return false };
    let chosen = known.revisions.as_ref().and_then(|revisions| revisions.images.get(workload));
    let runs = chosen.is_some_and(|chosen| chosen.digest == *digest);
    let failed = known.tried.iter().any(|tried| tried.images.get(workload) == Some(digest));
    !runs && !failed
}
