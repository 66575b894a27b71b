//! Environments that a newer configuration changes follow it, so many at a time.

use super::{
    AcceptTrigger,
    concern::Concern,
    differences::{Place, is_going},
    passed_over::PassedOver,
    told::Told,
};
use crate::{configuration::InForce, context::Context};
use jiff::SignedDuration;
use roadstead_domain::{
    actor::Actor,
    environment::{Environment, Phase},
    intent::{Cause, Occasion},
    name::EnvironmentId,
    platform::Platform,
    refusal::{Class, Refusal},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// How many environments of a repository one look tells to follow a newer configuration. A deployment costs the Git host some
/// six requests: ten in a minute stay below the 5,000 an hour that GitHub allows.
pub const TOLD_AT_ONCE: usize = 10;
/// When the others are told: at the next tick of the clock.
pub(super) const OTHERS_AFTER: SignedDuration = SignedDuration::from_secs(45);

impl AcceptTrigger {
    /// Tells some of the environments that the configuration in force changes to follow it; answers whether there are more.
    pub(super) async fn tell_changed(
        &self,
        context: &Context,
        place: &Place<'_>,
        in_force: &InForce,
        changed: &BTreeSet<EnvironmentId>,
        over: &mut PassedOver,
    ) -> bool {
        let occasion =
            Occasion::Configuration { hash: in_force.hash.clone(), since: in_force.since.as_millisecond() };
        let cause = Cause { occasion, actor: Actor::Roadstead, at: context.now() };
        for environment in changed.iter().take(TOLD_AT_ONCE) {
            let concern =
                Concern { environment: environment.clone(), told: Ok(Told::Reconfigured), follows: None };
            if let Err(refusal) = self.tell(context, place.platform, concern, &cause).await {
                over.pass(environment, refusal);
            }
        }
        changed.len() > TOLD_AT_ONCE
    }
}

/// The environments of a place that were bound under a configuration which says otherwise for them.
pub(super) async fn changed(
    context: &Context,
    place: &Place<'_>,
    in_force: &InForce,
) -> Result<BTreeSet<EnvironmentId>, Refusal> {
    let mut older: BTreeMap<&str, Option<Arc<Platform>>> = BTreeMap::new();
    let mut changed = BTreeSet::new();
    for (id, environment) in place.members.iter().filter(|(_, member)| may_follow(place.platform, member)) {
        let Some(bound) = &environment.bound else {
            if failed_before(environment, in_force) {
                changed.insert(id.clone());
            }
            continue;
        };
        if bound.platform == in_force.hash {
            continue;
        }
        if !older.contains_key(bound.platform.as_str()) {
            older.insert(&bound.platform, readable(context, &bound.platform).await?);
        }
        let older = older.get(bound.platform.as_str()).and_then(Option::as_deref);
        if older.is_none_or(|older| place.platform.changes(older, environment)) {
            changed.insert(id.clone());
        }
    }
    Ok(changed)
}

/// Whether an environment can be told anything by a configuration: it has a place there, and no newer generation is coming.
fn may_follow(platform: &Platform, environment: &Environment) -> bool {
    let rests = environment.phase == Phase::Gone || environment.is_behind() || is_going(environment);
    !rests && platform.has(environment)
}

/// Whether a generation failed before it was bound to any configuration, and another one may have been in force then.
fn failed_before(environment: &Environment, in_force: &InForce) -> bool {
    let failed = matches!(environment.phase, Phase::Failed { .. } | Phase::NeedsAttention { .. });
    environment.is_at_rest() && failed && environment.begun_at < in_force.since
}

/// A configuration of before; none if it cannot be read, which is as good as another one.
pub(super) async fn readable(context: &Context, hash: &str) -> Result<Option<Arc<Platform>>, Refusal> {
    match context.platforms.by_hash(hash).await {
        Ok(platform) => Ok(Some(platform)),
        Err(refusal) if refusal.class == Class::Broken => {
            tracing::error!(hash, %refusal, "a configuration of before cannot be read");
            Ok(None)
        }
        Err(refusal) => Err(refusal),
    }
}
