//! provision-environment: the namespace, and what guards it.

mod namespace;

pub use namespace::{fence, remove};

use super::{
    Refused, StepWork,
    adoption::{Agreed, Takeover},
    apply_to_eks::may_recreate,
    objects, whose,
};
use crate::{
    carry::{Next, Work},
    context::{Context, Invocation},
    nouns::{CallError, Cluster, Clusters},
    record,
};
use jiff::SignedDuration;
use namespace::{Raised, Raising};
use roadstead_domain::{
    environment::Phase,
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

    async fn carry_out(&self, context: &Context, work: &mut Work, _: &Invocation) -> Result<Next, Refusal> {
        let environment = &work.environment;
        let plan = record::plan(context.state.as_ref(), &environment.id, environment.carrying).await?;
        let (mut ending, mut noted) = (false, false);
        for part in &plan.parts {
            let provided = self.provide(context, work, &plan, part).await;
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

    async fn undo(&self, context: &Context, work: &mut Work, _: &Invocation) -> Result<Next, Refusal> {
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
    ) -> Result<Provided, Refusal> {
        let cluster = work.cluster(context, self.clusters.as_ref(), &part.cluster).await?;
        let item = NamespaceItem { cluster: part.cluster.to_string(), name: plan.namespace.clone() };
        let raising = Raising { cluster: &cluster, environment: &work.environment, namespace: &item };
        match raising.raise(part).await? {
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
        if work.environment.inventory.adopted_namespace(&item).is_some() {
            return self.take_over(context, work, &cluster, &item, part).await;
        }
        for guard in part.guards.iter().filter(|guard| guard["kind"] != "Namespace") {
            guard_it(context, &cluster, guard).await?;
        }
        Ok(Provided::Ready)
    }

    /// Takes an existing namespace over: our own right first, so that we may look; the rest once people agreed to it.
    async fn take_over(
        &self,
        context: &Context,
        work: &mut Work,
        cluster: &dyn Cluster,
        namespace: &NamespaceItem,
        part: &Part,
    ) -> Result<Provided, Refusal> {
        let may_recreate = may_recreate(context, &work.environment).await?;
        let (own, others): (Vec<_>, Vec<_>) = part
            .guards
            .iter()
            .filter(|guard| guard["kind"] != "Namespace")
            .partition(|guard| guard["kind"] == "RoleBinding");
        for guard in own {
            guard_it(context, cluster, guard).await?;
        }
        let takeover = Takeover { cluster, namespace, environment: &work.environment, may_recreate };
        if let Agreed::Now(items) = takeover.agreed(part).await? {
            items.into_iter().for_each(|item| work.environment.inventory.adopt(item));
            return Ok(Provided::Noted);
        }
        for guard in others {
            if !takeover.take(guard).await? {
                return Ok(Provided::Noted);
            }
            objects::bring(cluster, guard, may_recreate).await?;
        }
        Ok(Provided::Ready)
    }
}

/// Applies one guard. Our right in a new namespace takes the API server a moment to see.
async fn guard_it(context: &Context, cluster: &dyn Cluster, guard: &Value) -> Result<(), Refusal> {
    for _ in 0..RIGHT_TRIES {
        let reference = objects::reference(guard)?;
        match cluster.get(&reference).await {
            Err(CallError::Forbidden { .. }) => context.time.sleep(RIGHT_PAUSE).await,
            _ => break,
        }
    }
    objects::bring(cluster, guard, false).await.map(|_| ())
}
