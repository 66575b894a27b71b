//! apply-to-eks: the manifests, and nothing else.

mod empty;
mod prune;

pub use empty::{Emptied, empty};

use super::{Refused, StepWork, objects, site::Site, whose};
use crate::{
    carry::{Next, Work},
    context::Context,
    nouns::Clusters,
    record,
};
use jiff::SignedDuration;
use roadstead_domain::{
    actor::Verb,
    environment::Environment,
    inventory::{Inventory, NamespaceItem},
    plan::{Part, Plan},
    platform::authorise,
    refusal::{Class, Refusal},
    sentence,
    step::{Direction, Stage, Step},
};
use std::{collections::BTreeSet, sync::Arc};

/// How long until objects that end are looked at again.
const ENDING_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// Where what people agree to is asked, and a namespace that is gone is made again.
const PROVISION: Stage = Stage { step: Step::ProvisionEnvironment, direction: Direction::Forward };

/// Applies the manifests and prunes what is not among them.
pub struct ApplyToEks {
    /// Where.
    pub clusters: Arc<dyn Clusters>,
}

#[async_trait::async_trait]
impl StepWork for ApplyToEks {
    fn step(&self) -> Step {
        Step::ApplyToEks
    }

    async fn carry_out(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal> {
        let environment = &work.environment;
        let plan = record::plan(context.state.as_ref(), &environment.id, environment.carrying).await?;
        check_scope(&plan)?;
        let may_recreate = check_right(context, environment).await?;
        for part in &plan.parts {
            let applied = self.apply(context, work, &plan.namespace, part, may_recreate).await;
            if !applied.map_err(|refusal| whose(&plan, part, refusal))? {
                return Ok(Next::Turn(PROVISION));
            }
        }
        narrow(&mut work.environment.inventory, &plan);
        Ok(Next::On)
    }

    async fn undo(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal> {
        let (mut refused, mut ending) = (Refused::default(), false);
        for namespace in work.environment.inventory.namespaces.clone() {
            let emptied = empty(context, work, self.clusters.as_ref(), &namespace).await;
            ending |= refused.pass(emptied) == Some(Emptied::Ending);
        }
        refused.end()?;
        if ending {
            Ok(Next::Wait { until: context.now() + ENDING_PAUSE, phase: None })
        } else {
            Ok(Next::On)
        }
    }
}

impl ApplyToEks {
    /// Applies the manifests in one cluster, and prunes there. Answers whether the namespace stood, and what was taken over there
    /// was as people agreed to.
    async fn apply(
        &self,
        context: &Context,
        work: &Work,
        namespace: &str,
        part: &Part,
        may_recreate: bool,
    ) -> Result<bool, Refusal> {
        let environment = &work.environment;
        let cluster = work.cluster(context, self.clusters.as_ref(), &part.cluster).await?;
        let item = NamespaceItem { cluster: part.cluster.clone(), name: namespace.to_owned() };
        let site = Site { cluster: &cluster, environment, namespace: &item };
        if !site.stands().await? {
            return Ok(false);
        }
        match bring(&site, part, may_recreate).await {
            // Our right within a namespace goes with it.
            Err(refusal) if refusal.class == Class::Broken && !site.stands().await? => Ok(false),
            brought => brought,
        }
    }
}

/// Brings everything there to the plan. Answers whether what was taken over was as people agreed to.
async fn bring(site: &Site<'_>, part: &Part, may_recreate: bool) -> Result<bool, Refusal> {
    for manifest in &part.manifests {
        if site.noted().is_none() {
            objects::bring(site.cluster, manifest, may_recreate).await?;
        } else if !site.take(manifest, may_recreate).await? {
            return Ok(false);
        }
    }
    site.prune(part).await.map(|()| true)
}

/// Every manifest is of a kind that is rendered, and in the namespace of the plan: checked before the first write.
fn check_scope(plan: &Plan) -> Result<(), Refusal> {
    for manifest in plan.parts.iter().flat_map(|part| &part.manifests) {
        let reference = objects::reference(manifest)?;
        if reference.namespace.as_deref() != Some(plan.namespace.as_str()) {
            return Err(Refusal::rejected(sentence::outside_namespace(
                &reference.kind.kind,
                &reference.name,
            )));
        }
    }
    Ok(())
}

/// Checks the actor's right again, against the configuration in force; answers whether the type lets objects be recreated.
async fn check_right(context: &Context, environment: &Environment) -> Result<bool, Refusal> {
    let platform = context.platforms.in_force().await?;
    let cause = &environment.cause;
    let allowed =
        authorise(&platform, &cause.actor, Verb::Deploy, &environment.id.application, &environment.kind);
    if !allowed {
        return Err(Refusal::rejected(sentence::may_not(&cause.actor, Verb::Deploy, &environment.id)));
    }
    Ok(platform.may_recreate(&environment.kind))
}

/// After the last write the inventory of objects is exactly the plan's, but for clusters that the type no longer has.
fn narrow(inventory: &mut Inventory, plan: &Plan) {
    inventory.objects.retain(|item| !plan.inventory.clusters.contains(&item.cluster));
    inventory.objects.extend(plan.inventory.objects.iter().cloned());
    let planned: BTreeSet<_> = plan.inventory.objects.iter().map(|item| (&item.kind, &item.name)).collect();
    inventory.adopted.retain(|item| {
        let stays = item.kind == "Namespace" || planned.contains(&(&item.kind, &item.name));
        stays || !plan.inventory.clusters.contains(&item.namespace.cluster)
    });
}
