//! Clusters that the type no longer has: what is left there goes, once all that took its place is ready.
//!
//! create-dns has taken the names away that led there, and their changes have arrived. Resolvers may remember them a while
//! longer, and a call that was given up may still come; then the objects go, then the namespace.

use super::VerifyRollout;
use crate::{
    carry::{Next, Work},
    context::Context,
    step::{
        LATE_MARGIN,
        apply_to_eks::{Emptied, empty},
        create_dns::RECORD_LIFE,
        provision_environment::{fence, remove},
    },
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{inventory::NamespaceItem, name::ClusterName, plan::Plan, refusal::Refusal, sentence};
use std::collections::BTreeSet;

/// How long it may take until a cluster is left, before the generation needs attention.
const RETIRE_WITHIN: SignedDuration = SignedDuration::from_mins(30);
/// How long until what ends is looked at again.
const ENDING_PAUSE: SignedDuration = SignedDuration::from_secs(2);

impl VerifyRollout {
    /// Takes down what is in clusters that the plan does not have.
    pub(super) async fn retire(
        &self,
        context: &Context,
        work: &mut Work,
        plan: &Plan,
    ) -> Result<Next, Refusal> {
        let inventory = &work.environment.inventory;
        let left: BTreeSet<String> =
            inventory.clusters.difference(&plan.inventory.clusters).cloned().collect();
        if left.is_empty() {
            return Ok(Next::On);
        }
        let namespaces: Vec<NamespaceItem> =
            inventory.namespaces.iter().filter(|item| left.contains(&item.cluster)).cloned().collect();
        self.fence_off(context, work, &namespaces).await?;
        if let Some(until) = until_forgotten(context, work) {
            return Ok(Next::Wait { until, phase: None });
        }
        for namespace in namespaces {
            if empty(context, work, self.clusters.as_ref(), &namespace).await? == Emptied::Ending {
                return Ok(Next::Wait { until: context.now() + ENDING_PAUSE, phase: None });
            }
            if let Some(held_by) = remove(context, work, self.clusters.as_ref(), &namespace).await? {
                return self.held(context, work, &namespace, &held_by);
            }
            work.environment.inventory.forget_namespace(&namespace);
        }
        work.environment.inventory.clusters.retain(|cluster| !left.contains(cluster));
        Ok(Next::On)
    }

    /// Nothing older can write there any more.
    async fn fence_off(
        &self,
        context: &Context,
        work: &Work,
        namespaces: &[NamespaceItem],
    ) -> Result<(), Refusal> {
        for namespace in namespaces {
            let Ok(name) = namespace.cluster.parse::<ClusterName>() else { continue };
            let cluster = work.cluster(context, self.clusters.as_ref(), &name).await?;
            fence(&cluster, &namespace.name, &work.environment.mark, work.environment.carrying).await?;
        }
        Ok(())
    }

    fn held(
        &self,
        context: &Context,
        work: &Work,
        namespace: &NamespaceItem,
        held_by: &str,
    ) -> Result<Next, Refusal> {
        match context.now() >= work.environment.deadline {
            true => Err(Refusal::unavailable(sentence::held(&namespace.name, held_by))),
            false => Ok(Next::Wait { until: context.now() + ENDING_PAUSE, phase: None }),
        }
    }
}

/// Until when somebody may still be led there, or something may still be made there.
fn until_forgotten(context: &Context, work: &mut Work) -> Option<Timestamp> {
    let (now, environment) = (context.now(), &mut work.environment);
    if environment.retires_at.is_none() {
        environment.deadline = environment.deadline.max(now + RETIRE_WITHIN);
    }
    let forgotten = *environment.retires_at.get_or_insert(now + RECORD_LIFE);
    let late = environment.late_until.map(|late| late + LATE_MARGIN);
    Some(late.map_or(forgotten, |late| late.max(forgotten))).filter(|until| *until > now)
}
