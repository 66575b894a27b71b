//! provision-environment: the namespace, and what guards it.

mod fence;
mod namespace;
mod removal;

pub use removal::remove;

use super::{Refused, StepWork, adoption::Agreed, objects, site::Site, whose};
use crate::{
    carry::{Next, Work},
    context::Context,
    nouns::{CallError, Cluster, Clusters},
    record,
};
use jiff::SignedDuration;
use namespace::Raised;
use roadstead_domain::{
    environment::{Environment, Phase},
    inventory::{AdoptedItem, NamespaceItem},
    plan::{Part, Plan},
    refusal::Refusal,
    sentence,
    step::Step,
};
use serde_json::Value;
use std::sync::Arc;

/// How often a guard is tried while the cluster has not seen our new right yet.
const RIGHT_TRIES: u32 = 20;
/// How long between two of these tries.
const RIGHT_PAUSE: SignedDuration = SignedDuration::from_millis(50);
/// How long until a namespace that ends is looked at again.
const ENDING_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// Makes the namespace and what guards it.
pub struct ProvisionEnvironment {
    /// Where.
    pub clusters: Arc<dyn Clusters>,
}

#[async_trait::async_trait]
impl StepWork for ProvisionEnvironment {
    fn step(&self) -> Step {
        Step::ProvisionEnvironment
    }

    async fn carry_out(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal> {
        let environment = &work.environment;
        let plan = record::plan(context.state.as_ref(), &environment.id, environment.carrying).await?;
        let may_recreate = may_recreate(context, environment).await?;
        let (mut ending, mut noted) = (false, false);
        for part in &plan.parts {
            let provided = self.provide(context, work, &plan, part, may_recreate).await;
            match provided.map_err(|refusal| whose(&plan, part, refusal))? {
                Provided::Ready => {}
                Provided::Ending => ending = true,
                Provided::Noted => noted = true,
            }
        }
        match (noted, ending) {
            (true, _) => Ok(Next::Wait { until: context.now(), phase: None }),
            (false, true) => Ok(Next::Wait { until: context.now() + ENDING_PAUSE, phase: None }),
            (false, false) => Ok(Next::On),
        }
    }

    async fn undo(&self, context: &Context, work: &mut Work) -> Result<Next, Refusal> {
        let (mut refused, mut held) = (Refused::default(), None);
        for item in work.environment.inventory.namespaces.clone() {
            match refused.pass(remove(context, work, self.clusters.as_ref(), &item).await) {
                Some(None) => work.environment.inventory.forget_namespace(&item),
                Some(Some(held_by)) => drop(held.get_or_insert((item.name, held_by))),
                None => {}
            }
        }
        refused.end()?;
        match held {
            None => Ok(Next::On),
            Some((name, held_by)) if context.now() >= work.environment.deadline => {
                Err(Refusal::unavailable(sentence::held(&name, &held_by)))
            }
            Some((name, held_by)) => {
                let told = (!held_by.is_empty()).then(|| sentence::held(&name, &held_by));
                let phase = Phase::Closing { held_by: told };
                Ok(Next::Wait { until: context.now() + ENDING_PAUSE, phase: Some(phase) })
            }
        }
    }
}

/// How far a namespace and its guards have come.
enum Provided {
    /// They are there.
    Ready,
    /// The namespace of before is still on its way out.
    Ending,
    /// Something is to be in the inventory before anything else is done.
    Noted,
}

impl ProvisionEnvironment {
    /// Makes the namespace and its guards in one cluster.
    async fn provide(
        &self,
        context: &Context,
        work: &mut Work,
        plan: &Plan,
        part: &Part,
        may_recreate: bool,
    ) -> Result<Provided, Refusal> {
        let cluster = work.cluster(context, self.clusters.as_ref(), &part.cluster).await?;
        let item = NamespaceItem { cluster: part.cluster.clone(), name: plan.namespace.clone() };
        let site = Site { cluster: &cluster, environment: &work.environment, namespace: &item };
        match site.raise(part).await? {
            Raised::Ending => return Ok(Provided::Ending),
            Raised::Unagreed => {
                work.environment.inventory.adopt(AdoptedItem::namespace(item));
                return Ok(Provided::Noted);
            }
            Raised::Vanished => {
                work.environment.inventory.adopted.retain(|adopted| adopted.namespace != item);
                return Ok(Provided::Noted);
            }
            Raised::Ready => {}
        }
        if let Some(binding) = part.own_binding() {
            guard(context, &cluster, binding).await?;
        }
        if site.noted().is_some() {
            return take_over(work, &cluster, &item, part, may_recreate).await;
        }
        for manifest in part.other_guards() {
            guard(context, &cluster, manifest).await?;
        }
        Ok(Provided::Ready)
    }
}

/// Takes over what is in an existing namespace where our right is bound, once people agreed to it.
async fn take_over(
    work: &mut Work,
    cluster: &dyn Cluster,
    namespace: &NamespaceItem,
    part: &Part,
    may_recreate: bool,
) -> Result<Provided, Refusal> {
    let site = Site { cluster, environment: &work.environment, namespace };
    if let Agreed::Now(items) = site.agreed(part, may_recreate).await? {
        items.into_iter().for_each(|item| work.environment.inventory.adopt(item));
        return Ok(Provided::Noted);
    }
    for manifest in part.other_guards() {
        if !site.take(manifest, may_recreate).await? {
            return Ok(Provided::Noted);
        }
    }
    Ok(Provided::Ready)
}

/// Whether the type, by the configuration in force, lets objects be recreated: of importance only to what was there before us.
async fn may_recreate(context: &Context, environment: &Environment) -> Result<bool, Refusal> {
    if environment.inventory.adopted.is_empty() {
        return Ok(false);
    }
    let platform = context.platforms.in_force().await?;
    Ok(platform.may_recreate(&environment.kind))
}

/// Applies one guard. Our right in a new namespace takes the API server a moment to see.
async fn guard(context: &Context, cluster: &dyn Cluster, manifest: &Value) -> Result<(), Refusal> {
    let reference = objects::reference(manifest)?;
    let mut read = cluster.get(&reference).await;
    for _ in 0..RIGHT_TRIES {
        if !matches!(read, Err(CallError::Forbidden { .. })) {
            break;
        }
        context.time.sleep(RIGHT_PAUSE).await;
        read = cluster.get(&reference).await;
    }
    objects::bring_as_read(cluster, manifest, read?, false).await
}
