//! Environments that stand for want of an image which is there by now: all that a lost event should have told.

use super::{
    AcceptTrigger,
    differences::{Place, Telling, again},
    passed_over::PassedOver,
};
use crate::{context::Context, tags};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    actor::Actor,
    environment::{Environment, Phase},
    intent::{Origin, Source},
    name::{EnvironmentId, WorkloadName},
    platform::{Application, Otherwise},
    refusal::{Class, Refusal},
};

/// For how long after an environment came to its commit the registry is asked for images of it whose event never came.
const AWAITED_FOR: SignedDuration = SignedDuration::from_hours(24);

impl AcceptTrigger {
    /// Environments at rest that lack an image which the registry or their base has, or that failed for what may have passed.
    pub(super) async fn of_images(
        &self,
        context: &Context,
        place: &Place<'_>,
        over: &mut PassedOver,
    ) -> Vec<Telling> {
        let mut told = vec![];
        let at_rest = |member: &&Environment| member.is_at_rest() && member.phase != Phase::Gone;
        for environment in place.members.values().filter(at_rest).filter(|member| place.platform.has(member))
        {
            match self.may_go_on(context, place, environment).await {
                Ok(true) => told.push((again(environment), Actor::Roadstead)),
                Ok(false) => {}
                Err(refusal) => over.pass(&environment.id, refusal),
            }
        }
        told
    }

    async fn may_go_on(
        &self,
        context: &Context,
        place: &Place<'_>,
        environment: &Environment,
    ) -> Result<bool, Refusal> {
        let Some(application) = place.platform.applications.get(&environment.id.application) else {
            return Ok(false);
        };
        if may_have_passed(&environment.phase) || may_be_lent(place, application, environment) {
            return Ok(true);
        }
        let by_commit = !matches!(environment.source, Source::Tags { .. });
        Ok(by_commit
            && is_time(environment, context.now())
            && self.has_appeared(application, environment).await?)
    }

    /// Whether the registry has an image of the commit for a workload that runs none of it.
    async fn has_appeared(
        &self,
        application: &Application,
        environment: &Environment,
    ) -> Result<bool, Refusal> {
        let Some(bound) = &environment.bound else { return Ok(false) };
        let (registry, number) = (self.registry.as_ref(), environment.source.number());
        for (_, workload) in application.workloads.iter().filter(|(name, _)| lacks(environment, name)) {
            if tags::built_from(registry, workload, &bound.commit, number).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether what failed was nothing that the user must mend.
fn may_have_passed(phase: &Phase) -> bool {
    matches!(phase, Phase::Failed { refusal } if refusal.class == Class::Unavailable)
}

/// Whether its base came to run something since it failed for want of an image.
fn may_be_lent(place: &Place<'_>, application: &Application, environment: &Environment) -> bool {
    let failed = matches!(environment.phase, Phase::Failed { .. }) && environment.revisions.is_none();
    let kind = place.platform.types.get(&environment.kind);
    let borrows = kind.is_some_and(|kind| kind.images.otherwise == Otherwise::Base);
    let base = application.base_of(&environment.id.name).clone();
    let base = place.members.get(&EnvironmentId::new(environment.id.application.clone(), base));
    let lends = |base: &Environment| base.phase == Phase::Ready && base.phase_since > environment.phase_since;
    failed && borrows && base.is_some_and(lends)
}

/// Whether the registry is to be asked again: each time after as long as the environment had been at its commit the last time.
/// What is there may not be what it lacks, or may have failed, and then the next generation ends as this one did.
fn is_time(environment: &Environment, now: Timestamp) -> bool {
    let since = environment.commit_since.unwrap_or(environment.begun_at);
    let rests = now.duration_since(environment.phase_since);
    now.duration_since(since) <= AWAITED_FOR && rests >= environment.phase_since.duration_since(since)
}

/// Whether a workload runs nothing that was built from the commit.
fn lacks(environment: &Environment, workload: &WorkloadName) -> bool {
    let chosen = environment.revisions.as_ref().and_then(|revisions| revisions.images.get(workload));
    !chosen.is_some_and(|chosen| matches!(chosen.origin, Origin::Built { .. }))
}
